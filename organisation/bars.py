"""Layout of bar charts: deterministic arithmetic, and never a bar for a missing number.

Widths are percentages of the drawing and heights are in em, so that a drawing adapts to the screen and to enlarged
text.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

# Share of the width reserved for bars; the rest is for the number after each bar.
SPAN = Decimal(80)
LABEL, BAR, GAP = Decimal("1.5"), Decimal("1.4"), Decimal("0.6")
EXACT = Decimal("0.000001")


@dataclass(frozen=True)
class Bar:
    """One number: the width of its bar in per cent, and the top of its line in em."""

    count: Decimal | None
    series: int
    width: Decimal
    y: Decimal

    @property
    def baseline(self) -> Decimal:
        """Return the baseline of the number, in em."""
        return self.y + Decimal("1.05")


@dataclass(frozen=True)
class BarRow:
    """Bars under one name, one per series."""

    label: str
    y: Decimal
    marks: list[Bar]

    @property
    def baseline(self) -> Decimal:
        """Return the baseline of the name, in em."""
        return self.y + Decimal("1.1")


@dataclass(frozen=True)
class BarChart:
    """All rows, and the total height in em."""

    rows: list[BarRow]
    height: Decimal


def draw_bars(rows: Iterable[tuple[str, Sequence[Decimal | None]]], scale: Decimal) -> BarChart:
    """Lay out a row of bars for each name; `scale` is the number with the longest bar."""
    drawn: list[BarRow] = []
    y = Decimal(0)
    for label, counts in rows:
        marks = [_mark(count, series, y + LABEL + series * BAR, scale) for series, count in enumerate(counts)]
        drawn.append(BarRow(label, y, marks))
        y += LABEL + len(marks) * BAR + GAP
    return BarChart(drawn, y)


def _mark(count: Decimal | None, series: int, y: Decimal, scale: Decimal) -> Bar:
    width = (count * SPAN / scale).quantize(EXACT) if count and scale else Decimal(0)
    return Bar(count, series, width, y)
