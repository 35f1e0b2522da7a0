"""The parts that units have in a project, as far as the public may know of those units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from organisation.places import NamedUnit
from projects.models import Project, ProjectUnit


@dataclass(frozen=True)
class Participation:
    """A unit's part in a project."""

    link: ProjectUnit
    named: NamedUnit


def get_parts(project: Project, units: Mapping[UUID, NamedUnit]) -> list[Participation]:
    """The parts of the given units in a project; reads the links that were fetched with it."""
    return [
        Participation(link, units[link.unit_id])
        for link in project.project_units.all()
        if link.unit_id in units
    ]
