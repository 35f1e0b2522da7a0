"""Checks of a draft organogram before it is published.

Each app adds its own with `@draft_check`, so that the organisation need not know what else hangs on its units.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal
from uuid import UUID

from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext

from organisation.models import FunctionalLine, Organogram, Placement, PublicationLevel, Succession, Unit
from pzgent.kernel.publishing import PublicationStatus

Level = Literal["error", "warning", "note"]


@dataclass(frozen=True)
class Finding:
    """Result of a check; an error forbids publication. `item` is what an editor opens to solve it."""

    level: Level
    text: str
    item: Model | None = None


@dataclass(frozen=True)
class Reorganisation:
    """Organogram, and the one that it replaces on its first day."""

    new: Organogram
    old: Organogram | None

    @cached_property
    def places(self) -> list[Placement]:
        """Return the placements of the new organogram, in document order."""
        places = Placement.objects.filter(organogram=self.new).select_related("unit", "parent")
        return list(places.order_by("tree_id", "lft"))

    @cached_property
    def placed(self) -> set[UUID]:
        """Return the keys of the units in the new organogram."""
        return {place.unit_id for place in self.places}

    @cached_property
    def ended(self) -> dict[UUID, Placement]:
        """Return the placements of the old organogram whose unit is not in the new one, by unit."""
        if self.old is None:
            return {}
        places = Placement.objects.filter(organogram=self.old).exclude(unit__in=self.placed)
        return {place.unit_id: place for place in places.select_related("unit").order_by("tree_id", "lft")}

    @cached_property
    def unpublished(self) -> list[Unit]:
        """Return the units of the new organogram that are drafts."""
        return [place.unit for place in self.places if place.unit.status == PublicationStatus.DRAFT]


Check = Callable[[Reorganisation], Iterable[Finding]]
CHECKS: list[Check] = []


def draft_check(check: Check) -> Check:
    """Add a check to those of every draft."""
    CHECKS.append(check)
    return check


def check_draft(reorganisation: Reorganisation) -> list[Finding]:
    """Return what the checks found, errors first."""
    found = [finding for check in CHECKS for finding in check(reorganisation)]
    return sorted(found, key=lambda finding: ("error", "warning", "note").index(finding.level))


@draft_check
def _check_whole(change: Reorganisation) -> Iterator[Finding]:
    """Check that there is a tree, and that no other organogram starts on the same day."""
    if not change.places:
        yield Finding("error", gettext("There is no unit in it."), change.new)
    others = Organogram.objects.filter(
        valid_from=change.new.valid_from, status=PublicationStatus.PUBLISHED
    ).exclude(pk=change.new.pk)
    for other in others:
        text = gettext(
            "“%(other)s” starts on the same day. Choose another first day below, or withdraw that one."
        )
        yield Finding("warning", text % {"other": other}, other)
    if change.new.valid_from <= timezone.localdate():
        text = gettext("Its first day is not in the future: once published, it is in force at once.")
        yield Finding("note", text, change.new)


@draft_check
def _check_successions(change: Reorganisation) -> Iterator[Finding]:
    """Check that each unit that ends has a recorded end, and that each successor is in the organogram."""
    turns = list(Succession.objects.filter(organogram=change.new).select_related("from_unit", "to_unit"))
    known = {turn.from_unit_id for turn in turns}
    for unit, place in change.ended.items():
        if unit not in known:
            text = gettext(
                "“%(unit)s” ends, and nothing says what became of it: who replaces it, or that it is abolished."
            )
            yield Finding("warning", text % {"unit": place}, change.new)
    for turn in turns:
        if turn.to_unit_id and turn.to_unit_id not in change.placed:
            text = gettext("“%(unit)s” is replaced by “%(heir)s”, which is not in this organogram.")
            yield Finding("warning", text % {"unit": turn.from_unit, "heir": turn.to_unit}, turn)


@draft_check
def _check_visibility(change: Reorganisation) -> Iterator[Finding]:
    """Find the units that the public would not see, and those that they hide."""
    closed: list[Placement] = []
    for place in change.places:
        while closed and not (closed[-1].lft < place.lft < closed[-1].rght):
            closed.pop()
        if place.unit.status == PublicationStatus.DRAFT:
            text = gettext("“%(unit)s” is a draft: the public does not see it, nor what is below it.")
            yield Finding("warning", text % {"unit": place}, place.unit)
        elif place.unit.hides_places:
            words = PublicationLevel(place.unit.publication_level).label
            text = gettext("“%(unit)s” is not shown to the public, nor what is below it (%(level)s).")
            yield Finding("note", text % {"unit": place, "level": words}, place.unit)
        elif closed:
            text = gettext("“%(unit)s” is hidden by “%(above)s” above it.")
            yield Finding("warning", text % {"unit": place, "above": closed[-1]}, closed[-1].unit)
        if place.unit.hides_places:
            closed.append(place)


@draft_check
def _check_names(change: Reorganisation) -> Iterator[Finding]:
    """Find units with the same name below the same parent."""
    names = Counter((place.parent_id, str(place).casefold()) for place in change.places)
    for place in change.places:
        if names.pop((place.parent_id, str(place).casefold()), 0) > 1:
            text = gettext("“%(unit)s” stands more than once under “%(parent)s”.")
            yield Finding("warning", text % {"unit": place, "parent": place.parent}, place)


@draft_check
def _check_lines(change: Reorganisation) -> Iterator[Finding]:
    """Find functional lines that end at a unit without a placement."""
    for line in FunctionalLine.objects.filter(organogram=change.new).select_related("unit", "above"):
        if not {line.unit_id, line.above_id} <= change.placed:
            text = gettext("The line “%(line)s” ends at a unit that is not in this organogram.")
            yield Finding("warning", text % {"line": line}, change.new)


def left_behind(change: Reorganisation, items: Iterable[tuple[Model, UUID]], text: str) -> Iterator[Finding]:
    """Yield a warning for each item, given with the key of its unit; `text` takes the `item` and its `unit`."""
    for item, unit in items:
        yield Finding("warning", text % {"item": item, "unit": change.ended[unit]}, item)
