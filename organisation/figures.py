"""Key figures: the main ones, with a chart of what counts the same thing, and a filtered table of the others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import takewhile

from organisation.bars import BarChart, draw_bars
from organisation.forms import FigureFilterForm
from organisation.grouping import by_choice
from organisation.models import KeyFigure
from organisation.models.figures import FigureGroup
from organisation.narrowing import narrow

# Groups whose figures count the same kind of thing; in other groups a chart would be meaningless.
COMPARABLE = (FigureGroup.VEHICLES, FigureGroup.BICYCLES, FigureGroup.PROJECTS)
FEWEST = 2
MOST_MAIN = 10


@dataclass(frozen=True)
class MainFigure:
    """One of the main figures; `chart` has its group, unless the figures of it are not comparable."""

    figure: KeyFigure
    chart: BarChart | None


@dataclass(frozen=True)
class FigurePage:
    """Main figures, and the other figures that match the filters; `total` counts those others without filters."""

    main: list[MainFigure]
    others: Sequence[KeyFigure]
    total: int

    @property
    def main_figures(self) -> list[KeyFigure]:
        """Return the main figures without their charts."""
        return [main.figure for main in self.main]


def get_figure_page(figures: Iterable[KeyFigure], form: FigureFilterForm) -> FigurePage:
    """Split the figures into the main ones and the others; with filters the table searches all of them."""
    groups = by_choice(figures, "group", FigureGroup)
    listed = [figure for _group, found in groups for figure in found]
    main = sorted((figure for figure in listed if figure.highlight is not None), key=_place)[:MOST_MAIN]
    others = [figure for figure in listed if figure not in main]
    matching = _matching(listed, form) if form.is_filtered else others
    charts = {group: _chart(group, found) for group, found in groups}
    drawn: set[str] = set()
    cards = []
    for figure in main:
        cards.append(MainFigure(figure, None if figure.group in drawn else charts[figure.group]))
        drawn.add(figure.group)
    return FigurePage(cards, matching, len(others))


def _place(figure: KeyFigure) -> tuple[int, str]:
    return figure.highlight or 0, figure.label


def _matching(figures: Iterable[KeyFigure], form: FigureFilterForm) -> list[KeyFigure]:
    group = form.cleaned_data["groep"]
    found = (figure for figure in figures if group in ("", figure.group))
    return narrow(found, form.cleaned_data["q"], ("label", "note", "unit"))


def _chart(group: FigureGroup, figures: list[KeyFigure]) -> BarChart | None:
    """Draw the figures with the most common unit of measure, without ranges."""
    units = [figure.unit for figure in figures]
    unit = max(units, key=units.count)
    alike = [figure for figure in figures if figure.unit == unit and figure.value_max is None]
    known = [figure.value for figure in alike if figure.value is not None]
    if group not in COMPARABLE or not unit or len(known) < FEWEST:
        return None
    names = shorten([figure.label for figure in alike])
    return draw_bars(zip(names, ([figure.value] for figure in alike), strict=True), max(known))


def shorten(labels: Sequence[str]) -> list[str]:
    """Return the labels without the words with which all of them end: they stand above the chart."""
    words = [label.split() for label in labels]
    most = min(len(parts) for parts in words) - 1
    ends = (len({parts[-number] for parts in words}) == 1 for number in range(1, most + 1))
    shared = sum(1 for _same in takewhile(bool, ends))
    return [" ".join(parts[: len(parts) - shared]) for parts in words]
