"""The moment from which the content is the editors': until then the files of a release are loaded, after it proposed.

An administrator says so in the admin; else the first entry in the history of anything that editors keep does.
"""

from __future__ import annotations

from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.db.models import QuerySet
from django.utils import timezone

from pzgent.models import Installation


def is_taken_over() -> bool:
    """Tell whether the editors keep the content."""
    return Installation.objects.exclude(taken_over=None).exists() or _changes().exists()


def take_over() -> None:
    """Make the content the editors' from their first change on, or else from now on."""
    if not Installation.objects.exclude(taken_over=None).exists():
        first = _changes().order_by("action_time").values_list("action_time", flat=True).first()
        moment = first or timezone.now()
        Installation.objects.update_or_create(
            pk=1,
            defaults={"taken_over": moment},
            create_defaults={"taken_over": moment, "release": settings.RELEASE},
        )


def _changes() -> QuerySet[LogEntry]:
    """What people changed in the admin, except accounts."""
    return LogEntry.objects.filter(content_type__app_label__in=settings.OWN_APPS)
