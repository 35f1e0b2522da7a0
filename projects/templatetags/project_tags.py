"""What other pages show of projects."""

from typing import Any

from django import template

from organisation.models import Unit
from projects.models import Project, ProjectUnit

register = template.Library()


@register.inclusion_tag("projects/_unit_projects.html")
def unit_projects(unit: Unit) -> dict[str, Any]:
    """The published projects in which a unit takes part, with its role, the newest plan first. One query."""
    parts = ProjectUnit.objects.filter(unit=unit, project__in=Project.objects.published())
    parts = parts.select_related("project__plan").order_by("-project__plan__valid_from", "project__number")
    return {"parts": list(parts)}
