"""Keeps bulk files on disk, each made once per state of the data, whoever asks and however many do.

Only one file is made at a time on a machine, and few requests wait for one, so that pages always find a free thread.
While a newer file is being made everybody else gets the older one, which names the state that it holds.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from django.conf import settings

MOST_BYTES = 256 * 1024 * 1024
# How many requests of a process may wait for a file that does not exist in any state, and for how many seconds.
MOST_WAITING = 2
LONGEST_WAIT = 20.0
PAUSE = 0.05
# Gives the feed's identity, its newest number before the data are read, and the file piece by piece.
Make = Callable[[], tuple[str, int, Iterable[bytes]]]
_waiting = threading.BoundedSemaphore(MOST_WAITING)


class Busy(Exception):
    """The file does not exist yet and cannot be made at this moment."""


@dataclass(frozen=True)
class BulkFile:
    """A file on disk: the digest of the state that it holds, and the feed and number that a copy goes on from."""

    path: Path

    @property
    def state(self) -> str:
        """Digest of the state of the data."""
        return self.path.name.split("-")[1]

    @property
    def feed(self) -> str:
        """Identity of the change feed."""
        return self.path.name.split("-")[2]

    @property
    def number(self) -> int:
        """Newest number of the feed when the file was made."""
        return int(self.path.name.split("-")[3])


def get_file(subject: tuple[str, ...], state: str, make: Make) -> BulkFile:
    """Return the file about a subject in a state, or an older one while somebody makes it. Raises Busy."""
    name = hashlib.sha256("\n".join(subject).encode()).hexdigest()[:32]
    found = _kept(name)
    current = next((file for file in found if file.state == state), None)
    if current is not None:
        return current
    with _turn(may_wait=not found) as is_ours:
        if not is_ours:
            return found[0]
        again = next((file for file in _kept(name) if file.state == state), None)
        return again or _write(f"{name}-{state}", make)


def _write(name: str, make: Make) -> BulkFile:
    feed, number, parts = make()
    draft = _folder() / f"draft.{os.getpid()}.{threading.get_ident()}"
    try:
        with draft.open("wb") as file:
            file.writelines(parts)
        made = BulkFile(draft.rename(_folder() / f"{name}-{feed}-{number}"))
    except OSError as error:
        raise Busy from error
    finally:
        draft.unlink(missing_ok=True)
    for older in _kept(name.split("-")[0]):
        if older != made:
            older.path.unlink(missing_ok=True)
    _forget_oldest(made)
    return made


def _kept(name: str) -> list[BulkFile]:
    """Return the files about a subject, the newest first."""
    return [BulkFile(path) for path in sorted(_folder().glob(f"{name}-*"), key=_age)]


def _age(path: Path) -> float:
    try:
        return -path.stat().st_mtime
    except FileNotFoundError:  # replaced in this moment
        return 0.0


def _forget_oldest(newest: BulkFile) -> None:
    """Bound what all files take on disk, whatever clients ask for."""
    size = 0
    for path in sorted(_folder().glob("*-*"), key=_age):
        size += path.stat().st_size if path.exists() else 0
        if size > MOST_BYTES and path != newest.path:
            path.unlink(missing_ok=True)


@contextmanager
def _turn(*, may_wait: bool) -> Iterator[bool]:
    """Take the one turn to make a file; give False when somebody has it and there is no need to wait. Raises Busy."""
    with (_folder() / "lock").open("w") as lock:
        taken = _take(lock)
        if not taken and may_wait:
            if not _waiting.acquire(blocking=False):
                raise Busy
            try:
                taken = _take(lock, LONGEST_WAIT)
            finally:
                _waiting.release()
            if not taken:
                raise Busy
        yield taken


def _take(lock: IO[str], seconds: float = 0.0) -> bool:
    """Lock the file, trying for some seconds; its closing unlocks it. Return whether that succeeded."""
    last = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= last:
                return False
            time.sleep(PAUSE)
        else:
            return True


def _folder() -> Path:
    folder = Path(settings.BULK_FOLDER)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder
