"""The background worker: keeps in the database what follows from the data, so that no public answer has to write.

That are the numbers of the change feed, the moments at which feeds, calendars and pages last changed, and the names
that units have since an organogram holds. One process of all does it: the one that holds a lock, until it ends. The
others wait for their turn. It is a thread beside the answers, or a process of its own (`manage.py work`).
"""

from __future__ import annotations

import fcntl
import logging
import threading
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.db import connection, transaction

from contact.closings import hours_states
from contact.models import Schedule
from organisation.models import Unit
from pzgent.api import EXPORTED
from pzgent.changes import fingerprint_of, number_differences, read_feed, require_own_identity
from pzgent.feeds import NoticeFeed, OrganogramFeed, ProjectFeed
from pzgent.models import FeedState
from pzgent.revision import forget_old_marks, revision
from pzgent.sitemaps import FixedPages
from pzgent.watermarks import State, remember

logger = logging.getLogger(__name__)
EVERY = 0.1  # seconds between two looks at the data
STANDBY = 1.0  # seconds between two tries to get the lock, or the database back
# The lock on PostgreSQL; it belongs to the database, so that each site has one.
LOCK = 0x707A67656E74


def bring_up_to_date() -> FeedState:
    """Number what changed since last time; return the state of the feed. Two small queries when nothing changed."""
    known = read_feed()
    if known.pk and require_own_identity(known).fingerprint == fingerprint_of(EXPORTED, revision()):
        return known
    with transaction.atomic():
        FeedState.objects.get_or_create(pk=1)
        feed = require_own_identity(FeedState.objects.select_for_update().get(pk=1))
        # An organogram that is published, or no longer, since a moment gives units their names.
        Unit.objects.all().sync_names()
        forget_old_marks()
        # Taken before the items are read: what is committed meanwhile differs from it, and is found next time.
        fingerprint = fingerprint_of(EXPORTED, revision())
        if fingerprint != feed.fingerprint:
            feed.number = number_differences(EXPORTED)
            remember(_shown())
            feed.fingerprint = fingerprint
            feed.save()
    return require_own_identity(feed)


def _shown() -> dict[str, State]:
    """Everything of which it is told when it last changed."""
    return {
        **NoticeFeed().state(),
        **ProjectFeed().state(),
        **OrganogramFeed().state(),
        **FixedPages.states(),
        **hours_states(Schedule.objects.all()),
    }


class Worker:
    """Brings everything up to date, again and again, while it is the one that does so."""

    def __init__(self) -> None:
        self._stopped = threading.Event()
        # What the lock belongs to: a connection to PostgreSQL, or an open file beside the database of SQLite.
        self._lock: Any = None
        self._is_failing = False

    def start(self) -> None:
        """Work in a thread of its own from now on."""
        threading.Thread(target=self.work, daemon=True, name="worker").start()

    def stop(self) -> None:
        """End after the work at hand."""
        self._stopped.set()

    def work(self) -> None:
        """Work until it is stopped."""
        while not self._stopped.wait(self.look()):
            pass
        connection.close()

    def look(self) -> float:
        """Do what there is to do; return after how many seconds to look again."""
        try:
            is_elected = self._is_elected()
            if is_elected:
                bring_up_to_date()
            else:
                # Also a machine that leaves the work to another one notices that the database was restored.
                known = read_feed()
                if known.pk:
                    require_own_identity(known)
        except Exception:
            if not self._is_failing:
                logger.exception("The change feed cannot be brought up to date")
            self._is_failing = True
            connection.close()
            return STANDBY
        self._is_failing = False
        return EVERY if is_elected else STANDBY

    def _is_elected(self) -> bool:
        """Whether this is the one that does the work: it holds the lock, or gets it now."""
        if connection.vendor == "sqlite":
            self._lock = self._lock or _lock_beside(settings.DATABASES["default"]["NAME"])
            return self._lock is not None
        # A connection that was made anew holds no lock.
        if self._lock is None or self._lock is not connection.connection:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
                self._lock = connection.connection if cursor.fetchone()[0] else None
        return self._lock is not None


def _lock_beside(database: str) -> IO[str] | None:
    """Lock a file beside a database; it stays locked while it is open. None where somebody else holds it."""
    try:
        file = Path(f"{database}.worker").open("a")  # noqa: SIM115  # locked for as long as it is open
    except OSError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        return None
    return file
