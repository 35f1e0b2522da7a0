"""The top levels of an organogram as boxes and lines on a plane: plain arithmetic, the same every time."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from organisation.structure import Node

WIDTH, GAP, INDENT = 200, 20, 16
MARGIN, LINE, PADDING = 16, 16, 9
COLUMNS, MOST_BRANCHES, MOST_LEAVES = 5, 20, 12
LETTERS_PER_LINE, MOST_LINES = 24, 3


@dataclass(frozen=True)
class TextLine:
    """One line of text in a box."""

    text: str
    x: int
    y: int


@dataclass(frozen=True)
class Box:
    """One unit, or the remark that there are more."""

    x: int
    y: int
    width: int
    height: int
    level: int
    label: str
    lines: list[TextLine]
    slug: str = ""

    @property
    def bottom(self) -> int:
        """The lower edge."""
        return self.y + self.height


@dataclass
class Chart:
    """All boxes, and the lines between them as SVG path data."""

    boxes: list[Box] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    width: int = 0
    height: int = 0


@dataclass(frozen=True)
class _Branch:
    """One column: a unit right below the root and what stands below it."""

    label: str
    node: Node | None
    leaves: list[Node]


def draw_chart(top: Node) -> Chart:
    """The root, its branches in columns and their units below them, with a count of what is left out."""
    branches = [_Branch(node.name, node, node.children) for node in top.children[:MOST_BRANCHES]]
    if len(top.children) > MOST_BRANCHES:
        branches.append(_Branch(_more(len(top.children) - MOST_BRANCHES), None, []))
    columns = min(COLUMNS, max(1, len(branches)))
    chart = Chart(width=2 * MARGIN + columns * WIDTH + (columns - 1) * GAP)
    root = _box(top.name, top, (chart.width - WIDTH) // 2, MARGIN, WIDTH, 0)
    chart.boxes.append(root)
    rows = [branches[start : start + columns] for start in range(0, len(branches), columns)]
    bottom, buses = root.bottom, []
    for row in rows:
        buses.append(bottom + GAP)
        bottom = max(_draw_branch(chart, branch, _left(index), buses[-1]) for index, branch in enumerate(row))
    if rows:
        chart.links += _spine(root, [len(row) for row in rows], buses)
    chart.height = bottom + MARGIN
    return chart


def _more(count: int) -> str:
    """The remark in the place of what is left out."""
    return _("and %d more") % count


def _left(column: int) -> int:
    return MARGIN + column * (WIDTH + GAP)


def _spine(root: Box, sizes: list[int], buses: list[int]) -> list[str]:
    """The lines that join the root to every branch: a bar above each row, and a trunk at the left between rows."""
    middle, trunk = root.x + WIDTH // 2, MARGIN // 2
    lines = [f"M{middle} {root.bottom}V{buses[0]}"]
    if len(buses) > 1:
        lines.append(f"M{trunk} {buses[0]}V{buses[-1]}")
    for number, (size, bus) in enumerate(zip(sizes, buses, strict=True)):
        ends = [_left(0) + WIDTH // 2, _left(size - 1) + WIDTH // 2]
        ends += [middle] if number == 0 else []
        ends += [trunk] if len(buses) > 1 else []
        lines.append(f"M{min(ends)} {bus}H{max(ends)}")
    return lines


def _draw_branch(chart: Chart, branch: _Branch, x: int, bus: int) -> int:
    """Add one column of boxes; returns its lower edge."""
    head = _box(branch.label, branch.node, x, bus + GAP // 2, WIDTH, 1)
    chart.boxes.append(head)
    chart.links.append(f"M{x + WIDTH // 2} {bus}V{head.y}")
    y = head.bottom
    leaves: list[tuple[str, Node | None]] = [(leaf.name, leaf) for leaf in branch.leaves[:MOST_LEAVES]]
    if len(branch.leaves) > MOST_LEAVES:
        leaves.append((_more(len(branch.leaves) - MOST_LEAVES), None))
    for label, node in leaves:
        box = _box(label, node, x + INDENT, y + GAP // 2, WIDTH - INDENT, 2)
        chart.boxes.append(box)
        y = box.bottom
        chart.links.append(f"M{x + INDENT // 2} {head.bottom}V{box.y + box.height // 2}H{box.x}")
    return y


def _box(label: str, node: Node | None, x: int, y: int, width: int, level: int) -> Box:
    """A box as high as its text."""
    letters = LETTERS_PER_LINE - (2 if level == 2 else 0)
    texts = textwrap.wrap(label, letters, max_lines=MOST_LINES, placeholder=" …") or [label]
    height = len(texts) * LINE + 2 * PADDING
    lines = [TextLine(text, x + PADDING, y + PADDING + 12 + LINE * index) for index, text in enumerate(texts)]
    return Box(x, y, width, height, level, label, lines, node.slug if node and node.has_page else "")
