"""The list of projects that a visitor asks for: the options of the filters and the projects that fit."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from organisation.models import Unit
from organisation.places import NamedUnit, get_named_units
from projects.forms import ProjectFilterForm
from projects.models import Objective, Plan, Project, ProjectKind, ProjectUnit

FILTERS = ("q", "kind", "objective", "unit")


@dataclass(frozen=True)
class Part:
    """A unit's part in a project."""

    link: ProjectUnit
    named: NamedUnit


@dataclass(frozen=True)
class Row:
    """A project with the units that the public may know of."""

    project: Project
    parts: list[Part]


@dataclass
class Selection:
    """The form, the plan that is shown, and its projects that fit, per kind; none when the form has errors."""

    form: ProjectFilterForm
    plan: Plan | None = None
    rows: list[Row] = field(default_factory=list)

    @property
    def is_filtered(self) -> bool:
        """Whether the visitor asked for less than a whole plan."""
        return any(self.form.cleaned_data.get(name) for name in FILTERS)

    @property
    def by_kind(self) -> list[tuple[ProjectKind, list[Row]]]:
        """The projects under their kind; kinds without projects are left out."""
        groups = [(kind, [row for row in self.rows if row.project.kind == kind]) for kind in ProjectKind]
        return [(kind, rows) for kind, rows in groups if rows]


def select_projects(asked: Mapping[str, str], today: datetime.date) -> Selection:
    """The projects that fit what was asked, of the plan asked for or else the one in force; at most six queries."""
    plans = list(Plan.objects.published().select_related("source"))
    objectives = list(Objective.objects.published().with_use())
    taking_part = ProjectUnit.objects.filter(project__in=Project.objects.published()).values("unit")
    units = get_named_units(Unit.objects.filter(Q(pk__in=taking_part) | Q(slug=asked.get("unit", ""))))
    form = ProjectFilterForm(asked)
    form.offer("kind", [(kind.value, f"{kind.value}: {kind.label}") for kind in ProjectKind], _("All kinds"))
    form.offer("plan", [(plan.slug, plan.title) for plan in plans], _("The plan in force"))
    form.offer("objective", _objective_options(objectives, asked.get("objective", "")), _("All objectives"))
    form.offer("unit", _unit_options(units.values()), _("All units"))
    selection = Selection(form)
    if form.is_valid():
        selection.plan = _plan(plans, form.cleaned_data["plan"], today)
        fitting = _fitting(selection.plan, form.cleaned_data, objectives) if selection.plan else []
        selection.rows = [Row(project, get_parts(project, units)) for project in fitting]
    return selection


def get_parts(project: Project, units: Mapping[UUID, NamedUnit]) -> list[Part]:
    """The parts of the given units in a project; reads the links that were fetched with it."""
    return [Part(link, units[link.unit_id]) for link in project.project_units.all() if link.unit_id in units]


def _plan(plans: Sequence[Plan], slug: str, today: datetime.date) -> Plan | None:
    """The plan asked for, the one in force, or else the first to come; plans stand newest first."""
    if slug:
        return next(plan for plan in plans if plan.slug == slug)
    return next((plan for plan in plans if plan.valid_from <= today), plans[-1] if plans else None)


def _unit_options(units: Iterable[NamedUnit]) -> list[tuple[str, str]]:
    """The units by the name that tells them apart."""
    options = [(named.unit.slug, named.label) for named in units]
    return sorted(options, key=lambda option: option[1].casefold())


def _objective_options(objectives: Sequence[Any], asked: str) -> list[tuple[str, str]]:
    """The objectives that projects are linked to, those above them, and the one asked for, in document order."""
    parents = {objective.pk: objective.parent_id for objective in objectives}
    wanted = set()
    for objective in objectives:
        key = objective.pk if objective.used or objective.slug == asked else None
        while key is not None and key not in wanted:
            wanted.add(key)
            key = parents.get(key)
    return [(item.slug, f"{'– ' * item.level}{item}") for item in objectives if item.pk in wanted]


def _fitting(plan: Plan, asked: Mapping[str, str], objectives: Sequence[Objective]) -> list[Project]:
    """The published projects of a plan that fit every filter, in the order of their numbers."""
    projects = Project.objects.published().with_units().filter(plan=plan)
    if asked["kind"]:
        projects = projects.filter(kind=asked["kind"])
    if asked["unit"]:
        projects = projects.of_unit(asked["unit"])
    if asked["objective"]:
        projects = projects.of_objective(next(item for item in objectives if item.slug == asked["objective"]))
    if asked["q"]:
        projects = projects.search(asked["q"])
    return list(projects.order_by("number"))
