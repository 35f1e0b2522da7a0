"""The background worker: publishes working copies at their moment, sends mail, and stores derived data in the database.

No public response thus has to write.

Derived data is the numbers of the change feed, the moments when feeds, calendars and pages last changed, and the names
that units have since an organogram came into force. One elected process does the work: the one that holds a lock, until
it ends. The others stand by. It runs as a thread of a web process, or as a process of its own (`manage.py work`).

After a change it compares what may have changed. It compares everything when it starts with data that it does not know,
when a day or a moment of publication has passed, and when the marks do not tell what changed.
"""

from __future__ import annotations

import datetime
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Model
from django.utils import timezone
from psycopg.errors import SerializationFailure

from contact.closings import hours_states
from contact.models import Channel, Notice, Schedule, Topic
from organisation.models import Organogram, Placement, Unit
from projects.models import Plan, Project
from pzgent.change_feed.affected import ChangedRows, affected_objects, changed_rows
from pzgent.change_feed.changes import fingerprint_of, number_differences, read_feed, require_own_identity
from pzgent.change_feed.revision import moment_of, revision, with_few_marks
from pzgent.desk.mail import send_desk_mail
from pzgent.desk.retention import delete_outdated
from pzgent.kernel.shared_files import hold
from pzgent.kernel.versions.copies import publish_due
from pzgent.kernel.watermarks import State, remember
from pzgent.models import DataChange, FeedState
from pzgent.registry.collections import EXPORTED
from pzgent.syndication.feeds import NoticeFeed, OrganogramFeed, ProjectFeed
from pzgent.syndication.sitemaps import FixedPages

logger = logging.getLogger(__name__)
EVERY = 0.1  # seconds between two checks for changes
MAIL_EVERY = 10.0  # seconds between two looks for mail to send
STANDBY = 1.0  # seconds between two attempts to get the lock, or to reach the database again
# The advisory lock on PostgreSQL; it belongs to the database, so that each site has its own.
LOCK = 0x707A67656E74
# Everything whose last change is recorded, and the models that it is made from.
SHOWN: tuple[tuple[Callable[[], dict[str, State]], set[type[Model]]], ...] = (
    (lambda: NoticeFeed().state(), {Notice}),
    (lambda: ProjectFeed().state(), {Project, Plan}),
    (lambda: OrganogramFeed().state(), {Organogram, Placement}),  # hidden units count as placements
    (FixedPages.states, set(FixedPages.models())),
    (lambda: hours_states(Schedule.objects.all()), {Schedule, Channel, Topic}),
)


class Numbering:
    """Updates derived data, and remembers how far it has come."""

    def __init__(self) -> None:
        # The marks of the data last compared, with their fingerprint and moment.
        self.marks: set[int] = set()
        self.fingerprint = self.moment = ""

    def bring_up_to_date(self) -> FeedState:
        """Number the changes since the last call; return the feed state. Two small queries if nothing changed."""
        known = read_feed()
        if known.pk and require_own_identity(known).fingerprint == fingerprint_of(EXPORTED, revision()):
            if self.fingerprint != known.fingerprint:
                self._go_on_from(known)
            return known
        with _one_snapshot():
            FeedState.objects.get_or_create(pk=1)
            feed = require_own_identity(FeedState.objects.select_for_update().get(pk=1))
            # Read before the objects: a change committed in between has other marks, and is found next time.
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
        """Continue where another process left off, unless the data is changing right now."""
        marks = _read_marks()
        data = _revision_of(marks)
        if fingerprint_of(EXPORTED, data) == feed.fingerprint:
            self.marks, self.fingerprint, self.moment = marks, feed.fingerprint, moment_of(data)


@contextmanager
def _one_snapshot() -> Iterator[None]:
    """Open a transaction on one snapshot: a tree move between two queries would hide the nodes that it moved.

    SQLite always uses one. Inside an outer transaction, that one decides. Raises OperationalError if the rows written
    here were changed by somebody else in the meantime.
    """
    is_own = not connection.in_atomic_block
    with transaction.atomic():
        if is_own and connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield


def bring_up_to_date() -> FeedState:
    """Compare everything if the data differs from the last time; return the state of the feed."""
    return Numbering().bring_up_to_date()


def _affected_by(rows: ChangedRows | None) -> dict[str, set[UUID] | None]:
    """Return the ids of the objects to compare, by collection; None for all of them."""
    return {
        name: affected_objects(kind, rows) if rows is not None else None for name, kind in EXPORTED.items()
    }


def _read_marks() -> set[int]:
    return set(DataChange.objects.values_list("mark", flat=True))


def _revision_of(marks: set[int]) -> str:
    return revision((len(marks), sum(marks)))


def _sync_names(rows: ChangedRows | None) -> int:
    """Update the names of units after an organogram came into or went out of force; return how many changed."""
    if rows is not None and not rows.keys() & {Organogram, Placement}:
        return 0
    own = rows.get(Unit) if rows is not None and Organogram not in rows else None
    units = Unit.objects.all() if own is None else Unit.objects.filter(pk__in=[row["id"] for row in own])
    return units.sync_names()


class Worker:
    """Updates derived data in a loop while it is elected."""

    def __init__(self) -> None:
        self.numbering = Numbering()
        self._stopped = threading.Event()
        # The owner of the lock: a connection to PostgreSQL, or an open file next to the SQLite database.
        self._lock: Any = None
        self._is_failing = False
        self._cleaned_on: datetime.date | None = None
        self._mailed_at = -MAIL_EVERY

    def start(self) -> None:
        """Start working in a thread of its own."""
        threading.Thread(target=self.work, daemon=True, name="worker").start()

    def stop(self) -> None:
        """Stop after the current work."""
        self._stopped.set()

    def work(self) -> None:
        """Work until stopped."""
        while not self._stopped.wait(self.look()):
            pass
        connection.close()

    def look(self) -> float:
        """Do the pending work; return the seconds until the next check."""
        try:
            is_elected = self._is_elected()
            if is_elected:
                publish_due()
                self._delete_outdated()
                self.numbering.bring_up_to_date()
                self._send_mail()
            else:
                # A machine that leaves the work to another one must also notice that the database was restored.
                known = read_feed()
                if known.pk:
                    require_own_identity(known)
        except Exception as error:
            if isinstance(error.__cause__, SerializationFailure):
                return EVERY  # an editor was faster, and nothing was written
            if not self._is_failing:
                logger.exception("The change feed cannot be brought up to date")
            self._is_failing = True
            connection.close()
            return STANDBY
        self._is_failing = False
        return EVERY if is_elected else STANDBY

    def _send_mail(self) -> None:
        """Send the mail of the desk that is due, looking for it now and then."""
        if monotonic() - self._mailed_at >= MAIL_EVERY:
            self._mailed_at = monotonic()
            send_desk_mail()

    def _delete_outdated(self) -> None:
        """Delete once a day what is kept no longer."""
        today = timezone.localdate()
        if self._cleaned_on != today:
            delete_outdated()
            self._cleaned_on = today

    def _is_elected(self) -> bool:
        """Whether this is the elected worker: it holds the lock, or acquires it now."""
        if connection.vendor == "sqlite":
            self._lock = self._lock or hold(Path(f"{settings.DATABASES['default']['NAME']}.worker"))
            return self._lock is not None
        # A new connection holds no lock.
        if self._lock is None or self._lock is not connection.connection:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
                self._lock = connection.connection if cursor.fetchone()[0] else None
        return self._lock is not None
