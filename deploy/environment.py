"""Create or repair the virtual environment `.venv` and install a requirements file into it.

    python3 deploy/environment.py requirements.txt

Run it with the interpreter that the environment should use; it needs only the standard library. The environment is
recreated if it is incomplete, was created in another folder, or its interpreter was replaced by another version.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

DEPLOY = Path(__file__).resolve().parent
VENV = DEPLOY.parent / ".venv"
PYTHON = VENV / "bin" / "python"
# Written last: an environment without it is incomplete.
STAMP = VENV / "environment.json"
PROBE = "import importlib.util, sys; assert importlib.util.find_spec('pip'); print(*sys.version_info[:2], sep='.')"


def fail(message: str) -> NoReturn:
    """Exit with one sentence that says what to do."""
    sys.exit(f"make: {message}")


def read_stamp() -> dict[str, str]:
    """Return the record of the last complete run; empty if there was none."""
    try:
        stamp = json.loads(STAMP.read_text())
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def is_sound(stamp: dict[str, str]) -> bool:
    """Return whether the environment is where it was created, with its interpreter and pip."""
    if stamp.get("place") != str(VENV) or not PYTHON.exists():
        return False
    probe = subprocess.run([PYTHON, "-c", PROBE], capture_output=True, text=True, check=False)
    return probe.returncode == 0 and probe.stdout.strip() == stamp.get("version")


def create() -> None:
    """Create an empty environment, replacing whatever is there."""
    if VENV.is_symlink():
        VENV.unlink()
    shutil.rmtree(VENV, ignore_errors=True)
    made = subprocess.run([sys.executable, "-m", "venv", VENV], capture_output=True, text=True, check=False)
    if made.returncode:
        shutil.rmtree(VENV, ignore_errors=True)
        said = f"{made.stdout}{made.stderr}"
        if "ensurepip" in said or "No module named venv" in said:
            fail(
                "Python's venv module is missing. Install it (Debian, Ubuntu: apt install python3-venv), "
                "then run the same command again."
            )
        fail(f"the virtual environment {VENV} cannot be made: {said.strip() or 'no reason given'}")


def install(requirements: Path) -> None:
    """Install the pinned packages."""
    command = [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"]
    if subprocess.run([*command, "-r", requirements], check=False).returncode:
        fail(
            f"the packages of {requirements.name} were not installed; the lines above say why. "
            "Check the network connection and the free disk space, then run the same command again."
        )


def digest_of(requirements: Path) -> str:
    """Return the digest of a requirements file."""
    return hashlib.sha256(requirements.read_bytes()).hexdigest()


def main() -> None:
    """Bring the environment up to date with one requirements file."""
    requirements = DEPLOY / sys.argv[1]
    stamp = read_stamp()
    try:
        if not is_sound(stamp):
            create()
            stamp = {"place": str(VENV), "version": "{}.{}".format(*sys.version_info[:2])}
        if stamp.get(requirements.name) != digest_of(requirements):
            install(requirements)
            stamp[requirements.name] = digest_of(requirements)
            STAMP.write_text(json.dumps(stamp))
    except OSError as error:
        fail(f"{error.filename or VENV}: {error.strerror}. Mend that, then run the same command again.")


if __name__ == "__main__":
    main()
