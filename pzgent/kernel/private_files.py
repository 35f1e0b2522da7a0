"""Files that only the account of the portal may read: the database, the secret key, uploads."""

import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

FOLDER, FILE, UMASK = 0o700, 0o600, 0o077
SQLITE_PARTS = ("", "-wal", "-shm", "-journal")


def keep_private(folder: Path, *more: Path) -> None:
    """Make the folder, close it and everything in it to others, and do so with `more`, where these exist.

    What belongs to somebody else, or stands on a disk that is not written to, stays as it is.
    """
    with suppress(OSError):
        folder.mkdir(mode=FOLDER, parents=True, exist_ok=True)
    for path in (folder, *_all_in(folder), *more):
        if not path.is_symlink():
            with suppress(OSError):
                _close(path)


def database_files(settings: Mapping[str, Any]) -> list[Path]:
    """The files of an SQLite database, the main one made if it is not there; none for one in memory or on a server."""
    name = str(settings.get("NAME") or "")
    is_file = name and ":memory:" not in name and not name.startswith("file:")
    if not is_file or not str(settings.get("ENGINE")).endswith("sqlite3"):
        return []
    main = Path(name)
    if main.parent.is_dir() and not main.exists():
        main.touch(mode=FILE)
    return [Path(f"{main}{part}") for part in SQLITE_PARTS]


def _close(path: Path) -> None:
    """Take the rights of all but the owner."""
    mode = path.stat().st_mode & 0o777
    if mode & UMASK:
        path.chmod(mode & ~UMASK)


def _all_in(folder: Path) -> Iterable[Path]:
    for parent, folders, files in os.walk(folder):
        yield from (Path(parent) / name for name in (*folders, *files))
