"""Paths as text: where a unit stands, so that namesakes can be told apart."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from organisation.models import Placement, UnitKind

SEPARATOR = " › "


def path_text(steps: Sequence[Mapping[str, Any]]) -> str:
    """The names from the top down, without the top itself unless it is all there is."""
    below_the_top = steps[1:] or steps
    return SEPARATOR.join(str(step["name"]) for step in below_the_top)


def get_placement_paths(ids: Iterable[UUID]) -> dict[UUID, str]:
    """The path of each placement as text, in one query."""
    return {key: path_text(steps) for key, steps in Placement.objects.get_paths(ids).items()}


def get_unit_places(units: Iterable[UUID]) -> dict[UUID, tuple[str, str]]:
    """Per unit, the path and the kind of its place today (or else its newest), in three queries."""
    places = Placement.objects.get_current_places(units)
    paths = get_placement_paths(key for key, _kind in places.values())
    return {unit: (paths[key], str(UnitKind(kind).label)) for unit, (key, kind) in places.items()}
