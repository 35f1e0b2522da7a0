"""The addresses of all public pages, in each language, for search engines: an index, and a file per sort of page."""

from __future__ import annotations

import datetime
from functools import cached_property
from typing import Any

from django.contrib.sitemaps import Sitemap
from django.contrib.sitemaps.views import sitemap
from django.db.models import Count, Max, QuerySet, Value
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from contact.models import Location, Topic
from organisation.models import (
    CorporatePlan,
    Document,
    KeyFigure,
    Organogram,
    Policy,
    StaffingTable,
    Term,
    Unit,
)
from projects.models import Objective, Project
from pzgent.kernel.watermarks import State, changed_at

# The fixed pages, each with the rows that it shows; a page of text alone has none.
PAGES: dict[str, Any] = {
    "home": Topic,
    "contact": Topic,
    "stations": Location,
    "organogram": Organogram,
    "projects": Project,
    "strategy": Objective,
    "staffing": StaffingTable,
    "policies": Policy,
    "key-figures": KeyFigure,
    "documents": Document,
    "terms": Term,
    "accessibility": None,
    "privacy": None,
    "about": None,
    "open-data": None,
}


class InEachLanguage(Sitemap):
    """Pages that exist in every language, each naming the others."""

    i18n = True
    alternates = True
    x_default = True
    # A file may hold 50,000 addresses and 50 MB; each of these names five others.
    limit = 20_000


class FixedPages(InEachLanguage):
    """The pages that are always there."""

    def items(self) -> tuple[str, ...]:
        """Their names."""
        return tuple(PAGES)

    def location(self, item: str) -> str:
        """The path in the active language."""
        return reverse(item)

    def lastmod(self, item: str) -> datetime.datetime | None:
        """When an editor last changed what the page shows; None when that is not known."""
        model = PAGES[item]
        return self._changed.get(model._meta.model_name) if model else None

    @cached_property
    def _changed(self) -> dict[str, datetime.datetime]:
        """The last change per model, also by what is no longer shown. Two queries."""
        dates = changed_at(self.states())
        return {name.removeprefix("pages "): moment for name, moment in dates.items()}

    @staticmethod
    def states() -> dict[str, State]:
        """Per model how many rows are shown, and when one of them last changed; one query."""
        parts = [
            model.objects.published()
            .order_by()
            .annotate(shown=Value(model._meta.model_name))
            .values_list("shown")
            .annotate(changed=Max("modified"), number=Count("pk"))
            for model in dict.fromkeys(PAGES.values())
            if model
        ]
        found = parts[0].union(*parts[1:], all=True)
        return {f"pages {name}": ((changed, number), changed) for name, changed, number in found if changed}


class Rows(InEachLanguage):
    """Rows with a page of their own."""

    def lastmod(self, item: Any) -> datetime.datetime:
        """When an editor last changed the row."""
        return item.modified

    def get_latest_lastmod(self) -> None:
        """Not told in the index: finding it would read all rows."""


class Topics(Rows):
    """The subjects of the contact pages."""

    def items(self) -> QuerySet[Topic]:
        """Published topics."""
        return Topic.objects.published().order_by("slug")


class Locations(Rows):
    """The police stations and other places."""

    def items(self) -> QuerySet[Location]:
        """Published places."""
        return Location.objects.published().order_by("slug")


class Units(Rows):
    """The units with a page of their own."""

    def items(self) -> QuerySet[Unit]:
        """Public units."""
        return Unit.objects.with_open_page().order_by("slug")


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


class Strategies(Rows):
    """The strategies of the corporate plans, one page each."""

    def items(self) -> QuerySet[CorporatePlan]:
        """Published editions."""
        return CorporatePlan.objects.published().order_by("slug")


SITEMAPS: dict[str, type[Sitemap]] = {
    "pages": FixedPages,
    "contact": Topics,
    "stations": Locations,
    "units": Units,
    "projects": Projects,
    "policies": Policies,
    "strategies": Strategies,
}


def part(request: HttpRequest, section: str) -> HttpResponse:
    """One file of the sitemap, without a date: that of its newest page goes back once that page is withdrawn."""
    response: HttpResponse = sitemap(request, {**SITEMAPS}, section)
    response.headers.pop("Last-Modified", None)
    return response
