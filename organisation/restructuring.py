"""Steps of a reorganisation: each changes the tree of an organogram and records what became of the units.

Each caller holds the locks of the trees. A function raises StepRefused, with a sentence for the editor, for what the
tree does not allow.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from django.utils.translation import gettext

from organisation.models import Organogram, Placement, Succession, Unit
from organisation.models.structure import SuccessionKind
from organisation.placing import PlacementChange
from organisation.steps import StepRefused
from pzgent.kernel.editing import free_slug

Position = Literal["under", "before", "after"]
MPTT_POSITIONS = {"under": "last-child", "before": "left", "after": "right"}


@dataclass(frozen=True)
class NewUnit:
    """Name and kind of a unit to create."""

    name: str
    kind: str
    abbreviation: str = ""


def move(place: Placement, target: Placement, position: Position, organograms: Sequence[Organogram]) -> None:
    """Move a unit under, before or after another one, with everything below it, in each of the organograms."""
    if place.pk == target.pk:
        raise StepRefused(gettext("A unit cannot be moved to itself. Choose another."))
    above = target if position == "under" else target.parent
    if above is None:
        raise StepRefused(gettext("Nothing stands beside the top unit. Choose “under”."))
    change = PlacementChange({"parent": above.unit})
    for organogram in organograms:
        refused = change.errors(place.unit, organogram).get("parent")
        if place.parent_id is None:
            refused = gettext("The top unit cannot be moved.")
        if refused:
            raise StepRefused(f"{refused} ({organogram})" if len(organograms) > 1 else refused)
        _move_in(organogram, place.unit, (above.unit, target.unit), position)


def _move_in(organogram: Organogram, unit: Unit, units: tuple[Unit, Unit], position: Position) -> None:
    """Move a unit in one organogram; next to the target only where that has the same parent."""
    places = Placement.objects.filter(organogram=organogram)
    place, above = places.get(unit=unit), places.get(unit=units[0])
    beside = places.filter(unit=units[1], parent=above).first() if position != "under" else None
    if beside is not None and beside.pk != place.pk:
        place.move_to(beside, MPTT_POSITIONS[position])
    else:
        place.move_to(above, "last-child")


def shift(place: Placement, direction: Literal["up", "down"]) -> Placement | None:
    """Swap a unit with its neighbour; return that neighbour, or None if there is none."""
    siblings = Placement.objects.filter(parent=place.parent_id).exclude(parent=None)
    if direction == "up":
        neighbour = siblings.filter(lft__lt=place.lft).order_by("-lft").first()
    else:
        neighbour = siblings.filter(lft__gt=place.lft).order_by("lft").first()
    if neighbour is not None:
        place.move_to(neighbour, "left" if direction == "up" else "right")
    return neighbour


def rename(unit: Unit, values: NewUnit, organograms: Sequence[Organogram], is_succession: bool) -> None:
    """Give a unit another name, abbreviation and kind in each of the organograms.

    A succession is a new name from the organogram's first day; without one it is a correction.
    """
    change = PlacementChange({"name": values.name, "abbreviation": values.abbreviation, "kind": values.kind})
    renamed = [item for item in organograms if Placement.objects.filter(organogram=item, unit=unit).exists()]
    before = {item: Placement.objects.get(organogram=item, unit=unit).name for item in renamed}
    change.write(unit, renamed)
    for organogram in renamed:
        if is_succession and before[organogram] != values.name:
            _record(organogram, unit, unit, SuccessionKind.RENAMED)


def add(target: Placement, position: Position, values: NewUnit) -> Placement:
    """Create a draft unit and place it under, before or after another one; return its placement."""
    above = target if position == "under" else target.parent
    if above is None:
        raise StepRefused(gettext("Nothing stands beside the top unit. Choose “under”."))
    slug = free_slug(Unit, values.name, _is_taken)
    unit = Unit.objects.create(slug=slug, name=values.name, abbreviation=values.abbreviation)
    place = Placement.objects.create(
        organogram=target.organogram,
        unit=unit,
        parent=above,
        name=values.name,
        abbreviation=values.abbreviation,
        kind=values.kind,
    )
    if position != "under":
        place.move_to(target, MPTT_POSITIONS[position])
    return Placement.objects.get(pk=place.pk)


def end(place: Placement, successor: Placement | None, children: Placement | None, is_mistake: bool) -> None:
    """Remove a unit; its children move below `children`, or end along with it if that is None.

    Records that each removed unit was replaced by the successor, or abolished without one; nothing if its placement
    was a mistake.
    """
    doomed = list(place.get_descendants(include_self=True)) if children is None else [place]
    keys = {item.pk for item in doomed}
    _refuse_top(place)
    if successor is not None and successor.pk in keys:
        raise StepRefused(gettext("The successor ends along with it. Choose another."))
    if children is not None:
        _take_over(place, children)
    for item in reversed(doomed):
        Placement.objects.get(pk=item.pk).delete()
        if not is_mistake:
            _record_end(item, successor.unit if successor else None, SuccessionKind.REPLACED)


def merge(places: Sequence[Placement], into: Placement | NewUnit) -> Placement:
    """Merge units into one of them, another one, or a new one; return the placement of what remains.

    The children of each move below the unit that remains.
    """
    target = add(places[0], "before", into) if isinstance(into, NewUnit) else into
    ending = [place for place in places if place.pk != target.pk]
    if len(places) < 2 and not ending:
        raise StepRefused(gettext("Choose at least one other unit to merge with."))
    for place in ending:
        _refuse_top(place)
        _take_over(place, target)
        Placement.objects.get(pk=place.pk).delete()
        _record_end(place, target.unit, SuccessionKind.MERGED)
    return Placement.objects.get(pk=target.pk)


def split(place: Placement, parts: Sequence[NewUnit], keeps: bool) -> list[Placement]:
    """Split a unit into new ones beside it; return their placements.

    A unit that does not continue itself ends, and its children move below the first part.
    """
    _refuse_top(place)
    if len(parts) < (1 if keeps else 2):
        raise StepRefused(gettext("Give the name of each part, one per line: at least two."))
    placed, beside = [], place
    for part in parts:
        beside = add(beside, "after", part)
        placed.append(beside)
        _record(place.organogram, place.unit, beside.unit, SuccessionKind.SPLIT)
    if not keeps:
        _take_over(place, placed[0])
        Placement.objects.get(pk=place.pk).delete()
    return [Placement.objects.get(pk=item.pk) for item in placed]


def _take_over(place: Placement, heir: Placement) -> None:
    """Move the children of a placement below another one, or into its own place if that is its parent.

    An heir that is below the placement moves up first.
    """
    if heir.pk == place.parent_id:
        for child in Placement.objects.filter(parent=place.pk).order_by("lft"):
            child.move_to(Placement.objects.get(pk=place.pk), "left")
        return
    current = Placement.objects.get(pk=heir.pk)
    if current.is_descendant_of(Placement.objects.get(pk=place.pk)):
        current.move_to(Placement.objects.get(pk=place.pk), "left")
    for child in Placement.objects.filter(parent=place.pk).order_by("lft"):
        child.move_to(Placement.objects.get(pk=heir.pk), "last-child")


def _refuse_top(place: Placement) -> None:
    if place.parent_id is None:
        raise StepRefused(gettext("The top unit cannot end, merge or split. Rename it instead."))


def _record(organogram: Organogram, unit: Unit, heir: Unit, kind: SuccessionKind) -> None:
    """Record a succession, unless it is known already."""
    Succession.objects.get_or_create(
        organogram=organogram, from_unit=unit, to_unit=heir, defaults={"kind": kind}
    )


def _record_end(place: Placement, heir: Unit | None, kind: SuccessionKind) -> None:
    """Record what became of a unit; one that exists in no other organogram leaves nothing to succeed.

    What was recorded to lead to it goes on to its heir.
    """
    unit, organogram = place.unit, place.organogram
    earlier = list(Succession.objects.filter(organogram=organogram, to_unit=unit).exclude(from_unit=unit))
    Succession.objects.filter(organogram=organogram, from_unit=unit, to_unit=unit).delete()
    for turn in earlier:
        if heir is not None and turn.from_unit_id != heir.pk:
            _record(organogram, turn.from_unit, heir, SuccessionKind(turn.kind))
        turn.delete()
    if not Placement.objects.filter(unit=unit).exists():
        return
    if heir is not None:
        _record(organogram, unit, heir, kind)
    else:
        Succession.objects.get_or_create(
            organogram=organogram, from_unit=unit, to_unit=None, kind=SuccessionKind.ABOLISHED
        )


def _is_taken(slug: str) -> bool:
    """Return whether a unit has, or once had, this slug."""
    return Unit.objects.known_as(slug).exists()
