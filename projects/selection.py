"""The list of projects that a visitor asks for: the options of the filters, how many fit each, and what fits all."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from organisation.models import Unit
from organisation.places import NamedUnit, get_named_units
from projects.forms import LONGEST_WORDS, ProjectFilterForm
from projects.models import Objective, Plan, Project, ProjectKind
from projects.parts import Participation, get_parts

FILTERS = ("q", "kind", "objective", "unit")
Sets = Mapping[str, frozenset[Any]]


@dataclass(frozen=True)
class ProjectRow:
    """A project with the units that the public may know of."""

    project: Project
    parts: list[Participation]


@dataclass(frozen=True)
class Chosen:
    """A filter that is on: its name, the option, and the query without it."""

    label: Any
    value: Any
    without: str


@dataclass
class Selection:
    """The form, the plan that is shown, and its projects that fit, per kind; none when the form has errors."""

    form: ProjectFilterForm
    plan: Plan | None = None
    current: Plan | None = None
    rows: list[ProjectRow] = field(default_factory=list)
    chosen: list[Chosen] = field(default_factory=list)
    # Whether a newer plan than the one that is shown is in force.
    is_replaced: bool = False

    @property
    def is_filtered(self) -> bool:
        """Whether the visitor asked for less than a whole plan."""
        return any(self.form.cleaned_data.get(name) for name in FILTERS)

    @property
    def by_kind(self) -> list[tuple[ProjectKind, list[ProjectRow]]]:
        """The projects under their kind; kinds without projects are left out."""
        groups = [(kind, [row for row in self.rows if row.project.kind == kind]) for kind in ProjectKind]
        return [(kind, rows) for kind, rows in groups if rows]


def select_projects(asked: Mapping[str, str], today: datetime.date) -> Selection:
    """The projects that fit what was asked, of the plan asked for or else the one in force; at most six queries."""
    plans = list(Plan.objects.published().select_related("source"))
    objectives = list(Objective.objects.published().order_by("tree_id", "lft"))
    taking_part = Project.objects.published().units_taking_part()
    units = get_named_units(taking_part | Unit.objects.filter(slug=asked.get("unit", "")))
    form = ProjectFilterForm(asked)
    plan = _plan(plans, asked.get("plan", ""), today)
    projects = _projects(plan, asked.get("q", "")[:LONGEST_WORDS]) if plan else []
    above = _above(objectives)
    sets = {project.pk: _sets_of(project, units, above) for project in projects}
    kinds = [(kind.value, f"{kind.value}: {kind.label}") for kind in ProjectKind]
    offered = {
        "kind": kinds,
        "objective": _objective_options(objectives, sets.values(), asked.get("objective", "")),
        "unit": _unit_options(units.values()),
    }
    anything = {"kind": _("All kinds"), "objective": _("All objectives"), "unit": _("All units")}
    for name, options in offered.items():
        counts = _counts(projects, sets, asked, name)
        numbered = [(value, f"{label} ({counts[value]})") for value, label in options]
        form.offer(name, numbered, anything[name])
    form.offer("plan", [(item.slug, item.title) for item in plans], _("The plan in force"))
    selection = Selection(form)
    if form.is_valid():
        fitting = [project for project in projects if _fits(project, sets, asked, FILTERS)]
        selection.plan, selection.current = plan, _plan(plans, "", today)
        selection.is_replaced = plan is not None and any(
            plan.valid_from < other.valid_from <= today for other in plans
        )
        selection.rows = [ProjectRow(project, get_parts(project, units)) for project in fitting]
        selection.chosen = list(_chosen(form, {key: dict(options) for key, options in offered.items()}))
    return selection


def _plan(plans: Sequence[Plan], slug: str, today: datetime.date) -> Plan | None:
    """The plan asked for, the one in force, or else the first to come; plans stand newest first."""
    if slug:
        return next((plan for plan in plans if plan.slug == slug), None)
    started = [plan for plan in plans if plan.valid_from <= today]
    if started:
        return max(started, key=lambda plan: (plan.valid_from, plan.created))
    return plans[-1] if plans else None


def _projects(plan: Plan, words: str) -> list[Any]:
    """All published projects of a plan in the order of their numbers, each with `fits_words`."""
    rows = Project.objects.published().with_units().with_fit(words).filter(plan=plan)
    return list(rows.prefetch_related("objectives").order_by("number"))


def _sets_of(
    project: Project, units: Mapping[UUID, NamedUnit], above: Callable[[UUID], Iterable[str]]
) -> Sets:
    """Under which options of each filter a project falls; an objective brings along those above it."""
    return {
        "kind": frozenset({project.kind}),
        "unit": frozenset(part.named.unit.slug for part in get_parts(project, units)),
        "objective": frozenset(
            slug for objective in project.objectives.all() for slug in above(objective.pk)
        ),
    }


def _above(objectives: Sequence[Objective]) -> Callable[[UUID], Iterable[str]]:
    """A function that gives the slugs of a published objective and of all above it."""
    by_pk = {objective.pk: objective for objective in objectives}

    def climb(key: UUID | None) -> Iterable[str]:
        while key is not None and (objective := by_pk.get(key)):
            yield objective.slug
            key = objective.parent_id

    return climb


def _fits(project: Any, sets: Mapping[UUID, Sets], asked: Mapping[str, str], names: Iterable[str]) -> bool:
    """Whether a project fits the filters with these names."""
    return all(
        project.fits_words if name == "q" else asked[name] in sets[project.pk][name]
        for name in names
        if asked.get(name)
    )


def _counts(
    projects: Sequence[Any], sets: Mapping[UUID, Sets], asked: Mapping[str, str], name: str
) -> Counter[str]:
    """Per option of a filter, how many projects fit it together with all the other filters."""
    others = [other for other in FILTERS if other != name]
    fitting = [project for project in projects if _fits(project, sets, asked, others)]
    return Counter(option for project in fitting for option in sets[project.pk][name])


def _unit_options(units: Iterable[NamedUnit]) -> list[tuple[str, str]]:
    """The units by the name that tells them apart."""
    options = [(named.unit.slug, named.label) for named in units]
    return sorted(options, key=lambda option: option[1].casefold())


def _objective_options(
    objectives: Sequence[Objective], sets: Iterable[Sets], asked: str
) -> list[tuple[str, str]]:
    """The objectives that projects fall under and the one asked for, in document order."""
    used = {slug for found in sets for slug in found["objective"]} | {asked}
    return [(item.slug, f"{'– ' * item.level}{item}") for item in objectives if item.slug in used]


def _chosen(form: ProjectFilterForm, offered: Mapping[str, Mapping[str, str]]) -> Iterable[Chosen]:
    """The filters that are on, each with the query that takes it off."""
    on = {name: form.cleaned_data[name] for name in (*FILTERS, "plan") if form.cleaned_data[name]}
    for name in FILTERS:
        if name in on:
            query = QueryDict(mutable=True)
            query.update({other: value for other, value in on.items() if other != name})
            label = str(offered.get(name, {}).get(on[name], f"“{on[name]}”"))
            yield Chosen(form.fields[name].label, label.lstrip("– "), query.urlencode())
