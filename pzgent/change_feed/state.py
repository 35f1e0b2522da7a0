"""The state of the public data as one text, and the differences between two successive states."""

from __future__ import annotations

import time

from pzgent.change_feed.changes import is_numbered, read_feed
from pzgent.change_feed.revision import moment_of, revision
from pzgent.change_feed.sources import Sources
from pzgent.kernel.validity import Reading
from pzgent.models import FeedState

# Seconds that responses wait for a change to be numbered before they do without.
LONGEST_NUMBERING = 0.4
# Readings after which data that keeps changing is taken as it is.
MOST_READINGS = 5


def public_state() -> str:
    """Return a text that changes whenever the public data changes; two small queries."""
    return _state_of(revision(), read_feed())


def _state_of(data: str, feed: FeedState) -> str:
    return f"{data}.{feed.identity}.{feed.number}.{feed.fingerprint}"


class SettledState:
    """The state for one process, which waits briefly until an edit is numbered: it then changes once, not twice."""

    def __init__(self, patience: float = LONGEST_NUMBERING) -> None:
        self.patience = patience
        self.reading = Reading("", None)
        self.waiting_since: float | None = None
        self._sources = Sources()
        self._moment = ""

    def read(self) -> Reading:
        """Return the state and what changed since the last one; the last one again while a change is being numbered."""
        data, feed, now = revision(), read_feed(), time.monotonic()
        if is_numbered(feed, data):
            self.waiting_since = None
        elif self.waiting_since is None:
            self.waiting_since = now
        is_settled = self.waiting_since is None or now - self.waiting_since >= self.patience
        if (not self.reading.state or is_settled) and _state_of(data, feed) != self.reading.state:
            self.reading = self._read_differences(data, feed)
        return self.reading

    def _read_differences(self, data: str, feed: FeedState) -> Reading:
        """Read the differences within one state, so that what another process makes in that state is valid here too."""
        changed: set[str] | None = set() if moment_of(data) == self._moment else None
        for _reading in range(MOST_READINGS):
            state, self._moment = _state_of(data, feed), moment_of(data)
            found = self._sources.differences(feed.identity, feed.number)
            changed = None if changed is None or found is None else changed | found
            data, feed = revision(), read_feed()
            if _state_of(data, feed) == state:
                return Reading(state, changed if changed is None else frozenset(changed))
        self._sources = Sources()
        return Reading(state, None)
