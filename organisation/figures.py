"""Key figures grouped under headings, with a chart if the numbers are comparable."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from organisation.bars import BarChart, draw_bars
from organisation.grouping import by_choice
from organisation.models import KeyFigure
from organisation.models.figures import FigureGroup

# Groups whose figures count the same kind of thing; in other groups a chart would be meaningless.
COMPARABLE = (FigureGroup.VEHICLES, FigureGroup.BICYCLES, FigureGroup.PROJECTS)
FEWEST = 2


@dataclass(frozen=True)
class Figures:
    """Figures under one heading; `chart` is None if they are not comparable."""

    group: FigureGroup
    figures: list[KeyFigure]
    chart: BarChart | None


def group_figures(figures: Iterable[KeyFigure]) -> list[Figures]:
    """Group the figures under their headings, in order of the headings, without empty headings."""
    return [
        Figures(group, found, _chart(group, found))
        for group, found in by_choice(figures, "group", FigureGroup)
    ]


def _chart(group: FigureGroup, figures: list[KeyFigure]) -> BarChart | None:
    """Draw the figures with the most common unit of measure, without ranges."""
    units = [figure.unit for figure in figures]
    unit = max(units, key=units.count)
    alike = [figure for figure in figures if figure.unit == unit and figure.value_max is None]
    known = [figure.value for figure in alike if figure.value is not None]
    if group not in COMPARABLE or not unit or len(known) < FEWEST:
        return None
    return draw_bars([(figure.label, [figure.value]) for figure in alike], max(known))
