"""The moment from which the content is the editors': until then the files of a release are loaded, after it proposed.

An administrator says so in the admin; else the first entry in the history of anything that editors keep does.
"""

from __future__ import annotations

import datetime

from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.utils import timezone

from pzgent.models import Installation


def is_taken_over() -> bool:
    """Tell whether the editors keep the content, and remember it from their first change on."""
    if Installation.objects.exclude(taken_over=None).exists():
        return True
    changes = LogEntry.objects.filter(content_type__app_label__in=settings.OWN_APPS)
    first = changes.order_by("action_time").values_list("action_time", flat=True).first()
    if first is None:
        return False
    _remember(first)
    return True


def take_over() -> None:
    """Make the content the editors' from now on."""
    if not is_taken_over():
        _remember(timezone.now())


def _remember(moment: datetime.datetime) -> None:
    Installation.objects.update_or_create(
        pk=1,
        defaults={"taken_over": moment},
        create_defaults={"taken_over": moment, "release": settings.RELEASE},
    )
