"""SVG content of a chart, generated in Python and not in a template because it has hundreds of boxes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import Any

from django import template
from django.utils.safestring import SafeString, mark_safe

from organisation.chart import Chart, ChartBox, Connector, Drop
from organisation.structure import Node
from organisation.templatetags.organisation_tags import language_mark
from pzgent.kernel.paths import path_of

register = template.Library()
PEN = 'fill="none" stroke="#6a7889" stroke-width="1.5"'
LEAD, MORE, UNIT = (
    'fill="#0b3d7a" stroke="#0b3d7a"',
    'fill="#e7eef9" stroke="#e7eef9"',
    'fill="#fff" stroke="#6a7889"',
)


@register.simple_tag
def drawing(chart: Chart, top: Node, start: str, site: str = "") -> SafeString:
    """Return the lines and boxes of a chart; `start` is the URL prefix of the chart of a part."""
    links, drops = _path(chart.links), _path(chart.drops)
    boxes = "\n".join(_boxes(chart.boxes, top, escape(start), escape(site)))
    return mark_safe(f"{links}{drops}\n{boxes}\n\n")  # noqa: S308  # every value is escaped in _boxes


def _path(lines: Sequence[Connector | Drop]) -> str:
    return f'<path class="lines" d="{"".join(line.path for line in lines)}" {PEN}/>' if lines else ""


def _boxes(boxes: list[ChartBox], top: Node, start: str, site: str) -> Iterator[str]:
    mark = language_mark()
    for box in boxes:
        name = f"<title>{escape(box.label)}</title>" if box.is_cut else ""
        kind, paint = ("top", LEAD) if box.is_top else ("more", MORE) if box.more_of else ("unit", UNIT)
        shape = f'x="{box.x}" y="{box.y}" width="{box.width}" height="{box.height}"'
        begin, end = _link(box, top, start, site)
        yield (
            f'{begin}{name}<rect class="{kind}" {shape} rx="6" {paint}/>{_stripe(box)}{_text(box, mark)}{end}'
        )


def _link(box: ChartBox, top: Node, start: str, site: str) -> tuple[str, str]:
    """Return the start and end tag around a box: a link if it has more to show."""
    if box.more_of:
        part = "structure" if box.more_of == top.slug else "chart"
        address = f"{site}{start}{escape(box.more_of)}#{part}"
        return f'<a href="{address}" aria-label="{escape(box.label)}">', "</a>"
    if box.slug:
        return f'<a href="{site}{escape(path_of("unit-detail", box.slug))}">', "</a>"
    return "<g>", "</g>"


def _stripe(box: ChartBox) -> str:
    """Return the stripe in the colour of the kind, at the left of a box."""
    if not box.tone or box.is_top:
        return ""
    line = f"M{box.x + 8} {box.y + 9}V{box.bottom - 9}"
    pen = f'fill="none" stroke="{box.colour}" stroke-width="4" stroke-linecap="round"'
    return f'<path class="tone-{escape(box.tone)}" d="{line}" {pen}/>'


def _text(box: ChartBox, mark: str) -> str:
    """Return the kind and the name in a box, marked as Dutch on a page in another language."""
    look, kind, size = ' fill="#12202f"', "", ""
    if box.is_top:
        look, size = ' class="on-top" fill="#fff"', ' font-weight="700"'
    if box.more_of:
        look = look if box.is_top else ' class="to-more" fill="#0b4793"'
        mark, size = "", ' font-size="12"'
    if box.kind:
        fill = "" if box.is_top else ' fill="#3f4c5b"'
        place = f'x="{box.kind.x}" y="{box.kind.y}"'
        kind = f'<tspan class="sort" {place} font-size="11"{fill}>{escape(box.kind.text)} </tspan>'
    lines: Any = (
        f'<tspan{mark} x="{line.x}" y="{line.y}"{size}>{escape(line.text)} </tspan>' for line in box.lines
    )
    return f"<text{look}>{kind}{''.join(lines)}</text>"
