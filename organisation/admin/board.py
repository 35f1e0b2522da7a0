"""Tree of an organogram as the workshop shows it: its rows, a label for each, and the search for one by its label."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import zip_longest
from uuid import UUID

from django.utils.translation import gettext

from organisation.admin.headings import Heading, heading_of
from organisation.models import Organogram, Placement, PublicationLevel, UnitKind
from organisation.models.structure import full_name
from organisation.tree_state import COLUMNS, TreeState, read_turns, state_of
from pzgent.kernel.folding import fold
from pzgent.kernel.publishing import PublicationStatus

MOST_FOUND = 12
SHOWN = ("level", "lft", "rght", "unit__status", "unit__publication_level")


@dataclass(slots=True)
class BoardRow:
    """Unit in the tree; `closes` counts the lists that end after it, `label` is unique in its organogram."""

    key: UUID
    parent: UUID | None
    name: str
    kind: str
    below: int
    note: str
    level: int
    label: str = ""
    closes: str = ""


@dataclass(frozen=True)
class Board:
    """Organogram with its rows in document order, by key."""

    organogram: Organogram
    rows: Mapping[UUID, BoardRow]
    state: TreeState

    @cached_property
    def heading(self) -> Heading:
        """Return the heading of the organogram."""
        return heading_of(self.organogram)

    @property
    def token(self) -> str:
        """Return a text that changes when the tree changes, or when the organogram comes into force or leaves it."""
        return f"{self.state.digest}-{self.heading.code}"

    @cached_property
    def by_label(self) -> dict[str, BoardRow]:
        """Return the rows by their folded label."""
        return {fold(row.label): row for row in self.rows.values()}

    def path(self, row: BoardRow) -> str:
        """Return the names from below the root to the row."""
        names = [row.name]
        while row.parent is not None:
            row = self.rows[row.parent]
            names.insert(0, row.name)
        return " › ".join(names[1:] or names)

    def find(self, text: str) -> list[BoardRow]:
        """Return the row with this label, or else those whose label holds all the words of the text."""
        exact = self.by_label.get(fold(text.strip()))
        if exact is not None:
            return [exact]
        words = fold(text).split()
        return [row for label, row in self.by_label.items() if words and all(word in label for word in words)]


def read_board(organogram: Organogram) -> Board:
    """Return the tree of an organogram, hidden units included. Two queries."""
    places = Placement.objects.filter(organogram=organogram).order_by("tree_id", "lft")
    values = list(places.values_list(*COLUMNS, *SHOWN))
    rows: dict[UUID, BoardRow] = {}
    for key, parent, _unit, name, short, kind, level, lft, rght, status, shown in values:
        title, label = full_name(name, short), str(UnitKind(kind).label)
        rows[key] = BoardRow(key, parent, title, label, (rght - lft - 1) // 2, _note(status, shown), level)
    ordered = list(rows.values())
    for row, following in zip_longest(ordered, ordered[1:]):
        depth = following.level if following else 0
        row.closes = "x" * max(0, row.level - depth)
    _label(rows)
    state = state_of((row[: len(COLUMNS)] for row in values), read_turns(organogram.pk))
    return Board(organogram, rows, state)


def _note(status: str, shown: str) -> str:
    """Return why the public does not see a unit as usual; empty if it does."""
    if status != PublicationStatus.PUBLISHED:
        return str(PublicationStatus(status).label)
    return "" if shown == PublicationLevel.PUBLIC else str(PublicationLevel(shown).label).split(":")[0]


def _label(rows: Mapping[UUID, BoardRow]) -> None:
    """Give each row a label that no other has: its name, with its parent and a number where needed."""
    names = Counter(fold(row.name) for row in rows.values())
    taken: Counter[str] = Counter()
    for row in rows.values():
        label = row.name
        if names[fold(label)] > 1 and row.parent is not None:
            label = gettext("%(unit)s, in %(parent)s") % {"unit": label, "parent": rows[row.parent].name}
        taken[fold(label)] += 1
        row.label = label if taken[fold(label)] == 1 else f"{label} ({taken[fold(label)]})"
