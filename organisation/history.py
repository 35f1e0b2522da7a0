"""One unit with all that its page tells: where it stands and stood, what it consists of, what became of it."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Q

from organisation.models import Organogram, Placement, Succession, Unit
from organisation.querysets import last_place

Steps = list[dict[str, Any]]


@dataclass(frozen=True)
class Standing:
    """A unit's place in one organogram; `path` is empty where a hidden unit stands above it."""

    place: Placement
    path: Steps

    @property
    def above(self) -> Steps:
        """The path without the unit itself."""
        return self.path[:-1]


@dataclass(frozen=True)
class Turn:
    """An event in which a unit followed another one; `other` is None when the unit was abolished."""

    event: Succession
    other: Unit | None


@dataclass
class UnitHistory:
    """A unit, its standing now (or else the last one), and its past."""

    unit: Unit
    state: str  # "current", "former", "future" or "unplaced"
    standing: Standing | None = None
    ended_on: datetime.date | None = None
    standings: list[Standing] = field(default_factory=list)
    successors: list[Turn] = field(default_factory=list)
    predecessors: list[Turn] = field(default_factory=list)
    children: list[Placement] = field(default_factory=list)

    @property
    def above(self) -> list[str]:
        """The slugs of the units above, the nearest first."""
        return [step["slug"] for step in reversed(self.standing.above)] if self.standing else []


def get_history(slug: str, today: datetime.date) -> UnitHistory | None:
    """The history of the unit with this slug, or None when the public does not see it.

    Two queries, a third one for a unit with successions; none reads more of a tree than the paths to its root.
    """
    rows: list[Any] = list(Placement.objects.around_unit(slug, today))
    places = [row for row in rows if row.unit.slug == slug]
    if not places:
        unit = Unit.objects.with_page().select_related("source").filter(slug=slug).first()
        return _with_turns(UnitHistory(unit, "unplaced"), _turns_of(unit), {}) if unit else None
    unit = places[0].unit
    turns = _turns_of(unit) if places[0].has_turns else []
    paths = Placement.objects.get_public_paths([place.pk for place in places] + _place_ids(turns))
    started = [place for place in places if place.organogram.valid_from <= today]
    place = started[-1] if started else places[-1]
    if place.pk not in paths:
        return None
    history = UnitHistory(unit, _state(place, today), Standing(place, paths[place.pk]))
    history.ended_on = place.next_start if history.state == "former" else None
    history.standings = [Standing(row, paths[row.pk]) for row in places if row.pk in paths]
    history.children = [row for row in rows if row.parent_id == place.pk]
    return _with_turns(history, turns, paths)


def _state(place: Any, today: datetime.date) -> str:
    """Whether a place is in the organogram in force, in an earlier or in a later one."""
    if place.organogram.valid_from > today:
        return "future"
    return "former" if place.next_start is not None and place.next_start <= today else "current"


def _turns_of(unit: Unit) -> list[Any]:
    """The successions from and to a unit, oldest first, each with where both units stand or stood last."""
    return list(
        Succession.objects.filter(
            Q(from_unit=unit) | Q(to_unit=unit), organogram__in=Organogram.objects.published()
        )
        .select_related("from_unit", "to_unit", "organogram")
        .annotate(from_place=last_place("from_unit"), to_place=last_place("to_unit"))
        .order_by("organogram__valid_from", "pk")
    )


def _place_ids(turns: Iterable[Any]) -> list[UUID | None]:
    return [key for turn in turns for key in (turn.from_place, turn.to_place)]


def _with_turns(history: UnitHistory, turns: list[Any], paths: dict[UUID, Steps]) -> UnitHistory:
    """The history with the successions whose other unit the public may know of."""
    if not paths:
        paths = Placement.objects.get_public_paths(_place_ids(turns))
    for turn in turns:
        if turn.from_unit_id == history.unit.pk:
            if turn.to_unit is None or _shown(turn.to_unit, turn.to_place, paths):
                history.successors.append(Turn(turn, turn.to_unit))
        elif _shown(turn.from_unit, turn.from_place, paths):
            history.predecessors.append(Turn(turn, turn.from_unit))
    return history


def _shown(unit: Unit, place_id: UUID | None, paths: dict[UUID, Steps]) -> bool:
    """Whether a unit may be named: visible itself, and nothing hidden above it."""
    if place_id is None:
        return unit.is_published and unit.publication_level != "withheld"
    return place_id in paths


def get_renamed(slug: str) -> Unit | None:
    """The unit with a page that had this slug before and now has another one, or None."""
    units = Unit.objects.with_page().filter(former_slugs__slug=slug)
    return units.exclude(slug=slug).first()
