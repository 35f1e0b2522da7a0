"""Files that only the account of the portal may read: the database, the secret key, uploads."""

import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

FOLDER, FILE, UMASK = 0o700, 0o600, 0o077
SQLITE_PARTS = ("", "-wal", "-shm", "-journal")


def keep_private(folder: Path, *more: Path) -> None:
    """Create the folder, remove the permissions of others on it and its contents, and on those of `more` that exist.

    Files of other owners, or on a read-only disk, stay as they are.
    """
    with suppress(OSError):
        folder.mkdir(mode=FOLDER, parents=True, exist_ok=True)
    for path in (folder, *_all_in(folder), *more):
        if not path.is_symlink():
            with suppress(OSError):
                _close(path)


def database_files(settings: Mapping[str, Any]) -> list[Path]:
    """Return the files of an SQLite database, creating the main one if missing; none if in memory or on a server."""
    name = str(settings.get("NAME") or "")
    is_file = name and ":memory:" not in name and not name.startswith("file:")
    if not is_file or not str(settings.get("ENGINE")).endswith("sqlite3"):
        return []
    main = Path(name)
    if main.parent.is_dir() and not main.exists():
        main.touch(mode=FILE)
    return [Path(f"{main}{part}") for part in SQLITE_PARTS]


def _close(path: Path) -> None:
    """Remove the permissions of everyone but the owner."""
    mode = path.stat().st_mode & 0o777
    if mode & UMASK:
        path.chmod(mode & ~UMASK)


def _all_in(folder: Path) -> Iterable[Path]:
    for parent, folders, files in os.walk(folder):
        yield from (Path(parent) / name for name in (*folders, *files))
