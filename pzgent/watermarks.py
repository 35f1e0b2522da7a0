"""When something that is put together from rows last changed, also by what left it.

The newest date of the rows that are left goes back once the newest row is withdrawn. A reader that asks for what is
newer than its copy then keeps a row that is no longer there. So what was last shown is remembered by a digest, with a
moment that never goes back: the newest date of the rows, or else the one at which a difference was noticed.
"""

from __future__ import annotations

import datetime
import hashlib
import logging
from collections.abc import Mapping

from django.db import DatabaseError, models, transaction
from django.utils import timezone

from pzgent import fields

# Dates in headers, feeds and calendars have whole seconds: two states must not have the same one.
STEP = datetime.timedelta(seconds=1)
logger = logging.getLogger(__name__)
# What is shown, as far as a change of it counts, and the newest date of its parts.
State = tuple[object, datetime.datetime]


class Watermark(models.Model):
    """What was last shown under a name, as a digest, and since when."""

    name = fields.CharField(max_length=60, primary_key=True)
    digest = fields.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        app_label = "pzgent"

    def __str__(self) -> str:
        return f"{self.name}: {self.at}"


def changed_at(states: Mapping[str, State]) -> dict[str, datetime.datetime]:
    """Return when each of these last changed, by name. One query when nothing did, and a few more for all that did.

    At first that is the newest date of its parts; nothing is known of what left it before.
    """
    digests = {
        name: hashlib.sha256(repr(shown).encode()).hexdigest() for name, (shown, _at) in states.items()
    }
    marks = Watermark.objects.in_bulk(list(states))
    if any(name not in marks or marks[name].digest != digest for name, digest in digests.items()):
        try:
            marks = _raised(states, digests)
        except DatabaseError:
            logger.exception("It cannot be remembered when something changed")
    return {name: marks[name].at if name in marks else newest for name, (_shown, newest) in states.items()}


def _raised(states: Mapping[str, State], digests: Mapping[str, str]) -> dict[str, Watermark]:
    """Remember the states; those that differ from what is known get a later moment."""
    with transaction.atomic():
        new = [
            Watermark(name=name, digest=digests[name], at=newest) for name, (_shown, newest) in states.items()
        ]
        Watermark.objects.bulk_create(new, ignore_conflicts=True)
        marks = Watermark.objects.order_by("name").select_for_update().in_bulk(list(states))
        differing = [mark for name, mark in marks.items() if mark.digest != digests[name]]
        for mark in differing:
            newest = states[mark.name][1]
            moment = newest if newest > mark.at else timezone.now()
            mark.digest, mark.at = digests[mark.name], max(moment, mark.at + STEP)
        Watermark.objects.bulk_update(differing, ["digest", "at"])
        return marks
