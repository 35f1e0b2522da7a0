"""Numbers as bars on a plane: plain arithmetic, the same every time, and never a bar for a missing number.

Widths are per cents of the drawing and heights are in em, so that a drawing follows both the screen and enlarged text.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

# The part of the width for bars; the rest is for the number behind them.
SPAN = Decimal(80)
LABEL, BAR, GAP = Decimal("1.5"), Decimal("1.4"), Decimal("0.6")
EXACT = Decimal("0.000001")


@dataclass(frozen=True)
class Bar:
    """One number: its bar in per cents of the width, and the upper edge of its line in em."""

    count: Decimal | None
    series: int
    width: Decimal
    y: Decimal

    @property
    def baseline(self) -> Decimal:
        """Where the number is written, in em."""
        return self.y + Decimal("1.05")


@dataclass(frozen=True)
class BarRow:
    """The bars of one thing under its name, one per series."""

    label: str
    y: Decimal
    marks: list[Bar]

    @property
    def baseline(self) -> Decimal:
        """Where the name is written, in em."""
        return self.y + Decimal("1.1")


@dataclass(frozen=True)
class BarChart:
    """All rows, and the height in em."""

    rows: list[BarRow]
    height: Decimal


def draw_bars(rows: Iterable[tuple[str, Sequence[Decimal | None]]], scale: Decimal) -> BarChart:
    """A row for each name with its numbers; `scale` is the number whose bar is the longest."""
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
