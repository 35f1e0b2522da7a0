"""Starts the portal on this machine: prepares the database, the content and the static files, then serves.

Everything can be set by environment variables (see the README); what is not set gets a safe local value.
`serve.py COMMAND` runs one management command with the same settings.
"""

import hashlib
import os
import secrets
import socket
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VAR = ROOT / "var"
HOST = "127.0.0.1"


def fail(message: str) -> None:
    """Stop with one line that says what to do."""
    sys.exit(f"make run: {message}")


def chosen_port() -> int:
    """The port from PORT (default 8000)."""
    text = os.environ.get("PORT") or "8000"
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        fail(f"PORT must be a number from 1 to 65535, not “{text}”.")
    return int(text)


def require_free(port: int) -> None:
    """Stop when something already listens on the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            fail(
                f"port {port} is not free ({error.strerror}). Choose another one: make run PORT={port % 65535 + 1}"
            )


def set_environment() -> None:
    """Give this installation a secret key of its own that stays the same."""
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))
    from pzgent.private_files import UMASK, keep_private

    os.umask(UMASK)
    keep_private(VAR)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pzgent.settings")
    if not os.environ.get("SECRET_KEY"):
        path = VAR / "secret_key"
        if not path.exists():
            path.touch(mode=0o600)
            path.write_text(secrets.token_urlsafe(50))
        os.environ["SECRET_KEY"] = path.read_text().strip()


def static_fingerprint() -> str:
    """Changes when a source of the static files does."""
    sources = [path for path in (ROOT / "static").rglob("*") if path.is_file()]
    sources.append(ROOT / "deploy" / "requirements.txt")
    digest = hashlib.sha256()
    for path in sorted(sources):
        digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return digest.hexdigest()


def prepare() -> None:
    """Bring the database, the content and the static files up to date."""
    import django
    from django.core.management import CommandError, call_command
    from django.db import OperationalError

    django.setup()
    try:
        call_command("migrate", verbosity=0, interactive=False)
        call_command("load_plan")
        call_command("clearsessions")
    except (CommandError, OperationalError) as error:
        fail(str(error))
    stamp, fingerprint = VAR / "static.stamp", static_fingerprint()
    collected = (VAR / "static" / "staticfiles.json").exists()
    if not collected or not stamp.exists() or stamp.read_text() != fingerprint:
        call_command("collectstatic", verbosity=0, interactive=False, clear=True)
        stamp.write_text(fingerprint)


def serve(port: int) -> None:
    """Become the production server."""
    server = str(Path(sys.executable).with_name("granian"))
    print(f"The portal is on http://{HOST}:{port}/ and its admin on http://{HOST}:{port}/admin/")
    print("The first account for the admin is made with: make admin. Stop with Ctrl+C.", flush=True)
    workers = os.environ.get("WORKERS") or "2"
    options = ["--interface", "wsgi", "--host", HOST, "--port", str(port), "--workers", workers]
    options += ["--blocking-threads", "2", "--no-ws", "--log-level", "warning", "--respawn-failed-workers"]
    os.execv(server, [server, *options, "pzgent.wsgi:application"])  # noqa: S606  # our own server


def main() -> None:
    """Serve, or run the management command given."""
    set_environment()
    if len(sys.argv) > 1:
        from django.core.management import execute_from_command_line

        execute_from_command_line(["manage.py", *sys.argv[1:]])
        return
    port = chosen_port()
    require_free(port)
    prepare()
    serve(port)


if __name__ == "__main__":
    main()
