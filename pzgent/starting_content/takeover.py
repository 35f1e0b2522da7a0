"""The takeover of the content by the editors: until then a release loads its content files, afterwards it only proposes
the differences.

An administrator triggers it in the admin; otherwise the first log entry for anything that editors manage does.
"""

from __future__ import annotations

from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.db.models import QuerySet
from django.utils import timezone

from pzgent.models import Installation


def is_taken_over() -> bool:
    """Return whether the editors have taken over the content."""
    return Installation.objects.exclude(taken_over=None).exists() or _changes().exists()


def take_over() -> None:
    """Record the takeover, at the time of the editors' first change, or now if there is none."""
    if not Installation.objects.exclude(taken_over=None).exists():
        first = _changes().order_by("action_time").values_list("action_time", flat=True).first()
        moment = first or timezone.now()
        Installation.objects.update_or_create(
            pk=1,
            defaults={"taken_over": moment},
            create_defaults={"taken_over": moment, "release": settings.RELEASE},
        )


def _changes() -> QuerySet[LogEntry]:
    """Return the log entries of changes in the admin, except those to accounts."""
    return LogEntry.objects.filter(content_type__app_label__in=settings.OWN_APPS)
