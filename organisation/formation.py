"""Sums of staffing table lines per category; a missing number never counts as zero."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import Any

from organisation.models import Grade, StaffingTable
from organisation.models.staffing import StaffCategory, StaffingKind


@dataclass(frozen=True)
class GradeRow:
    """Number for one grade in one measure; None if it is not published, with the reason if known."""

    grade: Grade
    measure: str
    count: Decimal | None
    missing: str = ""


@dataclass(frozen=True)
class CategoryRows:
    """Grades of one category with the total stated by the source."""

    category: StaffCategory
    rows: list[GradeRow]
    stated: Decimal | None

    @property
    def measures(self) -> set[str]:
        """Return the measures of the rows: posts, people, full-time equivalents."""
        return {row.measure for row in self.rows}

    @property
    def added_up(self) -> Decimal | None:
        """Return the sum of the rows; None if a number is not published, or if the measures differ."""
        return add_up(row.count for row in self.rows) if len(self.measures) == 1 else None

    @property
    def total(self) -> Decimal | None:
        """Return the stated total, or else the sum of the rows."""
        return self.stated if self.stated is not None else self.added_up

    @property
    def differs(self) -> bool:
        """True if the sum of the rows differs from the stated total."""
        return self.stated is not None and self.added_up is not None and self.stated != self.added_up


@dataclass(frozen=True)
class Formation:
    """One staffing table, prepared for display."""

    table: StaffingTable
    categories: list[CategoryRows]

    @property
    def scale(self) -> Decimal:
        """Return the largest number in the table."""
        counts = [row.count for category in self.categories for row in category.rows if row.count is not None]
        return max(counts, default=Decimal(0))


def add_up(counts: Iterable[Decimal | None]) -> Decimal | None:
    """Return the sum; None if there is nothing to add or a number is missing."""
    total: Decimal | None = None
    for count in counts:
        if count is None:
            return None
        total = count if total is None else total + count
    return total


def get_formation(table: StaffingTable) -> Formation:
    """Group the table's lines by category and grade; uses the lines prefetched by `with_lines`."""
    rows: dict[str, list[GradeRow]] = {category: [] for category in StaffCategory.values}
    lines = sorted(table.lines.all(), key=lambda line: (line.grade.rank, line.grade.category, line.measure))
    for (grade, measure), group in groupby(lines, key=lambda line: (line.grade, line.get_measure_display())):
        rows[grade.category].append(_row(grade, str(measure), list(group)))
    categories = [
        CategoryRows(category, rows[category], table.stated_total(category)) for category in StaffCategory
    ]
    shown = [category for category in categories if category.rows or category.stated is not None]
    return Formation(table, shown)


def _row(grade: Grade, measure: str, lines: Sequence[Any]) -> GradeRow:
    """Return the number for the whole corps: the line without a unit, or else the sum over the units.

    A sum with missing numbers has a reason only if all of them are missing for the same one. There is no sum if one
    of the units is hidden from the public, because the sum would reveal its number.
    """
    counted = [line for line in lines if line.unit_id is None] or list(lines)
    if not all(line.unit_id is None or line.unit_shown for line in counted):
        return GradeRow(grade, measure, None)
    count = add_up(line.count for line in counted)
    reasons = {line.count_missing for line in counted if line.count is None}
    return GradeRow(grade, measure, count, reasons.pop() if len(reasons) == 1 else "")


def by_kind(tables: Iterable[StaffingTable]) -> list[tuple[StaffingKind, list[StaffingTable]]]:
    """Group the tables by kind, in order of the kinds, including kinds without tables."""
    listed = list(tables)
    return [(kind, [table for table in listed if table.kind == kind]) for kind in StaffingKind]
