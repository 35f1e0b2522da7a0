"""Key figures under their headings, with a drawing where the numbers can be compared."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from organisation.bars import BarChart, draw_bars
from organisation.grouping import by_choice
from organisation.models import KeyFigure
from organisation.models.figures import FigureGroup

# Under these headings the numbers count the same sort of thing; elsewhere a drawing would compare apples with pears.
COMPARABLE = (FigureGroup.VEHICLES, FigureGroup.BICYCLES, FigureGroup.PROJECTS)
FEWEST = 2


@dataclass(frozen=True)
class Figures:
    """The figures under one heading; `chart` is None where they cannot be compared."""

    group: FigureGroup
    figures: list[KeyFigure]
    chart: BarChart | None


def group_figures(figures: Iterable[KeyFigure]) -> list[Figures]:
    """The figures under their headings, in the order of the headings; a heading without figures is left out."""
    return [
        Figures(group, found, _chart(group, found))
        for group, found in by_choice(figures, "group", FigureGroup)
    ]


def _chart(group: FigureGroup, figures: list[KeyFigure]) -> BarChart | None:
    """Bars of the figures that share the commonest unit of measure, leaving out ranges."""
    units = [figure.unit for figure in figures]
    unit = max(units, key=units.count)
    alike = [figure for figure in figures if figure.unit == unit and figure.value_max is None]
    known = [figure.value for figure in alike if figure.value is not None]
    if group not in COMPARABLE or not unit or len(known) < FEWEST:
        return None
    return draw_bars([(figure.label, [figure.value]) for figure in alike], max(known))
