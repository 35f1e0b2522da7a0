"""Querysets of plans, projects and objectives, used by the pages, the API and the admin."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Self

from django.db.models import (
    BooleanField,
    Count,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
)

from pzgent.kernel.conditions import contains_words
from pzgent.kernel.editions import EditionQuerySet, OfPlan, OfPlanQuerySet
from pzgent.kernel.folding import fold
from pzgent.kernel.publishing import PublicationStatus, Reviewable, published_at
from pzgent.kernel.rest.parts import attach, with_parts
from pzgent.kernel.trees import TreeNodeQuerySet

if TYPE_CHECKING:
    from organisation.models import Unit
    from projects.models import Objective

CODE = re.compile(r"([ib])[ -]?(\d{1,3})", re.ASCII)


class PlanQuerySet(EditionQuerySet):
    """QuerySet of plans."""

    def with_size(self) -> Self:
        """Annotate `size`, the number of projects."""
        return self.annotate(size=Count("projects"))


class ProjectQuerySet(OfPlanQuerySet):
    """QuerySet of projects."""

    def with_relations(self) -> Self:
        """Select the plan, prefetch the units visible to the public, and annotate `plan_in_force` (today)."""
        from organisation.querysets.visibility import unit_shown
        from projects.models import Plan, ProjectUnit

        units = ProjectUnit.objects.filter(unit_shown()).select_related("unit")
        rows = self.select_related("plan", "source", "continues__plan", "outcome_document")
        in_force = ExpressionWrapper(Q(plan=Plan.objects.key_in_force()), BooleanField())
        rows = rows.annotate(plan_in_force=in_force)
        return rows.prefetch_related(Prefetch("project_units", queryset=units))

    def with_public_relations(self) -> Self:
        """Select and prefetch what the public sees of the plan, the units and the project they continue."""
        from organisation.querysets.visibility import unit_shown
        from projects.models import Project, ProjectUnit

        earlier = Project.objects.published().filter(pk=OuterRef("continues"))
        units = ProjectUnit.objects.filter(unit_shown()).select_related("unit")
        rows = self.select_related("plan", "source", "continues", "outcome_document").annotate(
            continues_shown=Exists(earlier.order_by())
        )
        return rows.prefetch_related(Prefetch("project_units", queryset=units))

    def of_units(self, slugs: Iterable[str]) -> Self:
        """Filter the projects in which a unit with one of these slugs takes part."""
        from projects.models import ProjectUnit

        return self.filter(
            pk__in=ProjectUnit.objects.filter(unit__slug__in=list(slugs)).order_by().values("project")
        )

    def of_any(self, units: QuerySet[Unit]) -> Self:
        """Filter the projects in which one of the units takes part."""
        from projects.models import ProjectUnit

        parts = ProjectUnit.objects.filter(unit__in=units.order_by().values("pk"))
        return self.filter(pk__in=parts.order_by().values("project"))

    def of_objectives(self, slugs: Iterable[str]) -> Self:
        """Filter the projects that serve an objective with one of these slugs."""
        from projects.models import Objective

        chosen = Objective.objects.filter(slug__in=list(slugs)).order_by()
        return self.filter(pk__in=chosen.values("projects"))

    def of_place(self) -> Self:
        """Filter the projects of the unit of a placement, for a subquery in a queryset of placements."""
        from projects.models import ProjectUnit

        return self.filter(
            pk__in=ProjectUnit.objects.filter(unit=OuterRef(OuterRef("unit"))).values("project")
        )

    def units_taking_part(self) -> QuerySet[Unit]:
        """Return the units that take part in these projects."""
        from organisation.models import Unit

        return Unit.objects.filter(pk__in=self.order_by().values("units"))

    def last_changed_with_news(self) -> Self:
        """Prefetch the news, and order by last change, most recent first."""
        return self.prefetch_related("updates").order_by("-modified", "slug")

    def search(self, text: str) -> Self:
        """Filter the projects whose texts contain every word of the query, or that have this code."""
        return self.filter(_fits(text))


def _fits(text: str) -> Q:
    """Return the condition: every word occurs in one of the texts, or the code matches, as “I 4”, “I-4” or “i4”."""
    fits = contains_words(text, ("title", "number", "summary", "description", "outcome"))
    code = CODE.fullmatch(fold(text).strip())
    return fits | Q(kind=code[1].upper(), number=int(code[2])) if code else fits


class ProjectUnitQuerySet(QuerySet):
    """QuerySet of the participation of units in projects."""

    def published(self) -> Self:
        """Filter those in projects that the public sees."""
        from projects.models import Project

        return self.filter(project__in=Project.objects.published())

    def ongoing(self) -> Self:
        """Filter those in projects that are neither done, stopped nor withdrawn; selects the project."""
        from projects.models import ProjectStatus

        over = {ProjectStatus.DONE, ProjectStatus.STOPPED}
        rows = self.exclude(project__progress__in=over).exclude(project__status=PublicationStatus.WITHDRAWN)
        return rows.select_related("project")

    def newest_plan_first(self) -> Self:
        """Select the project and its plan, ordered by plan, newest first."""
        rows = self.select_related("project__plan")
        return rows.order_by("-project__plan__valid_from", "project__number")


class ObjectiveQuerySet(OfPlan, Reviewable, TreeNodeQuerySet):
    """QuerySet of objectives."""

    def published(self, at: datetime.datetime | None = None) -> Self:
        """Filter the objectives of published plans, without unpublished ones and their descendants."""
        hidden = self.model._default_manager.exclude(published_at(at))
        return self.without_subtrees_of(hidden).filter(published_at(at, "plan__"))

    def with_address(self) -> Self:
        """Filter the objectives that have a place on the site."""
        return self.published()

    def get_by_figure(self) -> dict[Any, list[Objective]]:
        """Return the objectives, with their plan, by the id of the key figure that measures them. One query."""
        found: dict[Any, list[Objective]] = {}
        rows: Any = self.exclude(figures=None).select_related("plan").annotate(figure=F("figures"))
        for objective in rows.order_by("tree_id", "lft"):
            found.setdefault(objective.figure, []).append(objective)
        return found

    def of_outer_figure(self) -> Self:
        """Filter the objectives measured by a key figure, for a subquery in a queryset of figures."""
        from projects.models import Objective

        links = Objective.figures.through.objects.filter(keyfigure=OuterRef(OuterRef("pk")))
        return self.filter(pk__in=links.values("objective")).order_by("tree_id", "lft")

    def with_projects(self) -> Self:
        """Order in document order, and prefetch the published projects."""
        from projects.models import Project

        projects = Prefetch("projects", queryset=Project.objects.published())
        return self.order_by("tree_id", "lft").prefetch_related(projects)

    def get_with_figures(self) -> list[Objective]:
        """Return the objectives in document order with their plan, source and key figures. One query."""
        from projects.measures import FIGURES

        rows = self.select_related("plan", "source").order_by("tree_id", "lft")
        objectives = list(with_parts(rows, FIGURES))
        for objective in objectives:
            attach(objective, FIGURES)
        return objectives

    def get_paths(self, ids: Iterable[Any]) -> dict[Any, list[str]]:
        """Return, by objective, the titles from the root down, itself included; one query per level of the tree."""
        wanted = list(ids)
        found: dict[Any, Any] = {}
        missing = set(wanted)
        while missing:
            rows = self.filter(pk__in=missing).only("pk", "parent_id", "code", "title")
            found.update((row.pk, row) for row in rows)
            missing = {found[key].parent_id for key in missing if key in found} - found.keys() - {None}
        paths: dict[Any, list[str]] = {}
        for key in wanted:
            step, titles = found.get(key), []
            while step is not None:
                titles.append(str(step))
                step = found.get(step.parent_id)
            paths[key] = titles[::-1]
        return paths

    def of_outer_project(self) -> Self:
        """Filter the objectives that a project serves, for a subquery in a queryset of projects."""
        from projects.models import Project

        links = Project.objectives.through.objects.filter(project=OuterRef(OuterRef("pk")))
        return self.filter(pk__in=links.values("objective")).order_by("tree_id", "lft")
