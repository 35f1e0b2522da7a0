"""What many pages show of projects, read once for all of them; nobody may change what these functions return."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from organisation.models import CorporatePlan
from organisation.places import NamedUnit, get_named_units
from projects.models import Objective, Plan, Project, ProjectUnit
from pzgent.kernel.reading import read_once


@read_once
def public_plans() -> Sequence[Plan]:
    """The plans that the public sees with their sources, the newest first. One query."""
    return list(Plan.objects.published().select_related("source"))


@read_once
def public_projects() -> Mapping[str, Project]:
    """The projects that the public sees by their slugs, with relations and news, plan by plan. Three queries."""
    rows = Project.objects.published().with_relations().prefetch_related("updates")
    return {project.slug: project for project in rows}


@read_once
def units_in_projects() -> Mapping[UUID, NamedUnit]:
    """The units that take part in these projects, as far as the public may know of them. Two queries."""
    return get_named_units(Project.objects.published().units_taking_part())


@read_once
def parts_by_unit() -> Mapping[UUID, Sequence[ProjectUnit]]:
    """The parts of units in projects that the public sees, by the key of the unit. One query."""
    found: dict[UUID, list[ProjectUnit]] = {}
    for part in ProjectUnit.objects.published().newest_plan_first():
        found.setdefault(part.unit_id, []).append(part)
    return found


@read_once
def public_objectives() -> Mapping[UUID, Objective]:
    """The objectives that the public sees by their keys, with their plan, in document order. One query."""
    rows = Objective.objects.published().select_related("plan").order_by("tree_id", "lft")
    return {objective.pk: objective for objective in rows}


@read_once
def aims_of(plan: CorporatePlan) -> Sequence[Objective]:
    """The objectives of a plan that the public sees, as `get_with_figures` gives them. One query."""
    return Objective.objects.published().of_plan(plan).get_with_figures()


@read_once
def objectives_by_figure() -> Mapping[UUID, Sequence[Objective]]:
    """The objectives of the corporate plan in force, by the key of the figure that measures them. One query."""
    return Objective.objects.in_force().get_by_figure()


@read_once
def objectives_served() -> Mapping[UUID, Sequence[UUID]]:
    """The keys of the objectives that each project serves, hidden ones too, by the key of the project. One query."""
    found: dict[UUID, list[UUID]] = {}
    for project, objective in Project.objectives.through.objects.values_list("project", "objective"):
        found.setdefault(project, []).append(objective)
    return found
