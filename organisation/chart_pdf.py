"""Printable PDF with the charts of a part of the organogram.

Contains the requested chart, and one chart for each part that it omits, to which its “and 5 more” links.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from organisation.chart import (
    CORNER,
    INSET,
    KIND_SIZE,
    LEVELS,
    NAME_SIZE,
    STRIPE,
    Chart,
    ChartBox,
    Connector,
    draw_chart,
)
from organisation.downloads import Address, OrganogramPart
from organisation.pdf import HEIGHT, WIDTH, Area, Colour, PdfDocument, TextRun, round_box
from organisation.structure import Node
from pzgent.kernel.paths import path_of

EDGE, HEAD, FOOT, BETWEEN = 42.0, 66.0, 30.0, 18.0
# Below this scale names are smaller than 6 points: the chart then has one level less, and its parts get their own.
LEAST_SCALE, LARGEST_SCALE = 0.45, 0.6
MOST_PICTURES = 80
INK, SOFT, LINE = (0.071, 0.125, 0.184), (0.247, 0.298, 0.357), (0.416, 0.471, 0.537)
PAPER, BLUE, LINK = (1.0, 1.0, 1.0), (0.043, 0.239, 0.478), (0.043, 0.278, 0.576)


def write_pdf(part: OrganogramPart, today: datetime.date, address: Address) -> bytes:
    """Return the document; `address` makes a path of the site absolute."""
    pictures = list(_placed(_pictures(part.top)))
    numbers = {picture.node.slug: picture.page for picture in pictures}
    document = PdfDocument(part.title, get_language() or "")
    for page, group in groupby(pictures, key=lambda picture: picture.page):
        document.add_page()
        _write_head(document, part, (page + 1, pictures[-1].page + 1))
        for picture in group:
            title = TextRun(picture.node.name, picture.left, HEIGHT - EDGE - HEAD + 8, 12, INK, bold=True)
            document.write("H2", [title])
            _Sheet(document, part, picture, numbers, address).draw()
        _write_foot(document, part, today, address)
    return document.finish()


@dataclass(frozen=True)
class _Picture:
    """Chart of a unit and its position: its page (counted from 0), left edge and scale."""

    node: Node
    chart: Chart
    page: int
    left: float
    scale: float


def _placed(pictures: Iterable[tuple[Node, Chart]]) -> Iterator[_Picture]:
    """Place charts next to each other, as many as fit the width of a page."""
    page, left = 0, EDGE
    for node, chart in pictures:
        scale = min(LARGEST_SCALE, _scale(chart))
        if left > EDGE and left + chart.width * scale > WIDTH - EDGE:
            page, left = page + 1, EDGE
        yield _Picture(node, chart, page, left, scale)
        left += chart.width * scale + BETWEEN


def _pictures(top: Node) -> Iterator[tuple[Node, Chart]]:
    """Yield each unit with a chart of its own, in document order."""
    known = {node.slug: node for node in top.walk()}
    waiting = [top]
    for _number in range(MOST_PICTURES):
        if not waiting:
            return
        node = waiting.pop(0)
        chart = draw_chart(node)
        if _scale(chart) < LEAST_SCALE:
            chart = draw_chart(node, LEVELS - 1)
        yield node, chart
        left_out = [known[box.more_of] for box in chart.boxes if box.more_of not in ("", node.slug)]
        waiting = left_out + waiting


def _scale(chart: Chart) -> float:
    wide, high = WIDTH - 2 * EDGE, HEIGHT - 2 * EDGE - HEAD - FOOT
    return min(1.0, wide / chart.width, high / chart.height)


def _write_head(document: PdfDocument, part: OrganogramPart, page: tuple[int, int]) -> None:
    top, number = HEIGHT - EDGE, page[0]
    title = TextRun(part.title, EDGE, top - 14, 18, INK, bold=True)
    start = date_format(part.organogram.valid_from)
    text = _("%(title)s, applies from %(day)s") % {"title": part.organogram.title, "day": start}
    version = TextRun(text, EDGE, top - 31, 11, SOFT)
    if number == 1:
        document.write("H1", [title])
        document.write("P", [version])
    else:
        document.write_aside(title)
        document.write_aside(version)
    text = _("Page %(number)d of %(count)d") % {"number": number, "count": page[1]}
    document.write_aside(TextRun(text, WIDTH - EDGE - 90, top - 14, 10, SOFT))


def _write_foot(document: PdfDocument, part: OrganogramPart, today: datetime.date, address: Address) -> None:
    source, place = part.organogram.source, part.organogram.source_place
    if source and source.is_published:
        text = " ".join((_("Source:"), ", ".join(filter(None, (source.title, place)))))
        document.write("P", [TextRun(text, EDGE, EDGE + 14, 9, SOFT)])
    page = address(part.page_path)
    text = _("Made on %(day)s from %(address)s") % {"day": date_format(today), "address": page}
    area = (EDGE, EDGE - 4, WIDTH - EDGE, EDGE + 10)
    document.write("P", [TextRun(text, EDGE, EDGE, 9, SOFT)], link=page, area=area)


@dataclass(frozen=True)
class _Sheet:
    """Chart on a page: converts from chart coordinates (y down) to page coordinates (y up)."""

    document: PdfDocument
    part: OrganogramPart
    picture: _Picture
    numbers: dict[str, int]
    address: Address

    @property
    def scale(self) -> float:
        return self.picture.scale

    def draw(self) -> None:
        """Draw lines and boxes as decoration, and the text of each box as a list item, in document order."""
        chart = self.picture.chart
        for link in chart.links:
            self._draw_link(link)
        with self.document.items():
            for box in chart.boxes:
                self._draw_box(box)
                texts, target = list(self._texts(box)), self._target(box)
                self.document.write("LI", texts, link=target, area=self._area(box))

    def _point(self, x: float, y: float) -> tuple[float, float]:
        return round(self.picture.left + x * self.scale, 2), round(HEIGHT - EDGE - HEAD - y * self.scale, 2)

    def _area(self, box: ChartBox) -> Area:
        return (*self._point(box.x, box.bottom), *self._point(box.right, box.y))

    def _target(self, box: ChartBox) -> str | int | None:
        """Return the link target of a box: a URL of the site, or a page number of this document."""
        if box.more_of:
            page = self.address(self.part.page_path_of(box.more_of))
            return page if box.more_of == self.picture.node.slug else self.numbers.get(box.more_of, page)
        return self.address(path_of("unit-detail", box.slug)) if box.slug else None

    def _draw_link(self, link: Connector) -> None:
        with self.document.decoration() as stream:
            stream.set_line_width(round(1.5 * self.scale, 2))
            stream.set_color_rgb(*LINE, stroke=True)
            for number, point in enumerate(link.corners()):
                (stream.line_to if number else stream.move_to)(*self._point(*point))
            stream.stroke()

    def _draw_box(self, box: ChartBox) -> None:
        area, radius = self._area(box), CORNER * self.scale
        with self.document.decoration() as stream:
            stream.set_line_width(round(1.25 * self.scale, 2))
            stream.set_color_rgb(*(BLUE if box.is_top else PAPER))
            stream.set_color_rgb(*(BLUE if box.is_top else LINE), stroke=True)
            round_box(stream, area, radius)
            stream.fill_and_stroke()
            if box.tone and not box.is_top:
                stream.set_color_rgb(*_rgb(box.colour), stroke=True)
                stream.set_line_width(round(STRIPE * self.scale, 2))
                stream.move_to(*self._point(box.x + INSET, box.y + INSET))
                stream.line_to(*self._point(box.x + INSET, box.bottom - INSET))
                stream.stroke()

    def _texts(self, box: ChartBox) -> Iterator[TextRun]:
        if box.kind:
            x, y = self._point(box.kind.x, box.kind.y)
            yield TextRun(box.kind.text, x, y, KIND_SIZE * self.scale, PAPER if box.is_top else SOFT)
        size = (NAME_SIZE if box.kind else KIND_SIZE + 1) * self.scale
        colour = PAPER if box.is_top else (INK if box.kind else LINK)
        for line in box.lines:
            yield TextRun(line.text, *self._point(line.x, line.y), size, colour, bold=box.is_top)


def _rgb(colour: str) -> Colour:
    """Convert a colour such as #0b3d7a to fractions of one."""
    red, green, blue = (round(int(colour[place : place + 2], 16) / 255, 3) for place in (1, 3, 5))
    return red, green, blue
