"""In-memory stores of limited size, so that addresses made up by clients never evict the site's own."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from pzgent.kernel.validity import EVERYTHING, StateHistory

Headers = list[tuple[str, str]]
# Estimated overhead of an entry in bytes beyond its texts, on the safe side.
OVERHEAD = 2_000
MB = 1024 * 1024


@dataclass
class Form:
    """A response as one kind of client gets it: compressed or not, with the headers of its 304."""

    headers: Headers
    body: bytes
    tag: str
    # The headers of a 304, once one was requested.
    unchanged: Headers | None = None


@dataclass
class Entry:
    """A cached response, with the state of the data it was made from, its sources and its expiry time."""

    state: str
    made: float
    until: float
    headers: Headers
    body: bytes
    sources: frozenset[str] = frozenset((EVERYTHING,))
    # The scheme and host in its links.
    origin: str = ""
    # Django compresses a file itself, under an ETag of its own: this one is served uncompressed only.
    is_file: bool = False
    # The search query, if this is a search without results.
    unanswered: str = ""
    # Its served variants, by the mark of the notices in them and the content coding.
    forms: dict[tuple[str, Hashable], Form] = field(default_factory=dict)

    @cached_property
    def tag(self) -> str:
        """The ETag without the weak prefix; empty without one."""
        return self.get("etag").removeprefix("W/")

    @cached_property
    def is_page(self) -> bool:
        """Whether this is a page, which shows notices."""
        return self.get("content-type").startswith("text/html")

    def get(self, name: str) -> str:
        """Return a header by its lower-case name; empty if it is missing."""
        return next((value for known, value in self.headers if known.lower() == name), "")

    @cached_property
    def varying(self) -> set[str]:
        """The headers by which the response varies, apart from the content coding."""
        return varying_by(self.get("vary"))

    def is_right(self, state: str, history: StateHistory, now: float) -> bool:
        """Whether the response is still up to date in this state of the data."""
        if self.state != state:
            if not history.is_same(self.state, state, self.sources):
                return False
            self.state = state  # so that the history is searched only once
        return now < self.until

    @property
    def size(self) -> int:
        """Size in bytes, with room for the compressed variants."""
        return len(self.body) * 3 // 2 + OVERHEAD


def varying_by(header: str) -> set[str]:
    """Return the lower-case names in a `Vary` header, without the content coding, which each client negotiates."""
    return {name.strip().lower() for name in header.split(",")} - {"", "accept-encoding"}


class Room:
    """An LRU cache of at most `most_bytes`; thread-safe."""

    def __init__(self, most_bytes: int) -> None:
        self.most_bytes = most_bytes
        self.size = 0
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, Any] = OrderedDict()

    def get(self, key: Hashable) -> Entry | None:
        """Return the entry with this key; None if there is none."""
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
            return found

    def put(self, key: Hashable, entry: Entry) -> None:
        """Store an entry, evicting the least recently used; one larger than a quarter of the room is not stored."""
        with self._lock:
            self._drop(key)
            if entry.size > self.most_bytes // 4:
                return
            self._kept[key] = entry
            self.size += entry.size
            while self.size > self.most_bytes:
                self._drop(next(iter(self._kept)))

    def drop(self, key: Hashable) -> None:
        """Remove an entry."""
        with self._lock:
            self._drop(key)

    def clear(self) -> None:
        """Remove all entries."""
        with self._lock:
            self._kept.clear()
            self.size = 0

    def __len__(self) -> int:
        return len(self._kept)

    def _drop(self, key: Hashable) -> None:
        entry = self._kept.pop(key, None)
        if entry is not None:
            self.size -= entry.size
