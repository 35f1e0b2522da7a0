"""The background worker: keeps in the database what follows from the data, so that no public answer has to write.

That are the numbers of the change feed, the moments at which feeds, calendars and pages last changed, and the names
that units have since an organogram holds. One process of all does it: the one that holds a lock, until it ends. The
others wait for their turn. It is a thread beside the answers, or a process of its own (`manage.py work`).

After a change it compares what that may have changed. It compares everything when it begins with data that it does not
know, when a day or a moment of publication has passed, and when the marks do not say what changed.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Model
from psycopg.errors import SerializationFailure

from contact.closings import hours_states
from contact.models import Channel, Notice, Schedule, Topic
from organisation.models import Organogram, Placement, Unit
from projects.models import Plan, Project
from pzgent.change_feed.affected import ChangedRows, affected_objects, changed_rows
from pzgent.change_feed.changes import fingerprint_of, number_differences, read_feed, require_own_identity
from pzgent.change_feed.revision import moment_of, revision, with_few_marks
from pzgent.kernel.shared_files import hold
from pzgent.kernel.watermarks import State, remember
from pzgent.models import DataChange, FeedState
from pzgent.registry.collections import EXPORTED
from pzgent.syndication.feeds import NoticeFeed, OrganogramFeed, ProjectFeed
from pzgent.syndication.sitemaps import FixedPages

logger = logging.getLogger(__name__)
EVERY = 0.1  # seconds between two looks at the data
STANDBY = 1.0  # seconds between two tries to get the lock, or the database back
# The lock on PostgreSQL; it belongs to the database, so that each site has one.
LOCK = 0x707A67656E74
# Everything of which it is told when it last changed, and the models that it is made from.
SHOWN: tuple[tuple[Callable[[], dict[str, State]], set[type[Model]]], ...] = (
    (lambda: NoticeFeed().state(), {Notice}),
    (lambda: ProjectFeed().state(), {Project, Plan}),
    (lambda: OrganogramFeed().state(), {Organogram, Placement}),  # units that are hidden count as places
    (FixedPages.states, set(FixedPages.models())),
    (lambda: hours_states(Schedule.objects.all()), {Schedule, Channel, Topic}),
)


class Numbering:
    """Brings what follows from the data up to date, and remembers how far that came."""

    def __init__(self) -> None:
        # The marks of the data that were compared, and the fingerprint and the moment of these.
        self.marks: set[int] = set()
        self.fingerprint = self.moment = ""

    def bring_up_to_date(self) -> FeedState:
        """Number what changed since last time; return the state of the feed. Two small queries when nothing changed."""
        known = read_feed()
        if known.pk and require_own_identity(known).fingerprint == fingerprint_of(EXPORTED, revision()):
            if self.fingerprint != known.fingerprint:
                self._go_on_from(known)
            return known
        with _one_snapshot():
            FeedState.objects.get_or_create(pk=1)
            feed = require_own_identity(FeedState.objects.select_for_update().get(pk=1))
            # Read before the objects: what is committed meanwhile has other marks, and is found next time.
            marks = _read_marks()
            data = _revision_of(marks)
            is_known = feed.fingerprint == self.fingerprint and self.marks <= marks
            rows = changed_rows(marks - self.marks) if is_known and moment_of(data) == self.moment else None
            if _sync_names(rows):
                marks = _read_marks()
                rows = changed_rows(marks - self.marks) if rows is not None else None
            marks = with_few_marks(marks)
            data = _revision_of(marks)
            feed.number = number_differences(EXPORTED, _affected_by(rows))
            for states, models in SHOWN:
                if rows is None or any(rows.get(model, []) != [] for model in models):
                    remember(states())
            feed.fingerprint = fingerprint_of(EXPORTED, data)
            feed.save()
        self.marks, self.fingerprint, self.moment = marks, feed.fingerprint, moment_of(data)
        return require_own_identity(feed)

    def _go_on_from(self, feed: FeedState) -> None:
        """Take over where another process left off, unless the data change at this moment."""
        marks = _read_marks()
        data = _revision_of(marks)
        if fingerprint_of(EXPORTED, data) == feed.fingerprint:
            self.marks, self.fingerprint, self.moment = marks, feed.fingerprint, moment_of(data)


@contextmanager
def _one_snapshot() -> Iterator[None]:
    """A transaction that sees the data of one moment: a move in a tree between two queries would hide what it moved.

    SQLite has no other. Within a transaction of somebody else, that one decides. Raises OperationalError when somebody
    changed meanwhile what is written here.
    """
    is_own = not connection.in_atomic_block
    with transaction.atomic():
        if is_own and connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield


def bring_up_to_date() -> FeedState:
    """Compare everything, where the data differ from last time; return the state of the feed."""
    return Numbering().bring_up_to_date()


def _affected_by(rows: ChangedRows | None) -> dict[str, set[UUID] | None]:
    """The ids of the objects to compare, by collection; None for all of them."""
    return {
        name: affected_objects(kind, rows) if rows is not None else None for name, kind in EXPORTED.items()
    }


def _read_marks() -> set[int]:
    return set(DataChange.objects.values_list("mark", flat=True))


def _revision_of(marks: set[int]) -> str:
    return revision((len(marks), sum(marks)))


def _sync_names(rows: ChangedRows | None) -> int:
    """Give units the names that they have since an organogram holds, or no longer does; return how many got another."""
    if rows is not None and not rows.keys() & {Organogram, Placement}:
        return 0
    own = rows.get(Unit) if rows is not None and Organogram not in rows else None
    units = Unit.objects.all() if own is None else Unit.objects.filter(pk__in=[row["id"] for row in own])
    return units.sync_names()


class Worker:
    """Brings everything up to date, again and again, while it is the one that does so."""

    def __init__(self) -> None:
        self.numbering = Numbering()
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
                self.numbering.bring_up_to_date()
            else:
                # Also a machine that leaves the work to another one notices that the database was restored.
                known = read_feed()
                if known.pk:
                    require_own_identity(known)
        except Exception as error:
            if isinstance(error.__cause__, SerializationFailure):
                return EVERY  # an editor was first, and nothing was written
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
            self._lock = self._lock or hold(Path(f"{settings.DATABASES['default']['NAME']}.worker"))
            return self._lock is not None
        # A connection that was made anew holds no lock.
        if self._lock is None or self._lock is not connection.connection:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
                self._lock = connection.connection if cursor.fetchone()[0] else None
        return self._lock is not None
