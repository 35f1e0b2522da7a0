"""Official statements as passages: a sentence that the source spreads over a list stays one sentence."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from organisation.models import Statement


@dataclass(frozen=True)
class Passage:
    """Consecutive statements from one place of a source: the lead that introduces the others, and those points.

    A single statement is a lead without points; points without a lead are words that need no title.
    """

    lead: Statement | None
    points: list[Statement]

    @property
    def source(self) -> Statement:
        """Return the statement with the source of the whole passage."""
        return self.lead or self.points[0]

    @property
    def title(self) -> str:
        """Return the title of a single statement; empty for a passage of several."""
        return self.lead.title if self.lead and not self.points else ""


def get_passages(statements: Iterable[Statement]) -> list[Passage]:
    """Return the statements as passages, in order; neighbours from one place form one if they are one sentence."""
    return [passage for _key, group in groupby(statements, key=_place) for passage in _join(list(group))]


def _place(statement: Statement) -> tuple[Any, ...]:
    """Return the source details of a statement, as shown below it."""
    return statement.source_id, statement.source_place, statement.verified_on, statement.modified.date()


def _join(group: list[Statement]) -> list[Passage]:
    first, *rest = group
    if rest and first.text.endswith(":"):
        return [Passage(first, rest)]
    if rest and not any(statement.title_apart for statement in group):
        return [Passage(None, group)]
    return [Passage(statement, []) for statement in group]
