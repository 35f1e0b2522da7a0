"""Answers that a process keeps, so that an unchanged one is made once.

The key of an answer holds the revision of the data (see `Resource.revision`), so that an answer made from other data
is never found. What is kept is bounded in bytes, whatever clients ask for.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass

MOST_BYTES = 32 * 1024 * 1024
# What an entry takes beside its texts, roughly and on the safe side.
OVERHEAD = 2_000


@dataclass(frozen=True)
class Kept:
    """An answer: its bytes, and the headers that belong to them."""

    body: bytes
    headers: Mapping[str, str]


class Memo:
    """The answers used last, in at most `most_bytes`; safe to use from several threads."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self.most_bytes = most_bytes
        self.size = 0
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, Kept] = OrderedDict()

    def get(self, key: Hashable) -> Kept | None:
        """The answer with this key, if it is still kept."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def put(self, key: Hashable, kept: Kept) -> None:
        """Keep an answer, at the cost of those used longest ago; one that takes more than half of the room is not."""
        size = _size_of(key, kept)
        if size > self.most_bytes // 2:
            return
        with self._lock:
            self._drop(key)
            self._kept[key] = kept
            self.size += size
            while self.size > self.most_bytes:
                self._drop(next(iter(self._kept)))

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._kept.clear()
            self.size = 0

    def __len__(self) -> int:
        return len(self._kept)

    def _drop(self, key: Hashable) -> None:
        kept = self._kept.pop(key, None)
        if kept is not None:
            self.size -= _size_of(key, kept)


def _size_of(key: Hashable, kept: Kept) -> int:
    return len(kept.body) + 4 * len(str(key)) + OVERHEAD


# The answers of this process.
memo = Memo()
