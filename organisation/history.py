"""History of one unit, as shown on its page: current and past placements, children, siblings and successions."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import connections
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.expressions import RawSQL

from organisation.models import FunctionalLine, LineKind, Organogram, Placement, Succession, Unit
from organisation.querysets.visibility import last_place
from organisation.shared import lines_beside_trees, published_organograms, units_with_turns
from organisation.sources import with_sources
from pzgent.kernel.publishing import PublicationStatus

Steps = list[dict[str, Any]]
MOST_NEARBY = 30


@dataclass(frozen=True)
class Standing:
    """Placement of a unit in one organogram; `path` is empty if a unit above it is hidden."""

    place: Placement
    path: Steps

    @property
    def above(self) -> Steps:
        """Return the path without the unit itself."""
        return self.path[:-1]

    @property
    def nearest(self) -> dict[str, Any] | None:
        """Return the step of the parent; None at the root."""
        return self.path[-2] if len(self.path) > 1 else None


@dataclass(frozen=True)
class SuccessionEvent:
    """Succession of a unit by another one; `other` is None if the unit was abolished."""

    event: Succession
    other: Unit | None


@dataclass(frozen=True)
class Stage:
    """Standing that differs from the previous one, and the differences; none for the first."""

    standing: Standing
    is_first: bool
    old_name: str = ""
    old_parent: str = ""


@dataclass
class UnitHistory:
    """Unit with its current (or else last) standing, and its past.

    `later` holds the successions of its successors, recursively; `heirs` are its successors among the units of today.
    """

    unit: Unit
    state: str  # "current", "former" or "future"
    standing: Standing
    ended_on: datetime.date | None = None
    standings: list[Standing] = field(default_factory=list)
    successors: list[SuccessionEvent] = field(default_factory=list)
    predecessors: list[SuccessionEvent] = field(default_factory=list)
    later: list[SuccessionEvent] = field(default_factory=list)
    heirs: list[Unit] = field(default_factory=list)
    children: list[Placement] = field(default_factory=list)
    siblings: list[Placement] = field(default_factory=list)
    lines: list[Any] = field(default_factory=list)

    @property
    def nearby(self) -> list[Placement]:
        """Return the first siblings of the unit."""
        return self.siblings[:MOST_NEARBY]

    @property
    def nearby_left_out(self) -> int:
        """Return the number of remaining siblings."""
        return max(0, len(self.siblings) - MOST_NEARBY)

    @property
    def leaders(self) -> list[Any]:
        """Return the lines to the posts and bodies that lead it; those with a remark, such as a deputy, come last."""
        lines = [line for line in self.lines if line.unit_id == self.unit.pk and line.kind == LineKind.LED]
        return sorted(lines, key=lambda line: bool(line.note))

    @property
    def led(self) -> list[Any]:
        """Return the lines to the units that it leads."""
        return [line for line in self.lines if line.above_id == self.unit.pk and line.kind == LineKind.LED]

    @property
    def lines_up(self) -> list[Any]:
        """Return the functional lines to units that also steer it, or to which it also reports."""
        return [line for line in self.lines_beside if line.unit_id == self.unit.pk]

    @property
    def lines_down(self) -> list[Any]:
        """Return the functional lines to units that it also steers, or that also report to it."""
        return [line for line in self.lines_beside if line.above_id == self.unit.pk]

    @property
    def lines_beside(self) -> list[Any]:
        """Return the functional lines that do not say who leads what."""
        return [line for line in self.lines if line.kind != LineKind.LED]

    @property
    def is_passed_on(self) -> bool:
        """True if its direct successors differ from its successors among the units of today."""
        return bool(self.heirs) and {turn.other for turn in self.successors} != set(self.heirs)

    @property
    def stages(self) -> list[Stage]:
        """Return the changes of the unit itself, one stage per organogram that changed its name or its parent."""
        return stages_of(self.standings)

    @property
    def above(self) -> list[str]:
        """Return the slugs of its ancestors, nearest first."""
        return [step["slug"] for step in reversed(self.standing.above)]


def get_history(slug: str, today: datetime.date) -> UnitHistory | None:
    """Return the history of the unit with this slug, or None if the public does not see it.

    Three queries besides those for the shared data, two more for a unit with successions. Of a tree only the paths
    to the root and the neighbouring placements are read.
    """
    organograms = published_organograms()
    places = _places_of(slug, organograms)
    if not places:
        return None
    [unit] = with_sources([places[0].unit])
    turns = list(successions_around(unit)) if unit.pk in units_with_turns() else []
    paths = Placement.objects.get_public_paths([place.pk for place in places] + _place_ids(turns))
    started = [place for place in places if place.organogram.valid_from <= today]
    place = started[-1] if started else places[-1]
    if place.pk not in paths:
        return None
    next_start = _next_start(place.organogram, organograms.values())
    state = _state(place.organogram, next_start, today)
    history = UnitHistory(unit, state, Standing(place, paths[place.pk]))
    history.ended_on = next_start if state == "former" else None
    history.standings = [Standing(row, paths[row.pk]) for row in places if row.pk in paths]
    around = Placement.objects.right_below(filter(None, (place.pk, place.parent_id)))
    shown = [row for row in around if not row.unit.hides_places and row.pk != place.pk]
    history.children = [row for row in shown if row.parent_id == place.pk]
    history.siblings = [row for row in shown if row.parent_id != place.pk]
    history.lines = [line for line in lines_beside_trees() if _is_at(line, place)]
    return _with_turns(history, turns, paths)


def _places_of(slug: str, organograms: Mapping[UUID, Organogram]) -> list[Placement]:
    """Return the placements of a unit that has a page, from the first organogram to the newest."""
    places = [place for place in Placement.objects.of_unit_in(organograms, slug) if place.unit.has_page]
    for place in places:
        place.organogram = organograms[place.organogram_id]
    return sorted(places, key=lambda place: place.organogram.valid_from)


def _is_at(line: FunctionalLine, place: Placement) -> bool:
    """True if a functional line starts or ends at a placement."""
    return line.organogram_id == place.organogram_id and place.unit_id in (line.unit_id, line.above_id)


def _next_start(organogram: Organogram, published: Iterable[Organogram]) -> datetime.date | None:
    """Return the first day of the next organogram, whether or not it contains the unit."""
    return min(
        (other.valid_from for other in published if other.valid_from > organogram.valid_from), default=None
    )


def stages_of(standings: list[Standing]) -> list[Stage]:
    """Return the first standing, and each later one with another name or parent than the one before."""
    stages: list[Stage] = []
    before: Standing | None = None
    for standing in standings:
        if before is None:
            stages.append(Stage(standing, True))
        else:
            renamed = str(before.place) != str(standing.place)
            parents = [step.above[-1] if step.above else None for step in (before, standing)]
            moved = [parent and parent["slug"] for parent in parents]
            if renamed or moved[0] != moved[1]:
                old_parent = parents[0]["name"] if parents[0] and moved[0] != moved[1] else ""
                stages.append(Stage(standing, False, str(before.place) if renamed else "", old_parent))
        before = standing
    return stages


def _state(organogram: Organogram, next_start: datetime.date | None, today: datetime.date) -> str:
    """Return the state of an organogram: current, former or future."""
    if organogram.valid_from > today:
        return "future"
    return "former" if next_start is not None and next_start <= today else "current"


def successions_around(unit: Unit) -> QuerySet[Succession]:
    """Return the successions that led to a unit, and those of the unit and all its successors, oldest first.

    Annotates `from_place` and `to_place`, the keys of the current or last placements of both units, and
    `heir_is_current`, whether the successor is in the organogram in force. One recursive query.
    """
    published = Organogram.objects.published()
    follow = f"""
        WITH RECURSIVE heir(unit_id) AS (
            SELECT CAST(%s AS {{kind}})
            UNION
            SELECT s.to_unit_id FROM {Succession._meta.db_table} s JOIN heir ON s.from_unit_id = heir.unit_id
            JOIN {Organogram._meta.db_table} o ON o.id = s.organogram_id
            WHERE s.to_unit_id IS NOT NULL AND o.status = %s
        )
        SELECT unit_id FROM heir
    """  # noqa: S608  # only table names of our own are put in
    connection = connections[Succession.objects.all().db]
    field = unit._meta.pk
    sql = follow.format(kind=field.db_type(connection))
    params = [field.get_db_prep_value(unit.pk, connection), PublicationStatus.PUBLISHED.value]
    line = Q(from_unit__in=RawSQL(sql, params))  # noqa: S611  # as above
    current = Placement.objects.filter(unit=OuterRef("to_unit"), organogram__in=Organogram.objects.in_force())
    return (
        Succession.objects.filter(line | Q(to_unit=unit), organogram__in=published)
        .select_related("from_unit", "to_unit", "organogram")
        .annotate(
            from_place=last_place("from_unit"),
            to_place=last_place("to_unit"),
            heir_is_current=Exists(current.order_by()),
        )
        .order_by("organogram__valid_from", "pk")
    )


def _place_ids(turns: Iterable[Any]) -> list[UUID | None]:
    return [key for turn in turns for key in (turn.from_place, turn.to_place)]


def _with_turns(history: UnitHistory, turns: list[Any], paths: dict[UUID, Steps]) -> UnitHistory:
    """Add the successions whose other unit is visible to the public."""
    for turn in turns:
        heir_shown = turn.to_unit is None or turn.to_place in paths
        if turn.to_unit_id == history.unit.pk:
            if turn.from_place in paths and turn.from_unit_id != history.unit.pk:
                history.predecessors.append(SuccessionEvent(turn, turn.from_unit))
        elif turn.from_unit_id == history.unit.pk:
            if heir_shown:
                history.successors.append(SuccessionEvent(turn, turn.to_unit))
        elif heir_shown and turn.from_place in paths:
            history.later.append(SuccessionEvent(turn, turn.to_unit))
        if heir_shown and turn.heir_is_current and turn.to_unit not in (history.unit, *history.heirs):
            history.heirs.append(turn.to_unit)
    return history


def get_renamed(slug: str) -> Unit | None:
    """Return the renamed unit that formerly had this slug if it has a public page, or None."""
    return Unit.objects.with_open_page().formerly(slug).exclude(slug=slug).first()
