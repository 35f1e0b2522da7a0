"""The lines of a staffing table added up per category, without ever taking a missing number for zero."""

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
    """The number for one grade in one measure; None when it is not published, with the reason when it is known."""

    grade: Grade
    measure: str
    count: Decimal | None
    missing: str = ""


@dataclass(frozen=True)
class CategoryRows:
    """The grades of one category with the total that the source states."""

    category: StaffCategory
    rows: list[GradeRow]
    stated: Decimal | None

    @property
    def measures(self) -> set[str]:
        """What the rows count: posts, people, full-time equivalents."""
        return {row.measure for row in self.rows}

    @property
    def added_up(self) -> Decimal | None:
        """The sum of the rows; None when a number is not published, or when they count different things."""
        return add_up(row.count for row in self.rows) if len(self.measures) == 1 else None

    @property
    def total(self) -> Decimal | None:
        """The stated total, or else the sum of the rows."""
        return self.stated if self.stated is not None else self.added_up

    @property
    def differs(self) -> bool:
        """Whether the rows add up to another number than the source states."""
        return self.stated is not None and self.added_up is not None and self.stated != self.added_up


@dataclass(frozen=True)
class Formation:
    """One staffing table, ready to show."""

    table: StaffingTable
    categories: list[CategoryRows]

    @property
    def scale(self) -> Decimal:
        """The greatest number in the table."""
        counts = [row.count for category in self.categories for row in category.rows if row.count is not None]
        return max(counts, default=Decimal(0))


def add_up(counts: Iterable[Decimal | None]) -> Decimal | None:
    """The sum; None when there is nothing to add or a number is missing."""
    total: Decimal | None = None
    for count in counts:
        if count is None:
            return None
        total = count if total is None else total + count
    return total


def get_formation(table: StaffingTable) -> Formation:
    """The table's lines per category and grade; reads the lines that `with_lines` fetched."""
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
    """The number for the whole corps: the line that has no unit, or else the sum of the units.

    A sum that misses numbers has a reason only when all of those miss for the same one. With a unit of which the
    public may not know there is no sum: it would tell the number of that unit.
    """
    counted = [line for line in lines if line.unit_id is None] or list(lines)
    if not all(line.unit_id is None or line.unit_shown for line in counted):
        return GradeRow(grade, measure, None)
    count = add_up(line.count for line in counted)
    reasons = {line.count_missing for line in counted if line.count is None}
    return GradeRow(grade, measure, count, reasons.pop() if len(reasons) == 1 else "")


def by_kind(tables: Iterable[StaffingTable]) -> list[tuple[StaffingKind, list[StaffingTable]]]:
    """The tables per kind, in the order of the kinds; a kind without tables is there too."""
    listed = list(tables)
    return [(kind, [table for table in listed if table.kind == kind]) for kind in StaffingKind]
