"""A short text that changes whenever the public data changes: through an edit, or because a date passes.

Read it *before* the data. Anything cached under it is then never older than it says: a change committed in between
makes the next reading differ, and a result made from the newer data under the older text is not looked up again.
"""

from __future__ import annotations

import datetime
import secrets
import threading
from bisect import bisect_right

from django.db.models import F
from django.utils import timezone

from pzgent.change_feed.triggers import BITS, watched_models
from pzgent.kernel import clock
from pzgent.kernel.marks import Marks, read_marks
from pzgent.kernel.validity import is_for_any_time
from pzgent.models import DataChange

# Datetime fields from or until which something is shown. Date fields are covered by today's date.
MOMENTS = ("publish_from", "publish_until", "starts", "ends")
MOST_MARKS = 1_000


class _Boundaries:
    """The moments at which something appears or disappears, computed once per state of the data."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.marks: Marks | None = None
        self.moments: list[datetime.datetime] = []

    def last_before(self, now: datetime.datetime, marks: Marks) -> str:
        """Return the last moment that has passed; empty if none has."""
        with self.lock:
            if marks != self.marks:
                self.moments, self.marks = _moments(), marks
            passed = bisect_right(self.moments, now)
            return self.moments[passed - 1].isoformat() if passed else ""


_boundaries = _Boundaries()


def revision(marks: Marks | None = None) -> str:
    """Return the current state of the data; one small query if nothing changed, none if the marks are given.

    Time-independent rendering has a revision of its own.
    """
    marks = marks or read_marks()
    now = clock.now()
    last = _boundaries.last_before(now, marks)
    apart = ".any-time" if is_for_any_time() else ""
    return f"{marks[0]}.{marks[1]}.{last}.{timezone.localdate(now).isoformat()}{apart}"


def moment_of(data: str) -> str:
    """Return the part of a revision after the marks: the day, and the last moment when something (dis)appeared."""
    return data.split(".", 2)[2]


def _moments() -> list[datetime.datetime]:
    first, *others = [
        model._default_manager.order_by().exclude(**{field.name: None}).values_list(F(field.name))
        for model in watched_models()
        for field in model._meta.concrete_fields
        if field.name in MOMENTS
    ]
    return sorted(moment for (moment,) in first.union(*others).order_by())


def with_few_marks(marks: set[int]) -> set[int]:
    """Replace these marks by a single one if there are many, to keep the revision cheap; return the marks left.

    Call it while holding a lock, in the transaction. Marks that others commit meanwhile stay; the new mark keeps the
    revision different from all earlier ones.
    """
    if len(marks) <= MOST_MARKS:
        return marks
    DataChange.objects.filter(mark__in=marks).delete()
    return {DataChange.objects.create(mark=secrets.randbelow(BITS), table_name="", row_keys=[]).mark}
