"""Comparison of staffing tables: numbers per grade and category, their differences, and bar charts of both."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from organisation.bars import BarChart, draw_bars
from organisation.formation import CategoryRows, Formation, GradeRow, get_formation
from organisation.models import Grade, StaffingTable
from organisation.models.staffing import StaffCategory, StaffingKind

MOST_OTHERS = 2


@dataclass(frozen=True)
class Difference:
    """Difference between the number in the table shown and in another; the share is None if the other is zero."""

    amount: Decimal
    share: Decimal | None


@dataclass(frozen=True)
class Other:
    """Number in another table, and the difference with it if both count the same thing.

    Tables of different kinds are not comparable, so there is no difference between them.
    """

    table: StaffingTable
    count: Decimal | None
    is_comparable: bool
    difference: Difference | None
    missing: str = ""


@dataclass(frozen=True)
class ComparedRow:
    """One grade in one measure: the number in the table shown, and in each of the other tables."""

    grade: Grade
    measure: str
    count: Decimal | None
    others: list[Other]
    missing: str = ""

    @property
    def label(self) -> str:
        """Return the name of the grade with its code."""
        has_code = self.grade.code in self.grade.name
        return self.grade.name if has_code else f"{self.grade.name} ({self.grade.code})"


@dataclass(frozen=True)
class Category:
    """Rows of one category, with its totals."""

    category: StaffCategory
    parts: list[CategoryRows | None]
    rows: list[ComparedRow]
    total: Other
    totals: list[Other]
    chart: BarChart

    @property
    def is_mixed(self) -> bool:
        """True if the rows count different things."""
        return len({row.measure for row in self.rows}) > 1


@dataclass(frozen=True)
class SideBySide:
    """Table shown (first), and the tables it is compared with."""

    formations: list[Formation]

    @property
    def shown(self) -> Formation:
        """Return the table shown."""
        return self.formations[0]

    @property
    def others(self) -> list[Formation]:
        """Return the tables it is compared with."""
        return self.formations[1:]

    @property
    def tables(self) -> list[StaffingTable]:
        """Return all tables."""
        return [formation.table for formation in self.formations]

    @cached_property
    def counted(self) -> list[Formation]:
        """Return the tables with numbers per grade or category, which become columns."""
        return [formation for formation in self.formations if formation.categories]

    @property
    def has_kinds(self) -> bool:
        """True if the tables are of different kinds, whose numbers are never subtracted."""
        return len({formation.table.kind for formation in self.counted}) > 1

    @cached_property
    def categories(self) -> list[Category]:
        """Return the categories that occur in any of the tables."""
        parts = {
            category: [_part(formation, category) for formation in self.counted] for category in StaffCategory
        }
        scale = max((formation.scale for formation in self.counted), default=Decimal(0))
        return [self._category(key, found, scale) for key, found in parts.items() if any(found)]

    def _category(
        self, category: StaffCategory, parts: list[CategoryRows | None], scale: Decimal
    ) -> Category:
        counts = [{(row.grade, row.measure): row for row in part.rows} if part else {} for part in parts]
        keys = sorted({key for found in counts for key in found}, key=lambda key: (key[0].rank, key[1]))
        rows = [self._row(grade, measure, counts) for grade, measure in keys]
        totals = [
            self._other(index, _total(parts[0]), _total(part), _same_measure(parts[0], part))
            for index, part in enumerate(parts)
        ]
        bars = ((_bar_label(row, rows), [row.count, *(other.count for other in row.others)]) for row in rows)
        return Category(category, parts, rows, totals[0], totals[1:], draw_bars(bars, scale))

    def _row(
        self, grade: Grade, measure: str, counts: Sequence[dict[tuple[Grade, str], GradeRow]]
    ) -> ComparedRow:
        nothing = GradeRow(grade, measure, None)
        first, *rest = (found.get((grade, measure), nothing) for found in counts)
        others = [
            self._other(index, first.count, other.count, True, other.missing)
            for index, other in enumerate(rest, start=1)
        ]
        return ComparedRow(grade, measure, first.count, others, first.missing)

    def _other(
        self, index: int, shown: Decimal | None, count: Decimal | None, same: bool, missing: str = ""
    ) -> Other:
        table = self.counted[index].table
        comparable = bool(index) and table.kind == self.counted[0].table.kind
        return Other(
            table, count, comparable, subtract(shown, count) if same and comparable else None, missing
        )


def subtract(after: Decimal | None, before: Decimal | None) -> Difference | None:
    """Return the absolute and percentage difference; None if either number is not published."""
    if after is None or before is None:
        return None
    share = ((after - before) * 100 / before).quantize(Decimal("0.1")) if before else None
    return Difference(after - before, share)


def put_beside(tables: Iterable[StaffingTable], shown: str, others: Iterable[str]) -> SideBySide | None:
    """Return the table with the slug `shown` (default: the formation in force) and at most two others.

    Returns None if there is no table to show; raises KeyError for an unknown slug.
    """
    by_slug = {table.slug: table for table in tables}
    formations = (table for table in by_slug.values() if table.kind == StaffingKind.FORMATION)
    table = by_slug[shown] if shown else next((item for item in formations if item.has_started), None)
    beside = [by_slug[slug] for slug in dict.fromkeys(others)]
    if table is None:
        return None
    kept = [other for other in beside if other != table][:MOST_OTHERS]
    return SideBySide([get_formation(item) for item in (table, *kept)])


def draw_totals(tables: Sequence[StaffingTable]) -> BarChart | None:
    """Draw the totals of tables of one kind: OPS, CALOG and together; None for fewer than two tables."""
    rows = [
        (table.title, [table.total_ops, table.total_calog, table.grand_total])
        for table in tables
        if table.has_totals
    ]
    known = [count for _title, counts in rows for count in counts if count is not None]
    return draw_bars(rows, max(known)) if len(rows) > 1 else None


def _part(formation: Formation, category: StaffCategory) -> CategoryRows | None:
    return next((part for part in formation.categories if part.category == category), None)


def _total(part: CategoryRows | None) -> Decimal | None:
    return part.total if part else None


def _same_measure(one: CategoryRows | None, other: CategoryRows | None) -> bool:
    """True if two totals count the same thing; a total without rows does not state what it counts."""
    measures = [part.measures for part in (one, other) if part and part.rows]
    return all(len(found) == 1 for found in measures) and len(set(map(frozenset, measures))) <= 1


def _bar_label(row: ComparedRow, rows: Sequence[ComparedRow]) -> str:
    """Return the name of the grade, followed by the measure if the rows have different ones."""
    return f"{row.label}, {row.measure}" if len({item.measure for item in rows}) > 1 else row.label
