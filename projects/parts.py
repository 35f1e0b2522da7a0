"""Participation of units in projects, limited to units that are visible to the public."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from organisation.places import NamedUnit
from projects.models import Project, ProjectUnit


@dataclass(frozen=True)
class Participation:
    """Participation of a unit in a project."""

    link: ProjectUnit
    named: NamedUnit


def get_parts(project: Project, units: Mapping[UUID, NamedUnit]) -> list[Participation]:
    """Return the participation of the given units in a project; uses the prefetched links."""
    return [
        Participation(link, units[link.unit_id])
        for link in project.project_units.all()
        if link.unit_id in units
    ]
