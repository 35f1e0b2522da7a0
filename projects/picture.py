"""Diagram from the strategy to projects and units, as boxes in columns: deterministic arithmetic."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from organisation.places import NamedUnit
from projects.models import Project
from projects.parts import get_parts

WIDTH, GAP_X, GAP_Y = 186, 34, 10
LINE, PADDING = 16, 8
# Goals are set in bold, which is wider.
LETTERS_PER_LINE, BOLD_LETTERS, MOST_LINES = 23, 20, 5
# Projects and units have fixed columns, regardless of the depth of the aims.
PROJECTS = 4


@dataclass
class Step:
    """Aim, project or unit, with the next steps."""

    key: str
    label: str
    sort: str
    column: int
    next: list[Step] = field(default_factory=list)


@dataclass(frozen=True)
class PictureBox:
    """Box of one step; `lines` are texts with their baselines."""

    key: str
    sort: str
    x: int
    y: int
    height: int
    lines: list[tuple[str, int]]

    @property
    def middle(self) -> int:
        """Return the vertical centre."""
        return self.y + self.height // 2


@dataclass(frozen=True)
class PictureLink:
    """Line from one step to the next, as SVG path data."""

    start: str
    end: str
    path: str


@dataclass
class Picture:
    """All boxes and lines."""

    boxes: list[PictureBox] = field(default_factory=list)
    links: list[PictureLink] = field(default_factory=list)
    width: int = 0
    height: int = 0
    box_width: int = WIDTH

    @property
    def width_in_em(self) -> float:
        """Return the width in em, so that the diagram scales with the text size."""
        return self.width / 16


def get_steps(aims: Iterable[Mapping[str, Any]], units: Mapping[UUID, NamedUnit]) -> list[Step]:
    """Return the aims with the projects below them, leaving out aims without projects below the second level."""
    return [step for aim in aims if (step := _aim_step(aim, units, 0))]


def _aim_step(aim: Mapping[str, Any], units: Mapping[UUID, NamedUnit], level: int) -> Step | None:
    node = aim["node"]
    step = Step(node.slug, str(node), node.kind, min(level, PROJECTS - 1))
    below = (_aim_step(child, units, level + 1) for child in aim["children"])
    step.next = [child for child in below if child]
    step.next += [_project_step(project, units) for project in aim["projects"]]
    return step if step.next or level < 2 else None


def _project_step(project: Project, units: Mapping[UUID, NamedUnit]) -> Step:
    found = [
        Step(part.named.unit.slug, str(part.named.unit), "unit", PROJECTS + 1)
        for part in get_parts(project, units)
    ]
    return Step(project.slug, str(project), "project", PROJECTS, found)


def draw(steps: Sequence[Step]) -> Picture:
    """Lay out the steps from left to right; each is vertically centred on its next steps."""
    columns = sorted({step.column for step in _walk(steps)})
    places = {column: index * (WIDTH + GAP_X) for index, column in enumerate(columns)}
    picture = Picture(width=max(1, len(columns)) * (WIDTH + GAP_X) - GAP_X)
    bottoms = dict.fromkeys(columns, 0)
    for step in steps:
        _place(picture, step, places, bottoms)
    picture.height = max((box.y + box.height for box in picture.boxes), default=0)
    return picture


def _walk(steps: Iterable[Step]) -> Iterator[Step]:
    for step in steps:
        yield step
        yield from _walk(step.next)


def _place(
    picture: Picture, step: Step, places: Mapping[int, int], bottoms: dict[int, int], after_column: int = -1
) -> PictureBox:
    """Place the next steps first, then the step itself at their vertical centre, without overlapping earlier boxes.

    A step keeps its lane free in the columns that it skips, so that no line crosses a box.
    """
    letters = BOLD_LETTERS if step.sort == "goal" else LETTERS_PER_LINE
    texts = textwrap.wrap(step.label, letters, max_lines=MOST_LINES, placeholder=" …")
    height = len(texts) * LINE + 2 * PADDING
    lane = [column for column in places if after_column < column <= step.column]
    top = max(bottoms[column] for column in lane)
    for column in places:
        if column > step.column:
            bottoms[column] = max(bottoms[column], top)
    after = [_place(picture, child, places, bottoms, step.column) for child in step.next]
    if after:
        top = max(top, (after[0].middle + after[-1].middle) // 2 - height // 2)
    lines = [(text, top + PADDING + LINE * number - 4) for number, text in enumerate(texts, start=1)]
    box = PictureBox(step.key, step.sort, places[step.column], top, height, lines)
    picture.boxes.append(box)
    for column in lane:
        bottoms[column] = top + height + GAP_Y
    picture.links += [_link(box, child) for child in after]
    return box


def _link(start: PictureBox, end: PictureBox) -> PictureLink:
    x = start.x + WIDTH
    return PictureLink(start.key, end.key, f"M{x} {start.middle}H{x + GAP_X // 2}V{end.middle}H{end.x}")
