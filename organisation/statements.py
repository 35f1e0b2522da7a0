"""Official statements as a reader meets them: a sentence that the source spreads over a list stays one sentence."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from organisation.models import Statement


@dataclass(frozen=True)
class Passage:
    """Statements that stand below each other in one place of a source: what introduces the others, and those.

    A statement alone is a lead without points; points without a lead are words that need no title.
    """

    lead: Statement | None
    points: list[Statement]

    @property
    def source(self) -> Statement:
        """The statement that says where all of them come from."""
        return self.lead or self.points[0]

    @property
    def title(self) -> str:
        """The title of a statement that stands alone."""
        return self.lead.title if self.lead and not self.points else ""


def get_passages(statements: Iterable[Statement]) -> list[Passage]:
    """The statements in their order; neighbours from the same place are one passage when they are one sentence."""
    return [passage for _key, group in groupby(statements, key=_place) for passage in _join(list(group))]


def _place(statement: Statement) -> tuple[Any, ...]:
    """What the line about the source says of a statement."""
    return statement.source_id, statement.source_place, statement.verified_on, statement.modified.date()


def _join(group: list[Statement]) -> list[Passage]:
    first, *rest = group
    if rest and first.text.endswith(":"):
        return [Passage(first, rest)]
    if rest and not any(statement.title_apart for statement in group):
        return [Passage(None, group)]
    return [Passage(statement, []) for statement in group]
