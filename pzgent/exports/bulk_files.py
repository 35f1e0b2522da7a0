"""On-disk cache of bulk files, each generated once per state of the data, however many clients ask for it.

Only one file is generated at a time per machine, and few requests wait for one, so that pages always find a free
request thread. While a newer file is being generated, other requests get the older one, which identifies its state.
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
# Number of requests per process that may wait for a file that exists in no state at all, and for how many seconds.
MOST_WAITING = 2
LONGEST_WAIT = 20.0
PAUSE = 0.05
# Returns the identity of the feed, its newest number before the data are read, and the file in chunks.
Make = Callable[[], tuple[str, int, Iterable[bytes]]]
_waiting = threading.BoundedSemaphore(MOST_WAITING)


class Busy(Exception):
    """Raised if the file does not exist yet and cannot be generated now."""


@dataclass(frozen=True)
class BulkFile:
    """A file on disk, with the digest of its state, and the feed and number from which a copy continues."""

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
        """Newest number of the feed when the file was generated."""
        return int(self.path.name.split("-")[3])


def get_file(subject: tuple[str, ...], state: str, make: Make) -> BulkFile:
    """Return the file for a subject in this state, or an older one while it is being generated. Raise Busy."""
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
    """Return the files for a subject, newest first."""
    return [BulkFile(path) for path in sorted(_folder().glob(f"{name}-*"), key=_age)]


def _age(path: Path) -> float:
    try:
        return -path.stat().st_mtime
    except FileNotFoundError:  # replaced in the meantime
        return 0.0


def _forget_oldest(newest: BulkFile) -> None:
    """Limit the disk usage of all files together, evicting the oldest, but never the newest one."""
    size = 0
    for path in sorted(_folder().glob("*-*"), key=_age):
        size += path.stat().st_size if path.exists() else 0
        if size > MOST_BYTES and path != newest.path:
            path.unlink(missing_ok=True)


@contextmanager
def _turn(*, may_wait: bool) -> Iterator[bool]:
    """Hold the lock for generating files; yield whether it was acquired, always true with `may_wait`. Raise Busy."""
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
    """Try to lock the file for some seconds; return whether that succeeded. Closing the file releases the lock."""
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
