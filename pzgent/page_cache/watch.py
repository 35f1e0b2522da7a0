"""Tracks the state of the data, and detects an unreachable database, including one that hangs.

One thread per process reads the revision on a connection of its own. A second thread watches the clock: a hanging
server keeps its connections open and never answers, which no timeout of the client library covers. In that case all
sockets to it are shut down, so that waiting threads get an error and become free again; and no other thread tries to
connect until the thread that reads the revision gets an answer (`pzgent/kernel/postgresql/breaker.py`).
"""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
import weakref
from collections.abc import Callable
from typing import Any

from django.db import connection
from django.db.backends.signals import connection_created

from pzgent.kernel.postgresql import breaker
from pzgent.kernel.validity import Reading, StateHistory

logger = logging.getLogger(__name__)
EVERY = 0.2  # seconds between two readings
PATIENCE = 1.5  # seconds after which a database that has not answered counts as hanging
FIRST_ANSWER = 3.0  # seconds that the first request waits for the state


class Watch:
    """The state of the data as known to one process."""

    def __init__(self, read: Callable[[], Reading]) -> None:
        self.read = read
        # Changes whenever the public data changes; empty while unknown.
        self.state = ""
        # The previous state, and when it ended by the monotonic clock.
        self.state_before, self.changed_at = "", 0.0
        self.history = StateHistory()
        self.is_down = False
        # Called at intervals, also while the database is unreachable.
        self.on_tick: Callable[[], None] | None = None
        self._asked_at: float | None = None
        self._known = threading.Event()
        self._starting = threading.Lock()
        self._started = False
        self._stopped = threading.Event()

    def start(self) -> None:
        """Start tracking; wait briefly for the first answer. Further calls do nothing."""
        if self._started:
            return
        with self._starting:
            if not self._started:
                connection_created.connect(_remember)
                for work in (self._follow, self._look_at_the_clock):
                    threading.Thread(target=work, daemon=True, name=f"page-cache{work.__name__}").start()
                self._known.wait(FIRST_ANSWER)
                self._started = True

    def stop(self) -> None:
        """Stop both threads."""
        self._stopped.set()

    def look(self) -> None:
        """Read the state once."""
        self._asked_at = time.monotonic()
        try:
            with breaker.trying():
                state, changed = self.read()
        except Exception as error:  # noqa: BLE001  # whatever fails, cached responses are served
            self._note_absence(error)
            if not connection.in_atomic_block:  # it is in tests, which run in one transaction
                connection.close_if_unusable_or_obsolete()
            return
        finally:
            self._asked_at = None
        if self.is_down:
            logger.warning("The database answers again")
        if state != self.state:
            self.history.note(state, changed)
            self.state_before, self.changed_at, self.state = self.state, time.monotonic(), state
        self.is_down = False
        breaker.set_open(False)
        self._known.set()

    def _follow(self) -> None:
        while not self._stopped.wait(EVERY):
            self.look()
        connection.close()

    def _look_at_the_clock(self) -> None:
        while not self._stopped.wait(EVERY):
            asked_at = self._asked_at
            if asked_at is not None and time.monotonic() - asked_at > PATIENCE:
                self._note_absence(TimeoutError("the database does not answer"))
                shut_connections()
            if self.on_tick is not None:
                try:
                    self.on_tick()
                except Exception:
                    logger.exception("What goes with the pages cannot be read")

    def _note_absence(self, error: Exception) -> None:
        if not self.is_down:
            logger.error("Pages are given from what is kept: %s", error)
        self.is_down = True
        breaker.set_open(True)
        self._known.set()


_connections: weakref.WeakSet[Any] = weakref.WeakSet()
_remembering = threading.Lock()


def _remember(connection: Any, **_rest: Any) -> None:
    """Remember this process's connections to a PostgreSQL server."""
    if connection.vendor == "postgresql":
        with _remembering:
            _connections.add(connection.connection)


def shut_connections() -> None:
    """Shut down every connection of this process to the server, also those with waiting threads."""
    with _remembering:
        known = [one for one in _connections if not one.closed]
        _connections.clear()
    for one in known:
        try:
            with socket.socket(fileno=os.dup(one.fileno())) as shared:
                shared.shutdown(socket.SHUT_RDWR)
        except Exception:  # noqa: BLE001, S112  # it was closed meanwhile
            continue
