"""Faceted list of projects: the filter options, the number of projects for each, and the matching projects."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from operator import attrgetter
from typing import Any
from uuid import UUID

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from organisation.models import Unit
from organisation.places import NamedUnit, get_named_units
from projects.aims import climb
from projects.forms import LONGEST_WORDS, ProjectFilterForm
from projects.models import Objective, Plan, Project, ProjectKind
from projects.parts import Participation, get_parts
from projects.shared import (
    objectives_served,
    public_objectives,
    public_plans,
    public_projects,
    units_in_projects,
)

FILTERS = ("q", "kind", "objective", "unit")
Sets = Mapping[str, frozenset[Any]]


@dataclass(frozen=True)
class ProjectRow:
    """Project with its units that are visible to the public."""

    project: Project
    parts: list[Participation]


@dataclass(frozen=True)
class Chosen:
    """Active filter: its name, the selected option, and the query string without it."""

    label: Any
    value: Any
    without: str


@dataclass
class Selection:
    """Form, plan shown, and its matching projects by kind; none if the form has errors."""

    form: ProjectFilterForm
    plan: Plan | None = None
    current: Plan | None = None
    rows: list[ProjectRow] = field(default_factory=list)
    chosen: list[Chosen] = field(default_factory=list)
    # True if a newer plan than the one shown is in force.
    is_replaced: bool = False

    @property
    def is_filtered(self) -> bool:
        """True if any filter is active."""
        return any(self.form.cleaned_data.get(name) for name in FILTERS)

    @property
    def by_kind(self) -> list[tuple[ProjectKind, list[ProjectRow]]]:
        """Group the projects by kind, without empty kinds."""
        groups = [(kind, [row for row in self.rows if row.project.kind == kind]) for kind in ProjectKind]
        return [(kind, rows) for kind, rows in groups if rows]


def select_projects(asked: Mapping[str, str], today: datetime.date) -> Selection:
    """Return the matching projects of the requested plan, or else of the one in force.

    One query if words are searched, besides those for the shared data.
    """
    plans, objectives, served = public_plans(), public_objectives(), objectives_served()
    units = _units(asked.get("unit", ""))
    form = ProjectFilterForm(asked)
    plan = _plan(plans, asked.get("plan", ""), today)
    projects = _projects(plan) if plan else []
    named = _keys_named(plan, asked.get("q", "")[:LONGEST_WORDS])
    sets = {
        project.pk: _sets_of(project, units, objectives, served.get(project.pk, ())) for project in projects
    }
    fits = partial(_fits, sets=sets, named=named, asked=asked)
    kinds = [(kind.value, f"{kind.value}: {kind.label}") for kind in ProjectKind]
    offered = {
        "kind": kinds,
        "objective": _objective_options(objectives.values(), sets.values(), asked.get("objective", "")),
        "unit": _unit_options(units.values()),
    }
    anything = {"kind": _("All kinds"), "objective": _("All objectives"), "unit": _("All units")}
    for name, options in offered.items():
        counts = _counts(projects, sets, fits, name)
        numbered = [(value, f"{label} ({counts[value]})") for value, label in options]
        form.offer(name, numbered, anything[name])
    form.offer("plan", [(item.slug, item.title) for item in plans], _("The plan in force"))
    selection = Selection(form)
    if form.is_valid():
        fitting = [project for project in projects if fits(project, FILTERS)]
        selection.plan, selection.current = plan, _plan(plans, "", today)
        selection.is_replaced = plan is not None and plan.has_successor(plans, today)
        selection.rows = [ProjectRow(project, get_parts(project, units)) for project in fitting]
        selection.chosen = list(_chosen(form, {key: dict(options) for key, options in offered.items()}))
    return selection


def _plan(plans: Sequence[Plan], slug: str, today: datetime.date) -> Plan | None:
    """Return the requested plan, else the one in force, else the first to start; `plans` is sorted newest first."""
    if slug:
        return next((plan for plan in plans if plan.slug == slug), None)
    started = [plan for plan in plans if plan.valid_from <= today]
    if started:
        return max(started, key=lambda plan: (plan.valid_from, plan.created))
    return plans[-1] if plans else None


def _units(asked: str) -> Mapping[UUID, NamedUnit]:
    """Return the units that take part in projects, and the requested unit."""
    units = units_in_projects()
    if not asked or any(named.unit.slug == asked for named in units.values()):
        return units
    taking_part = Project.objects.published().units_taking_part()
    return get_named_units(taking_part | Unit.objects.filter(slug=asked))


def _projects(plan: Plan) -> list[Project]:
    """Return all published projects of a plan, ordered by number."""
    found = (project for project in public_projects().values() if project.plan_id == plan.pk)
    return sorted(found, key=attrgetter("number"))


def _keys_named(plan: Plan | None, words: str) -> frozenset[UUID] | None:
    """Return the keys of the projects of a plan that match the words; None if there are none, as then all match."""
    if not words or plan is None:
        return None
    return frozenset(Project.objects.filter(plan=plan).search(words).values_list("pk", flat=True))


def _sets_of(
    project: Project,
    units: Mapping[UUID, NamedUnit],
    objectives: Mapping[UUID, Objective],
    served: Iterable[UUID],
) -> Sets:
    """Return, by filter, the options that a project matches; an objective includes its ancestors."""
    return {
        "kind": frozenset({project.kind}),
        "unit": frozenset(part.named.unit.slug for part in get_parts(project, units)),
        "objective": frozenset(step.slug for key in served for step in climb(objectives, key)),
    }


def _fits(
    project: Project,
    names: Iterable[str],
    *,
    sets: Mapping[UUID, Sets],
    named: frozenset[UUID] | None,
    asked: Mapping[str, str],
) -> bool:
    """True if a project matches the filters with these names."""
    return all(
        named is None or project.pk in named if name == "q" else asked[name] in sets[project.pk][name]
        for name in names
        if asked.get(name)
    )


def _counts(
    projects: Sequence[Project], sets: Mapping[UUID, Sets], fits: Callable[..., bool], name: str
) -> Counter[str]:
    """Count, by option of a filter, the projects that match it together with all other filters."""
    others = [other for other in FILTERS if other != name]
    return Counter(
        option for project in projects if fits(project, others) for option in sets[project.pk][name]
    )


def _unit_options(units: Iterable[NamedUnit]) -> list[tuple[str, str]]:
    """Return the units as options, labelled with the name that distinguishes them."""
    options = [(named.unit.slug, named.label) for named in units]
    return sorted(options, key=lambda option: option[1].casefold())


def _objective_options(
    objectives: Iterable[Objective], sets: Iterable[Sets], asked: str
) -> list[tuple[str, str]]:
    """Return the objectives of the projects and the requested one as options, in document order."""
    used = {slug for found in sets for slug in found["objective"]} | {asked}
    return [(item.slug, f"{'– ' * item.level}{item}") for item in objectives if item.slug in used]


def _chosen(form: ProjectFilterForm, offered: Mapping[str, Mapping[str, str]]) -> Iterable[Chosen]:
    """Yield the active filters, each with the query string that removes it."""
    on = {name: form.cleaned_data[name] for name in (*FILTERS, "plan") if form.cleaned_data[name]}
    for name in FILTERS:
        if name in on:
            query = QueryDict(mutable=True)
            query.update({other: value for other, value in on.items() if other != name})
            label = str(offered.get(name, {}).get(on[name], f"“{on[name]}”"))
            yield Chosen(form.fields[name].label, label.lstrip("– "), query.urlencode())
