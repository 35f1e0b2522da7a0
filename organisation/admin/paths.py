"""Paths of units as text, to distinguish units with the same name."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from organisation.models import Placement, UnitKind

SEPARATOR = " › "


def path_text(steps: Sequence[Mapping[str, Any]]) -> str:
    """Join the names from the top down, without the root unless it is the only step."""
    below_the_top = steps[1:] or steps
    return SEPARATOR.join(str(step["name"]) for step in below_the_top)


def get_placement_paths(ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return the path of each placement as text. One query."""
    return {key: path_text(steps) for key, steps in Placement.objects.get_paths(ids).items()}


def get_unit_places(units: Iterable[UUID]) -> dict[UUID, tuple[str, str]]:
    """Return, by unit, the path and kind of its current (or else newest) placement. Two queries."""
    places = Placement.objects.get_current_places(units)
    paths = get_placement_paths(key for key, _kind in places.values())
    return {unit: (paths[key], str(UnitKind(kind).label)) for unit, (key, kind) in places.items()}
