"""Checks of a draft organogram for channels, topics and locations of units that end."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext

from contact.models import Channel, Location, Topic
from organisation.draft_checks import Finding, Reorganisation, draft_check, left_behind
from pzgent.kernel.publishing import PublicationStatus


@draft_check
def _check_contact(change: Reorganisation) -> Iterator[Finding]:
    """Find the contact points of units that end."""
    texts: dict[type[Any], str] = {
        Channel: gettext("The channel “%(item)s” belongs to “%(unit)s”, which ends."),
        Topic: gettext("The topic “%(item)s” belongs to “%(unit)s”, which ends."),
        Location: gettext("The location “%(item)s” belongs to “%(unit)s”, which ends."),
    }
    for model, text in texts.items():
        rows = model._default_manager.filter(unit__in=list(change.ended))
        kept = rows.exclude(status=PublicationStatus.WITHDRAWN)
        yield from left_behind(change, ((row, row.unit_id) for row in kept), text)
