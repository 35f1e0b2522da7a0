"""Starts the portal on this machine: prepares the database, the content and the static files, then serves.

Everything can be set by environment variables (see the README); unset ones get safe local values. `serve.py prepare`
only prepares; `serve.py COMMAND` runs one management command with the same settings. When started by systemd with a
socket, it serves there (see `server.py`), otherwise on PORT.
"""

import errno
import hashlib
import os
import secrets
import socket
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VAR = Path(os.environ.get("VAR_DIR") or ROOT / "var")
HOST = "127.0.0.1"
MANIFEST = "staticfiles.json"


def fail(message: str) -> None:
    """Exit with one line that says what to do."""
    sys.exit(f"make run: {message}")


def chosen_port() -> int:
    """Return the port from PORT (default 8000)."""
    text = os.environ.get("PORT") or "8000"
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        fail(f"PORT must be a number from 1 to 65535, not “{text}”.")
    return int(text)


def require_free(port: int) -> None:
    """Exit if the port is already in use."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            fail(
                f"port {port} is not free ({error.strerror}). Choose another one: make run PORT={port % 65535 + 1}"
            )


def set_environment() -> None:
    """Prepare the process, and give this installation a permanent secret key of its own."""
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))
    from pzgent.kernel.private_files import UMASK, keep_private

    os.umask(UMASK)
    VAR.mkdir(exist_ok=True)
    keep_private(VAR)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pzgent.settings")
    if not os.environ.get("SECRET_KEY"):
        os.environ["SECRET_KEY"] = secret_key()


def secret_key() -> str:
    """Return the key in `var/secret_key`; replace an empty file, which a full disk may leave behind."""
    path = VAR / "secret_key"
    key = path.read_text().strip() if path.exists() else None
    if key:
        return key
    if key == "":
        print(f"make run: {path} was empty; a new key was made, so editors have to sign in again.")
    key = secrets.token_urlsafe(50)
    # Write it completely or not at all: never an empty file again.
    draft = path.with_suffix(".new")
    draft.touch(mode=0o600)
    draft.write_text(key)
    draft.replace(path)
    return key


def static_fingerprint() -> str:
    """Return a digest that changes with the sources of the static files."""
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
    from django.db import DatabaseError

    django.setup()
    try:
        call_command("migrate", verbosity=0, interactive=False)
        call_command("load_plan")
        call_command("clearsessions")
        number_new_data()
    except CommandError as error:
        fail(str(error))
    except DatabaseError as error:
        if not (is_away(error) and has_copies()):
            fail(database_advice(str(error)))
        print(
            "make run: the database does not answer. The last good copy of the site is shown until it does."
        )
    stamp, fingerprint = VAR / "static.stamp", static_fingerprint()
    collected = (VAR / "static" / MANIFEST).exists()
    if not collected or not stamp.exists() or stamp.read_text() != fingerprint:
        collect_static()
        stamp.write_text(fingerprint)
    from pzgent.operations.emergency import write_pages

    with suppress(OSError):  # a full disk must not prevent serving; `manage.py doctor` reports it
        write_pages()


def number_new_data() -> None:
    """Fill the change feed of a new site, which takes more memory than a server should hold on to.

    On an existing site, its own worker continues the feed.
    """
    from pzgent.change_feed.changes import read_feed
    from pzgent.worker import bring_up_to_date

    if not read_feed().identity:
        bring_up_to_date()


def collect_static() -> None:
    """Add the static files of this release to those of earlier releases, which older pages still refer to.

    The manifest comes last, so that every file in it exists.
    """
    from django.conf import settings
    from django.core.management import call_command

    place = settings.STATIC_ROOT
    with tempfile.TemporaryDirectory(dir=VAR) as draft:
        settings.STATIC_ROOT = draft
        call_command("collectstatic", verbosity=0, interactive=False)
        settings.STATIC_ROOT = place
        made = [path for path in Path(draft).rglob("*") if path.is_file()]
        for path in sorted(made, key=lambda path: path.name == MANIFEST):
            target = place / path.relative_to(draft)
            target.parent.mkdir(parents=True, exist_ok=True)
            path.replace(target)


def is_away(error: Exception) -> bool:
    """Return whether a database server is unreachable, as it may be when a machine has just started."""
    from django.conf import settings
    from django.db import OperationalError

    return isinstance(error, OperationalError) and "postgresql" in settings.DATABASES["default"]["ENGINE"]


def has_copies() -> bool:
    """Return whether there is a fallback copy of the site."""
    from django.conf import settings

    return any(settings.PAGES_FOLDER.glob("*/*"))


def database_advice(error: str) -> str:
    """Return advice on a database error, chosen by its message."""
    from django.conf import settings

    place = settings.DATABASES["default"]["NAME"]
    causes = {
        "not a database": f"the database file {place} is damaged. Put your last backup in its place, or move it away "
        "to start with an empty one.",
        "malformed": f"the database file {place} is damaged. Put your last backup in its place, or move it away to "
        "start with an empty one.",
        "is full": f"the disk that holds {place} is full. Free some space, then start again.",
        "disk I/O error": f"the disk that holds {place} cannot be read or written. Check it, then start again.",
        "readonly": f"the database file {place} cannot be written. Give the account that runs the site the right to.",
        "unable to open": f"the database file {place} cannot be opened. Check the rights on its folder.",
        "locked": f"another program keeps the database file {place} locked. End it, then start again.",
    }
    advice = next((text for sign, text in causes.items() if sign in error), "")
    return f"{advice or 'the database refused to work.'} ({error.strip()})"


def has_socket() -> bool:
    """Return whether systemd passed a listening socket to this process."""
    return os.environ.get("LISTEN_PID") == str(os.getpid())


def serve(port: int | None = None) -> None:
    """Replace this process by the production server, on a local port or else on the socket of systemd.

    The server imports the project itself where it needs it.
    """
    options = [] if port is None else ["--port", str(port)]
    if port is not None:
        print(f"The portal is on http://{HOST}:{port}/ and its admin on http://{HOST}:{port}/admin/")
        print("The first account for the admin is made with: make admin. Stop with Ctrl+C.", flush=True)
    server = Path(__file__).absolute().with_name("server.py")
    os.execv(sys.executable, [sys.executable, str(server), *options])  # noqa: S606  # our own server


def main() -> None:
    """Serve, or run the given management command; a disk error ends in one sentence."""
    try:
        start()
    except OSError as error:
        reasons = {
            errno.ENOSPC: "the disk is full. Free some space, then start again.",
            errno.EACCES: "this account may not write there. Give it the right to, then start again.",
            errno.EROFS: "that disk is read-only. Make it writable, then start again.",
        }
        known = reasons.get(error.errno or 0, "check that path, then start again.")
        fail(f"{error.filename or VAR}: {error.strerror}: {known}")


def start() -> None:
    """Serve, or run the given management command."""
    set_environment()
    if sys.argv[1:] == ["prepare"]:
        prepare()
        return
    if len(sys.argv) > 1:
        from django.core.management import execute_from_command_line

        execute_from_command_line(["manage.py", *sys.argv[1:]])
        return
    if has_socket():
        prepare()
        serve()
    port = chosen_port()
    require_free(port)
    prepare()
    serve(port)


if __name__ == "__main__":
    main()
