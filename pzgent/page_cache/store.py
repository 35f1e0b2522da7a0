"""The answers that a process keeps, in rooms of so many bytes: what clients make up never pushes out the site's own."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from pzgent.kernel.validity import EVERYTHING, StateHistory

Headers = list[tuple[str, str]]
# What an entry takes beside its texts, roughly and on the safe side.
OVERHEAD = 2_000
MB = 1024 * 1024


@dataclass
class Form:
    """An answer as one sort of client gets it: as it is or packed, and what says that nothing changed."""

    headers: Headers
    body: bytes
    tag: str
    # The headers of a 304, once one was asked for.
    unchanged: Headers | None = None


@dataclass
class Entry:
    """A kept answer, with the state of the data in which it was made, what it rests on and until when it is true."""

    state: str
    made: float
    until: float
    headers: Headers
    body: bytes
    sources: frozenset[str] = frozenset((EVERYTHING,))
    # The scheme and the name of the site in its links.
    origin: str = ""
    # The question to which it has no answer, if it is a search.
    unanswered: str = ""
    # As they were given: by the mark of the notices that stand in them, and the coding.
    forms: dict[tuple[str, Hashable], Form] = field(default_factory=dict)

    @cached_property
    def tag(self) -> str:
        """Its ETag without the sign of weakness; empty without one."""
        return self.get("etag").removeprefix("W/")

    @cached_property
    def is_page(self) -> bool:
        """Whether it is a page, on which notices stand."""
        return self.get("content-type").startswith("text/html")

    def get(self, name: str) -> str:
        """A header, in lower case; empty without one."""
        return next((value for known, value in self.headers if known.lower() == name), "")

    @cached_property
    def varying(self) -> set[str]:
        """The headers by which it varies, beside its coding."""
        return varying_by(self.get("vary"))

    def is_right(self, state: str, history: StateHistory, now: float) -> bool:
        """Whether it says what would be said now, in this state of the data."""
        if self.state != state:
            if not history.is_same(self.state, state, self.sources):
                return False
            self.state = state  # not to be asked again
        return now < self.until

    @property
    def size(self) -> int:
        """Bytes, with room for what is packed later."""
        return len(self.body) * 3 // 2 + OVERHEAD


def varying_by(header: str) -> set[str]:
    """The names in a `Vary`, in lower case, without the coding, which is chosen for each client."""
    return {name.strip().lower() for name in header.split(",")} - {"", "accept-encoding"}


class Room:
    """The entries used last, in at most `most_bytes`; safe to use from several threads."""

    def __init__(self, most_bytes: int) -> None:
        self.most_bytes = most_bytes
        self.size = 0
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, Any] = OrderedDict()

    def get(self, key: Hashable) -> Entry | None:
        """The entry with this key."""
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
            return found

    def put(self, key: Hashable, entry: Entry) -> None:
        """Keep an entry, at the cost of those used longest ago; one that takes a quarter of the room is not kept."""
        with self._lock:
            self._drop(key)
            if entry.size > self.most_bytes // 4:
                return
            self._kept[key] = entry
            self.size += entry.size
            while self.size > self.most_bytes:
                self._drop(next(iter(self._kept)))

    def drop(self, key: Hashable) -> None:
        """Forget an entry."""
        with self._lock:
            self._drop(key)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._kept.clear()
            self.size = 0

    def __len__(self) -> int:
        return len(self._kept)

    def _drop(self, key: Hashable) -> None:
        entry = self._kept.pop(key, None)
        if entry is not None:
            self.size -= entry.size
