"""Registry of the pages about projects and strategy."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from organisation.models import CorporatePlan
from projects.models import Objective, Project
from pzgent.kernel.pages import FixedPage, Menu, RowPages

PAGES = (
    FixedPage(name="projects", title=_("Projects"), position=50, menu=Menu.PLANS, model=Project),
    FixedPage(
        name="strategy",
        title=_("Strategy"),
        position=60,
        menu=Menu.PLANS,
        model=Objective,
        found_as=_("Strategy"),
        words=(
            "strategie",
            "doelstellingen",
            "doelen",
            "missie en visie",
            "wat wil de politie bereiken",
            "plannen",
        ),
        foreign_words=("objectifs de la police", "stratégie", "aims of the police", "Ziele der Polizei"),
    ),
)
ROW_PAGES = (
    RowPages(
        name="project-detail",
        position=50,
        section="projects",
        above=_("Projects"),
        rows=lambda: Project.objects.published().select_related("plan"),
    ),
    RowPages(
        name="strategy-detail",
        position=85,
        section="strategies",
        above=_("Strategy"),
        rows=lambda: CorporatePlan.objects.published(),
    ),
)
