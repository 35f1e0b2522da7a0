"""Data of projects that many pages need, cached for all of them; callers must not modify the return values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from organisation.models import CorporatePlan
from organisation.places import NamedUnit, get_named_units
from projects.models import Objective, Plan, Project, ProjectUnit
from pzgent.kernel.reading import read_once


@read_once
def public_plans() -> Sequence[Plan]:
    """Return the published plans with their sources, newest first. One query."""
    return list(Plan.objects.published().select_related("source"))


@read_once
def public_projects() -> Mapping[str, Project]:
    """Return the published projects by slug, with relations and news, plan by plan. Three queries."""
    rows = Project.objects.published().with_relations().prefetch_related("updates")
    return {project.slug: project for project in rows}


@read_once
def units_in_projects() -> Mapping[UUID, NamedUnit]:
    """Return the units that take part in these projects and are visible to the public. Two queries."""
    return get_named_units(Project.objects.published().units_taking_part())


@read_once
def parts_by_unit() -> Mapping[UUID, Sequence[ProjectUnit]]:
    """Return, by unit key, its participation in published projects. One query."""
    found: dict[UUID, list[ProjectUnit]] = {}
    for part in ProjectUnit.objects.published().newest_plan_first():
        found.setdefault(part.unit_id, []).append(part)
    return found


@read_once
def public_objectives() -> Mapping[UUID, Objective]:
    """Return the published objectives by key, with their plan, in document order. One query."""
    rows = Objective.objects.published().select_related("plan").order_by("tree_id", "lft")
    return {objective.pk: objective for objective in rows}


@read_once
def aims_of(plan: CorporatePlan) -> Sequence[Objective]:
    """Return the published objectives of a plan, as loaded by `get_with_figures`. One query."""
    return Objective.objects.published().of_plan(plan).get_with_figures()


@read_once
def objectives_by_figure() -> Mapping[UUID, Sequence[Objective]]:
    """Return, by figure key, the objectives of the corporate plan in force that it measures. One query."""
    return Objective.objects.in_force().get_by_figure()


@read_once
def objectives_served() -> Mapping[UUID, Sequence[UUID]]:
    """Return, by project key, the keys of the objectives that it serves, hidden ones included. One query."""
    found: dict[UUID, list[UUID]] = {}
    for project, objective in Project.objectives.through.objects.values_list("project", "objective"):
        found.setdefault(project, []).append(objective)
    return found
