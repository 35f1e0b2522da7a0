"""The addresses of all public pages, in each language, for search engines."""

from __future__ import annotations

import datetime
from typing import Any

from django.contrib.sitemaps import Sitemap
from django.db.models import QuerySet
from django.urls import reverse

from contact.models import Topic
from organisation.models import Policy, Unit
from projects.models import Project

PAGES = (
    "home", "contact", "stations", "organogram", "projects", "strategy", "staffing", "policies", "key-figures",
    "documents", "terms", "accessibility", "privacy", "about", "open-data",
)  # fmt: skip


class InEachLanguage(Sitemap):
    """Pages that exist in every language, each naming the others."""

    i18n = True
    alternates = True
    x_default = True


class FixedPages(InEachLanguage):
    """The pages that are always there."""

    def items(self) -> tuple[str, ...]:
        """Their names."""
        return PAGES

    def location(self, item: str) -> str:
        """The path in the active language."""
        return reverse(item)


class Rows(InEachLanguage):
    """Rows with a page of their own."""

    def lastmod(self, item: Any) -> datetime.datetime:
        """When an editor last changed the row."""
        return item.modified


class Topics(Rows):
    """The subjects of the contact pages."""

    def items(self) -> QuerySet[Topic]:
        """Published topics."""
        return Topic.objects.published().order_by("slug")


class Units(Rows):
    """The units with a page of their own."""

    def items(self) -> QuerySet[Unit]:
        """Public units."""
        return Unit.objects.with_page().order_by("slug")


class Projects(Rows):
    """The projects of the safety plans."""

    def items(self) -> QuerySet[Project]:
        """Published projects."""
        return Project.objects.published().order_by("slug")


class Policies(Rows):
    """The policies."""

    def items(self) -> QuerySet[Policy]:
        """Published editions."""
        return Policy.objects.published().order_by("slug")


SITEMAPS: dict[str, type[Sitemap]] = {
    "pages": FixedPages,
    "contact": Topics,
    "units": Units,
    "projects": Projects,
    "policies": Policies,
}
