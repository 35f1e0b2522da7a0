"""State of an organogram's whole tree: its rows, a digest of them, and the difference between two states."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple
from uuid import UUID

from organisation.models import Placement, Succession

COLUMNS = ("pk", "parent_id", "unit_id", "name", "abbreviation", "kind")


class PlaceRow(NamedTuple):
    """Placement as it is stored; `previous` is the sibling in front of it."""

    key: UUID
    parent: UUID | None
    previous: UUID | None
    unit: UUID
    name: str
    abbreviation: str
    kind: str

    @property
    def content(self) -> tuple[Any, ...]:
        """Return everything but the order among siblings."""
        return (self.parent, self.unit, self.name, self.abbreviation, self.kind)


class Turn(NamedTuple):
    """Succession as it is stored."""

    from_unit: UUID
    to_unit: UUID | None
    kind: str
    note: str


@dataclass(frozen=True)
class TreeState:
    """Placements of an organogram in document order, by key, and its successions."""

    rows: Mapping[UUID, PlaceRow]
    turns: tuple[Turn, ...]

    @cached_property
    def digest(self) -> str:
        """Return a text that changes with every change of the structure."""
        values = [tuple(map(str, row)) for row in (*self.rows.values(), *self.turns)]
        return hashlib.sha256(repr(values).encode()).hexdigest()[:40]


def read_state(organogram: UUID) -> TreeState:
    """Return the state of an organogram's tree. Two queries."""
    places = Placement.objects.filter(organogram=organogram).order_by("tree_id", "lft")
    return state_of(places.values_list(*COLUMNS), read_turns(organogram))


def read_turns(organogram: UUID) -> tuple[Turn, ...]:
    """Return the successions of an organogram. One query."""
    turns = Succession.objects.filter(organogram=organogram).order_by("from_unit", "to_unit", "pk")
    found = turns.values_list("from_unit", "to_unit", "kind", "note")
    return tuple(Turn(*values) for values in found)


def state_of(places: Iterable[tuple[Any, ...]], turns: tuple[Turn, ...]) -> TreeState:
    """Return the state that consists of these placements, as `COLUMNS` in document order, and successions."""
    rows: dict[UUID, PlaceRow] = {}
    last: dict[UUID | None, UUID] = {}
    for key, parent, unit, name, abbreviation, kind in places:
        rows[key] = PlaceRow(key, parent, last.get(parent), unit, name, abbreviation, kind)
        last[parent] = key
    return TreeState(rows, turns)


@dataclass(frozen=True)
class TreeDifference:
    """Difference between two states of a tree: rows to restore, in document order, and added rows and successions."""

    replaced: tuple[PlaceRow, ...]
    added: tuple[UUID, ...]
    turns_added: tuple[Turn, ...]
    turns_removed: tuple[Turn, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the difference as values that JSON can hold."""
        return {
            "replaced": [_texts(row) for row in self.replaced],
            "added": [str(key) for key in self.added],
            "turns_added": [_texts(turn) for turn in self.turns_added],
            "turns_removed": [_texts(turn) for turn in self.turns_removed],
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> TreeDifference:
        """Return the difference that `as_json` wrote."""
        return cls(
            tuple(PlaceRow(*map(_key, row[:4]), *row[4:]) for row in values["replaced"]),
            tuple(UUID(key) for key in values["added"]),
            tuple(_turn(turn) for turn in values["turns_added"]),
            tuple(_turn(turn) for turn in values["turns_removed"]),
        )


def difference(before: TreeState, after: TreeState) -> TreeDifference:
    """Return what must be put back and taken away to turn the later state into the earlier one."""
    return TreeDifference(
        tuple(row for key, row in before.rows.items() if after.rows.get(key) != row),
        tuple(key for key in after.rows if key not in before.rows),
        tuple(turn for turn in after.turns if turn not in before.turns),
        tuple(turn for turn in before.turns if turn not in after.turns),
    )


def content_changes(before: TreeState, after: TreeState) -> list[PlaceRow]:
    """Return the rows that were added, removed, or changed in more than their order: as they are now, or else were."""
    rows = {**before.rows, **after.rows}
    pairs = [(before.rows.get(key), after.rows.get(key), row) for key, row in rows.items()]
    return [row for old, new, row in pairs if not (old and new and old.content == new.content)]


def _texts(row: tuple[Any, ...]) -> list[str | None]:
    return [None if value is None else str(value) for value in row]


def _key(text: str | None) -> Any:
    return UUID(text) if text else None


def _turn(values: list[Any]) -> Turn:
    return Turn(UUID(values[0]), _key(values[1]), values[2], values[3])
