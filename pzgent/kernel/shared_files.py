"""Files shared by several processes: written atomically, or locked by one of them."""

from __future__ import annotations

import fcntl
import os
import threading
from contextlib import suppress
from pathlib import Path
from typing import IO

from pzgent.kernel.private_files import FILE, FOLDER


def write_whole(path: Path, content: bytes, *, at_once: bool = False) -> None:
    """Write a file atomically, readable by its owner alone: readers see the old or the new content, never a part.

    A file written by root is given to the owner of the folder around it. With `at_once` it is flushed to disk before
    this returns. Raises OSError.
    """
    draft = path.with_name(f"{path.name}.{os.getpid()}.{threading.get_ident()}")
    try:
        with open(draft, "wb", opener=lambda name, flags: os.open(name, flags, FILE)) as file:
            file.write(content)
            if at_once:
                file.flush()
                os.fsync(file.fileno())
        _give_to_owner(path.parent)
        _give_to_owner(draft)
        draft.replace(path)
    except OSError:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        raise


def _give_to_owner(path: Path) -> None:
    if os.geteuid() == 0:
        around = path.parent.stat()
        os.chown(path, around.st_uid, around.st_gid)


def hold(path: Path) -> IO[str] | None:
    """Lock a file for as long as it stays open; None if another process holds it, or it cannot be written."""
    try:
        path.parent.mkdir(mode=FOLDER, parents=True, exist_ok=True)
        file = path.open("a")
    except OSError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        return None
    return file
