"""Two versions of the organogram beside each other, as the organogram page shows them."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from organisation.models import Organogram, Unit
from organisation.structure import Change, compare

KINDS: dict[str, str | Promise] = {
    "created": _("New"),
    "renamed": _("Other name"),
    "moved": _("Other place"),
    "merged": _("Merged"),
    "split": _("Split"),
    "replaced": _("Replaced"),
    "ended": _("Ended"),
}


@dataclass(frozen=True)
class Comparison:
    """What changed from an older to a newer organogram: per kind its heading and the changes."""

    old: Organogram
    new: Organogram
    groups: list[tuple[str | Promise, list[Change]]]
    page_slugs: set[str]


def version_on(versions: Sequence[Organogram], day: datetime.date) -> Organogram | None:
    """The version in force on a day, from versions in order; None before the first."""
    started = [version for version in versions if version.valid_from <= day]
    return started[-1] if started else None


def get_comparison(
    versions: Sequence[Organogram], shown: Organogram | None, day: datetime.date | None
) -> Comparison | None:
    """What differs between the shown version and that of another day; without a day, the version before it.

    None when there is nothing to compare with.
    """
    if shown is None:
        return None
    other = version_on(versions, day or shown.valid_from - datetime.timedelta(days=1))
    if other is None or other == shown:
        return None
    old, new = sorted((other, shown), key=lambda version: version.valid_from)
    changes = compare(old, new)
    groups = [(label, [change for change in changes if change.kind == kind]) for kind, label in KINDS.items()]
    slugs = Unit.objects.get_page_slugs(change.slug for change in changes)
    return Comparison(old, new, [(label, group) for label, group in groups if group], slugs)
