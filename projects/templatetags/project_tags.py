"""Template tags that show data of projects on other pages."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any
from uuid import UUID

from django import template
from django.utils.safestring import SafeString, mark_safe

from organisation.models import KeyFigure, Unit
from organisation.places import NamedUnit
from projects.models import Objective, Project
from projects.parts import get_parts
from projects.picture import Picture, PictureBox
from projects.shared import objectives_by_figure, parts_by_unit

register = template.Library()
register.simple_tag(objectives_by_figure)


@register.inclusion_tag("projects/_unit_projects.html")
def unit_projects(unit: Unit) -> dict[str, Any]:
    """Return the published projects in which a unit takes part, with its role, newest plan first."""
    return {"parts": parts_by_unit().get(unit.pk, ())}


@register.simple_tag
def parts_of(project: Project, units: Mapping[UUID, NamedUnit]) -> list[NamedUnit]:
    """Return the units that work on a project and are visible to the public."""
    return [part.named for part in get_parts(project, units)]


@register.filter
def of_figure(objectives: Mapping[UUID, Sequence[Objective]], figure: KeyFigure) -> Sequence[Objective]:
    """Return the objectives measured by a figure."""
    return objectives.get(figure.pk, [])


@register.simple_tag
def picture_lines(picture: Picture) -> SafeString:
    """Return the lines of the diagram as SVG; generated in Python because there are too many for a template."""
    parts = (
        f'<path class="link" d="{link.path}" data-from="{escape(link.start)}" data-to="{escape(link.end)}"/>\n      '
        for link in picture.links
    )
    return mark_safe("".join(parts))  # noqa: S308  # every text is escaped right here


@register.simple_tag
def picture_boxes(picture: Picture) -> SafeString:
    """Return the boxes of the diagram with their texts as SVG."""
    return mark_safe("".join(_box(box, picture.box_width) for box in picture.boxes))  # noqa: S308  # escaped in _box


def _box(box: PictureBox, width: int) -> str:
    lines = "".join(f'<text x="{box.x + 10}" y="{y}">{escape(text)}</text>' for text, y in box.lines)
    frame = f'<rect x="{box.x}" y="{box.y}" width="{width}" height="{box.height}" rx="6"/>'
    return f'<g class="step-{escape(box.sort)}">{frame}{lines}</g>\n      '
