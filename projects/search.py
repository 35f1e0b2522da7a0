"""Search indexing of plans and projects."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from organisation.models import CorporatePlan
from projects.models import Objective, Plan, Project
from pzgent.kernel.rich_text import to_text
from pzgent.kernel.searchable import NOT_IN_FORCE, IndexedText, Searchable, editions_with_share


class Projects(Searchable):
    """Projects, also found by their code."""

    kind, collection = "project", "projects"
    position = 40
    label, singular = _("Projects"), _("project")
    prior = 1.0

    def texts(self, language: str) -> Iterator[IndexedText]:
        """Yield the published projects."""
        for project in Project.objects.published().order_by("slug"):
            code = f"{project.kind}{project.number}"
            body = " ".join(filter(None, (to_text(project.description), to_text(project.outcome))))
            body = f"{body} {to_text(project.translation_of('outcome', language))}".strip()
            yield self.text(project, project.title, [code], project.summary, body)


class Plans(Searchable):
    """Safety plans."""

    kind, collection = "plan", "plans"
    position = 100
    label, singular = _("Plans"), _("plan")
    prior = 0.9

    def texts(self, language: str) -> Iterator[IndexedText]:
        """Yield the published plans."""
        for plan, share in editions_with_share(Plan):
            yield self.text(plan, plan.title, [], plan.summary, share=share)


class Objectives(Searchable):
    """Objectives, also found by their code."""

    kind, collection = "objective", "objectives"
    position = 60
    label, singular = _("Strategy"), _("objective")
    prior = 0.65

    def texts(self, language: str) -> Iterator[IndexedText]:
        """Yield the published objectives, in the order of the plan."""
        current = CorporatePlan.objects.get_in_force()
        for objective in Objective.objects.published().select_related("plan").order_by("tree_id", "lft"):
            share = 1.0 if objective.plan == current else NOT_IN_FORCE
            yield self.text(objective, objective.title, [objective.code], objective.text, share=share)


SEARCHABLE: tuple[Searchable, ...] = (
    Projects(),
    Plans(),
    Objectives(),
)
