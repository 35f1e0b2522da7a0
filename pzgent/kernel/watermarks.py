"""When something made up of rows last changed, removals included.

The newest date of the remaining rows moves back when the newest row is withdrawn. A client that asks for changes since
its copy then keeps a row that no longer exists. So what was last shown is remembered as a digest, with a moment that
never moves back: the newest date of the rows, or else the moment when a difference was noticed. The background worker
stores it (`pzgent.worker`); readers only read.
"""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Mapping

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pzgent.kernel import fields

# Dates in headers, feeds and calendars are in whole seconds: two states must not share one.
STEP = datetime.timedelta(seconds=1)
# What is shown, as far as changes of it count, and the newest date of its parts.
State = tuple[object, datetime.datetime]


class Watermark(models.Model):
    """What was last shown under a name, as a digest, and since when."""

    name = fields.CharField(max_length=60, primary_key=True)
    digest = fields.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        app_label = "pzgent"
        verbose_name = _("last change of a table")
        verbose_name_plural = _("last changes of tables")

    def __str__(self) -> str:
        return f"{self.name}: {self.at}"


def changed_at(states: Mapping[str, State]) -> dict[str, datetime.datetime]:
    """Return when each of these last changed, by name; one query.

    Initially that is the newest date of its parts; earlier removals are unknown. A recent removal counts once the
    worker has noticed it.
    """
    marks = Watermark.objects.in_bulk(list(states))
    return {
        name: max(newest, marks[name].at) if name in marks else newest
        for name, (_shown, newest) in states.items()
    }


def remember(states: Mapping[str, State]) -> None:
    """Store what is shown now; anything that changed gets a later moment. One query if nothing did."""
    digests = {
        name: hashlib.sha256(repr(shown).encode()).hexdigest() for name, (shown, _at) in states.items()
    }
    marks = Watermark.objects.in_bulk(list(states))
    new = [
        Watermark(name=name, digest=digests[name], at=newest)
        for name, (_shown, newest) in states.items()
        if name not in marks
    ]
    differing = [mark for name, mark in marks.items() if mark.digest != digests[name]]
    for mark in differing:
        newest = states[mark.name][1]
        moment = newest if newest > mark.at else timezone.now()
        mark.digest, mark.at = digests[mark.name], max(moment, mark.at + STEP)
    if new:
        Watermark.objects.bulk_create(new)
    if differing:
        Watermark.objects.bulk_update(differing, ["digest", "at"])
