"""Public pages about projects and strategy."""

from collections.abc import Sequence
from operator import attrgetter
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from organisation.grouping import by_choice
from organisation.models.figures import StatementKind
from organisation.shared import public_corporate_plans, statements_of
from organisation.statements import get_passages
from projects.aims import get_lines, get_tree, projects_below
from projects.models import ObjectiveKind
from projects.parts import get_parts
from projects.picture import draw, get_steps
from projects.selection import select_projects
from projects.shared import (
    aims_of,
    objectives_served,
    public_objectives,
    public_plans,
    public_projects,
    units_in_projects,
)
from pzgent.kernel import clock

NOT_GOALS = (ObjectiveKind.KEY_AGREEMENT, ObjectiveKind.ACTION_THEME)


@require_safe
def project_list(request: HttpRequest) -> HttpResponse:
    """Show the projects of a plan, narrowed by the filters; 400 for an unknown filter value."""
    selection = select_projects(request.GET.dict(), clock.today())
    status = 200 if selection.form.is_valid() else 400
    return render(request, "projects/project_list.html", {"selection": selection}, status=status)


@require_safe
def project_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one project with its units, objectives and news, and links to the previous and next project."""
    projects = public_projects()
    project = projects.get(slug)
    if project is None:
        raise Http404
    plan, earlier, document = project.plan, project.continues, project.outcome_document
    beside = [other for other in projects.values() if other.plan_id == project.plan_id]
    before = [other for other in beside if other.number < project.number]
    after = [other for other in beside if other.number > project.number]
    context = {
        "project": project,
        "is_replaced": plan.has_ended() and plan.has_successor(public_plans()),
        "document": document if document and document.is_published else None,
        "parts": get_parts(project, units_in_projects()),
        "lines": get_lines(public_objectives(), objectives_served().get(project.pk, ())),
        "updates": list(project.updates.all()),
        "previous": max(before, key=attrgetter("number"), default=None),
        "next": min(after, key=attrgetter("number"), default=None),
        "continued_by": [other for other in projects.values() if other.continues_id == project.pk],
        "continues": earlier if earlier and earlier.is_published and earlier.plan.is_published else None,
    }
    return render(request, "projects/project_detail.html", context)


@require_safe
def strategy(request: HttpRequest) -> HttpResponse:
    """Show the strategy of the corporate plan in force; an empty page before the first one."""
    return _show_strategy(request)


@require_safe
def strategy_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the strategy of one corporate plan, including past and future ones."""
    return _show_strategy(request, slug)


def _show_strategy(request: HttpRequest, slug: str = "") -> HttpResponse:
    """Show the statements and objectives of a plan, with the projects that serve each objective."""
    plans: Sequence[Any] = public_corporate_plans()
    current = next((plan for plan in plans if plan.is_in_force), None)
    asked = next((plan for plan in plans if plan.slug == slug), None)
    if slug and asked is None:
        raise Http404
    plan = asked or current
    statements = statements_of(plan) if plan else []
    aims = get_tree(aims_of(plan) if plan else [], public_projects().values(), objectives_served())
    units = units_in_projects()
    goals = [aim for aim in aims if aim["node"].kind not in NOT_GOALS]
    others = [aim for aim in aims if aim["node"].kind in NOT_GOALS]
    steps = [*get_steps(goals, units), *(step for step in get_steps(others, units) if step.next)]
    context = {
        "plan": plan,
        "asked": asked,
        "current": current,
        "others": [other for other in plans if other != plan],
        "statements": {
            kind.value: get_passages(group) for kind, group in by_choice(statements, "kind", StatementKind)
        },
        "goals": goals,
        "story": [(aim["node"], projects_below(aim)) for aim in goals],
        "agreements": [aim for aim in others if aim["node"].kind == ObjectiveKind.KEY_AGREEMENT],
        "themes": [aim for aim in others if aim["node"].kind == ObjectiveKind.ACTION_THEME],
        "units": units,
        "picture": draw(steps) if any(step.next for step in steps) else None,
    }
    return render(request, "projects/strategy.html", context)
