"""What other pages show of projects."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django import template

from organisation.models import KeyFigure, Unit
from organisation.places import NamedUnit
from projects.models import Objective, Project
from projects.parts import get_parts
from projects.shared import parts_by_unit

register = template.Library()


@register.inclusion_tag("projects/_unit_projects.html")
def unit_projects(unit: Unit) -> dict[str, Any]:
    """The published projects in which a unit takes part, with its role, the newest plan first."""
    return {"parts": parts_by_unit().get(unit.pk, ())}


@register.simple_tag
def parts_of(project: Project, units: Mapping[UUID, NamedUnit]) -> list[NamedUnit]:
    """The units that work on a project, as far as the public may know of them."""
    return [part.named for part in get_parts(project, units)]


@register.simple_tag
def objectives_by_figure() -> dict[UUID, list[Objective]]:
    """The objectives of the corporate plan in force, by the key figure that measures them. One query."""
    return Objective.objects.in_force().get_by_figure()


@register.filter
def of_figure(objectives: Mapping[UUID, list[Objective]], figure: KeyFigure) -> list[Objective]:
    """The objectives that a figure measures."""
    return objectives.get(figure.pk, [])
