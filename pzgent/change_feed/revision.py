"""One short text that differs whenever something that the public may see differs: by an edit, or by its date.

Read it *before* the data. Then what is kept under it is never older than it says: a change committed in between makes
the next reading differ, and what was made from the newer data under the older text is not found again.
"""

from __future__ import annotations

import datetime
import secrets
import threading
from bisect import bisect_right

from django.db.models import F
from django.utils import timezone

from pzgent.change_feed.triggers import BITS, watched_models
from pzgent.kernel.marks import Marks, read_marks
from pzgent.kernel.validity import is_for_any_time
from pzgent.models import DataChange

# Fields with a moment from which, or until which, something is shown. What has a day follows from today's date.
MOMENTS = ("publish_from", "publish_until", "starts", "ends")
MOST_MARKS = 1_000


class _Boundaries:
    """The moments at which something appears or goes, worked out once for each state of the data."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.marks: Marks | None = None
        self.moments: list[datetime.datetime] = []

    def last_before(self, now: datetime.datetime, marks: Marks) -> str:
        """The last of them that has passed; empty when none has."""
        with self.lock:
            if marks != self.marks:
                self.moments, self.marks = _moments(), marks
            passed = bisect_right(self.moments, now)
            return self.moments[passed - 1].isoformat() if passed else ""


_boundaries = _Boundaries()


def revision(marks: Marks | None = None) -> str:
    """The state of the data at this moment; one small query when nothing changed, none where the marks are known.

    What is made for any time is kept apart.
    """
    marks = marks or read_marks()
    now = timezone.now()
    last = _boundaries.last_before(now, marks)
    apart = ".any-time" if is_for_any_time() else ""
    return f"{marks[0]}.{marks[1]}.{last}.{timezone.localdate(now).isoformat()}{apart}"


def moment_of(data: str) -> str:
    """What a revision says beside the marks: the day, and the last moment at which something appeared or went."""
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
    """Replace these marks by one, when there are many, so that reading the revision stays cheap; return those left.

    Call it while holding a lock, in the transaction. Marks that others commit meanwhile stay; the new mark keeps the
    text different from all before.
    """
    if len(marks) <= MOST_MARKS:
        return marks
    DataChange.objects.filter(mark__in=marks).delete()
    return {DataChange.objects.create(mark=secrets.randbelow(BITS), table_name="", row_keys=[]).mark}
