"""Chart of a part of the organogram: selection of its units, and layout of their boxes and lines.

The chart reads from left to right, so that names stay readable and the page scrolls vertically. The same chart is
drawn as SVG on the page, as an SVG file, and as PDF. Small screens get a stack: fewer levels, listed vertically.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from organisation.lettering import break_lines, width_of
from organisation.models import UnitKind
from organisation.models.structure import full_name
from organisation.structure import Node
from organisation.tidy import place_tidily

LEVELS, LEVELS_OF_STACK = 3, 2
# Maximum number of children drawn per unit; the root of the chart may show more.
MOST_PARTS, MOST_PARTS_OF_TOP = 14, 40
BOX_WIDTH, COLUMN_GAP, ROW_GAP, MARGIN = 224, 48, 10, 12
# In a stack: the indentation of children from their parent, and the offset of its vertical line.
INDENT, DROP = 26, 13
STRIPE, INSET, PADDING, CORNER = 4, 8, 10, 6
NAME_SIZE, KIND_SIZE, NAME_LINE, KIND_LINE, MOST_LINES = 13.5, 11.0, 17, 14, 3
CHIP_HEIGHT, CHIP_GAP, CHIP_PADDING = 26, 10, 9
TONES = {
    UnitKind.KORPS: "lead", UnitKind.DIRECTIE: "lead", UnitKind.COMITE: "lead", UnitKind.FUNCTIE: "person",
    UnitKind.COMMISSARIAAT: "place", UnitKind.ANTENNE: "place", UnitKind.POLITIEPUNT: "place",
    UnitKind.TEAM: "team", UnitKind.CEL: "team", UnitKind.PELOTON: "team", UnitKind.GROEP: "team",
}  # fmt: skip
OTHER_TONE = "service"
# Width ratio of bold to regular letters; the root's name is bold.
BOLDER = 1.1
# Colours for files, which have no style sheet; the page has its own for its light and dark themes.
COLOURS = {
    "lead": "#0b3d7a",
    "service": "#1e7a8c",
    "team": "#6a7889",
    "place": "#9e6600",
    "person": "#7b4b94",
}


@dataclass(frozen=True)
class TextLine:
    """One line of text: its left end and its baseline."""

    text: str
    x: int
    y: int


@dataclass(frozen=True)
class ChartBox:
    """Box of a unit, or of a note that there are more: `more_of` is then the unit whose chart shows them."""

    x: int
    y: int
    width: int
    height: int
    level: int
    label: str
    lines: list[TextLine]
    kind: TextLine | None = None
    tone: str = ""
    slug: str = ""
    more_of: str = ""

    @property
    def is_top(self) -> bool:
        """True for the root of the chart."""
        return self.level == 0

    @property
    def is_cut(self) -> bool:
        """True if its name was truncated."""
        return self.lines[-1].text.endswith("…") and not self.label.endswith("…")

    @property
    def colour(self) -> str:
        """Return the colour of its kind in a file."""
        return COLOURS.get(self.tone, "")

    @property
    def bottom(self) -> int:
        """Return the lower edge."""
        return self.y + self.height

    @property
    def right(self) -> int:
        """Return the right edge."""
        return self.x + self.width

    @property
    def middle(self) -> int:
        """Return the y coordinate at which lines connect."""
        return self.y + self.height // 2


@dataclass(frozen=True)
class Connector:
    """Line from the right of a box to the left of another one, with a step halfway."""

    start: tuple[int, int]
    end: tuple[int, int]
    half: int

    def corners(self) -> list[tuple[int, int]]:
        """Return the points of the polyline."""
        (_left, high), (_right, low) = self.start, self.end
        if high == low:
            return [self.start, self.end]
        return [self.start, (self.half, high), (self.half, low), self.end]

    @property
    def path(self) -> str:
        """Return the line as SVG path data, with rounded corners."""
        (left, start), (right, end) = self.start, self.end
        corner = min(CORNER, abs(end - start) // 2)
        if not corner:
            return f"M{left} {end}H{right}"
        down = corner if end > start else -corner
        return (
            f"M{left} {start}H{self.half - corner}q{corner} 0 {corner} {down}"
            f"V{end - down}q0 {down} {corner} {down}H{right}"
        )


@dataclass(frozen=True)
class Drop:
    """Line from the bottom of a box down to the left of another one."""

    start: tuple[int, int]
    end: tuple[int, int]

    @property
    def path(self) -> str:
        """Return the line as SVG path data, with a rounded corner."""
        (left, high), (right, low) = self.start, self.end
        return f"M{left} {high}V{low - CORNER}q0 {CORNER} {CORNER} {CORNER}H{right}"


@dataclass
class Chart:
    """All boxes in document order, and the lines between them."""

    boxes: list[ChartBox] = field(default_factory=list)
    links: list[Connector] = field(default_factory=list)
    drops: list[Drop] = field(default_factory=list)
    width: int = 0
    height: int = 0

    def at_scale(self, percentage: int) -> tuple[int, int]:
        """Return width and height at a scale in per cent."""
        return self.width * percentage // 100, self.height * percentage // 100


@dataclass
class _Item:
    """Content of one box: a unit, or a note that `left_out` more children of `owner` are omitted."""

    node: Node | None
    level: int
    owner: Node
    left_out: int = 0
    children: list[int] = field(default_factory=list)


def draw_chart(top: Node, levels: int = LEVELS) -> Chart:
    """Draw a unit with a number of levels, and notes that count the omitted units."""
    items = _choose(top, levels)
    texts = [_text(item) for item in items]
    heights = [_height(item, lines) for item, lines in zip(items, texts, strict=True)]
    middles = place_tidily([item.children for item in items], heights, ROW_GAP)
    chart = Chart()
    boxes = []
    for item, lines, height, middle in zip(items, texts, heights, middles, strict=True):
        x = MARGIN + item.level * (BOX_WIDTH + COLUMN_GAP)
        boxes.append(_box(item, lines, x, MARGIN + round(middle - height / 2), height))
    for item, box in zip(items, boxes, strict=True):
        chart.boxes.append(box)
        chart.links += [_join(box, boxes[child]) for child in item.children]
        if item.node is not None and item.left_out:
            chip = _chip(item.node, item.left_out, box)
            chart.boxes.append(chip)
            chart.links.append(Connector((box.right, chip.middle), (chip.x, chip.middle), chip.x))
    return _measured(chart)


def draw_stack(top: Node) -> Chart:
    """Draw the chart for small screens: a unit, its children below it, and below each a count of its own children."""
    chart = Chart()
    above: list[ChartBox] = []
    for item in _choose(top, LEVELS_OF_STACK):
        lines = _text(item)
        box = _box(item, lines, MARGIN + item.level * INDENT, _next_row(chart), _height(item, lines))
        chart.boxes.append(box)
        above[item.level :] = [box]
        if item.level:
            chart.drops.append(_drop(above[item.level - 1], box))
        if item.node is not None and item.left_out:
            chip = _remark(item.node, _more(item.left_out), box.x + INDENT, _next_row(chart), box.level + 1)
            chart.boxes.append(chip)
            chart.drops.append(_drop(box, chip))
    return _measured(chart)


def _next_row(chart: Chart) -> int:
    return chart.boxes[-1].bottom + ROW_GAP if chart.boxes else MARGIN


def _drop(upper: ChartBox, lower: ChartBox) -> Drop:
    return Drop((upper.x + DROP, upper.bottom), (lower.x, lower.middle))


def _measured(chart: Chart) -> Chart:
    chart.width = max(box.right for box in chart.boxes) + MARGIN
    chart.height = max(box.bottom for box in chart.boxes) + MARGIN
    return chart


def _choose(top: Node, levels: int) -> list[_Item]:
    """Return the units of the chart in document order; children are indexes into the list."""
    items: list[_Item] = []
    stack: list[tuple[_Item, int]] = [(_Item(top, 0, top), -1)]
    while stack:
        item, parent = stack.pop()
        number = len(items)
        items.append(item)
        if parent >= 0:
            items[parent].children.append(number)
        node = item.node
        if node is None:
            continue
        if item.level == levels - 1:
            item.left_out = len(node.children)
            continue
        most = MOST_PARTS_OF_TOP if item.level == 0 else MOST_PARTS
        below = [_Item(child, item.level + 1, node) for child in node.children[:most]]
        if len(node.children) > most:
            below.append(_Item(None, item.level + 1, node, len(node.children) - most))
        stack.extend((child, number) for child in reversed(below))
    return items


def _text(item: _Item) -> list[str]:
    """Return the lines of text in a box, without the kind."""
    if item.node is None:
        return [_more(item.left_out)]
    name = full_name(item.node.name, item.node.abbreviation)
    size = NAME_SIZE * (BOLDER if item.level == 0 else 1)
    return break_lines(name, BOX_WIDTH - INSET - 2 * PADDING, size, MOST_LINES)


def _more(count: int) -> str:
    """Return the note that replaces the omitted units."""
    return _("and %d more") % count


def _height(item: _Item, lines: list[str]) -> int:
    if item.node is None:
        return CHIP_HEIGHT
    return KIND_LINE + len(lines) * NAME_LINE + 2 * PADDING - 4


def _box(item: _Item, lines: list[str], x: int, y: int, height: int) -> ChartBox:
    if item.node is None:
        return _remark(item.owner, lines[0], x, y, item.level)
    node, left = item.node, x + INSET + PADDING
    kind = TextLine(str(UnitKind(node.kind).label), left, y + PADDING + 8)
    first = y + PADDING + KIND_LINE + 10
    return ChartBox(
        x, y, BOX_WIDTH, height, item.level, node.name,
        [TextLine(text, left, first + number * NAME_LINE) for number, text in enumerate(lines)],
        kind=kind, tone=TONES.get(UnitKind(node.kind), OTHER_TONE), slug=node.slug if node.has_page else "",
    )  # fmt: skip


def _chip(node: Node, count: int, box: ChartBox) -> ChartBox:
    """Place the note to the right of a unit whose children are not in the chart."""
    return _remark(node, _more(count), box.right + CHIP_GAP, box.middle - CHIP_HEIGHT // 2, box.level + 1)


def _remark(owner: Node, text: str, x: int, y: int, level: int) -> ChartBox:
    width = round(width_of(text, KIND_SIZE + 1)) + 2 * CHIP_PADDING
    line = TextLine(text, x + CHIP_PADDING, y + 17)
    return ChartBox(x, y, width, CHIP_HEIGHT, level, f"{owner.name}: {text}", [line], more_of=owner.slug)


def _join(parent: ChartBox, child: ChartBox) -> Connector:
    return Connector((parent.right, parent.middle), (child.x, child.middle), parent.right + COLUMN_GAP // 2)
