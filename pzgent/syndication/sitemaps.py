"""Sitemaps of all public pages in each language: an index, and a file per page type."""

from __future__ import annotations

import datetime
from functools import cached_property
from typing import Any, ClassVar

from django.contrib.sitemaps import Sitemap
from django.contrib.sitemaps.views import sitemap
from django.db.models import Count, Max, Model, QuerySet, Value
from django.http import HttpRequest, HttpResponse

from pzgent.kernel.pages import FixedPage, RowPages
from pzgent.kernel.watermarks import State, changed_at
from pzgent.registry.pages import FIXED_PAGES, ROW_PAGES


class InEachLanguage(Sitemap):
    """Pages that exist in every language, with links to their alternates."""

    i18n = True
    alternates = True
    x_default = True
    # A file may have 50,000 addresses and 50 MB; each of these entries has five alternates.
    limit = 20_000


class FixedPages(InEachLanguage):
    """The fixed pages of the site."""

    def items(self) -> list[FixedPage]:
        """Return the fixed pages that belong in the sitemap."""
        return [page for page in FIXED_PAGES.values() if page.is_in_sitemap]

    def lastmod(self, item: FixedPage) -> datetime.datetime | None:
        """Return when an editor last changed the content of the page, or None if that is unknown."""
        return self._changed.get(str(item.model._meta.model_name)) if item.model else None

    @cached_property
    def _changed(self) -> dict[str, datetime.datetime]:
        """The last change per model, including rows that are no longer shown. Two queries."""
        dates = changed_at(self.states())
        return {name.removeprefix("pages "): moment for name, moment in dates.items()}

    @staticmethod
    def models() -> list[type[Model]]:
        """Return the models whose rows the pages show."""
        return list(dict.fromkeys(page.model for page in FIXED_PAGES.values() if page.model))

    @classmethod
    def states(cls) -> dict[str, State]:
        """Return per model the number of published rows, and when one of these last changed. One query."""
        parts: Any = [
            model.objects.published()  # type: ignore[attr-defined]  # a publishable model
            .order_by()
            .annotate(shown=Value(model._meta.model_name))
            .values_list("shown")
            .annotate(changed=Max("modified"), number=Count("pk"))
            for model in cls.models()
        ]
        found = parts[0].union(*parts[1:], all=True)
        return {f"pages {name}": ((changed, number), changed) for name, changed, number in found if changed}


class PagesOfRows(InEachLanguage):
    """The detail pages of a model, one per row."""

    pages: ClassVar[RowPages]

    def items(self) -> QuerySet[Any]:
        """Return the rows that have a public page."""
        return self.pages.rows().order_by("slug")

    def lastmod(self, item: Any) -> datetime.datetime:
        """Return when an editor last changed the row."""
        return item.modified

    def get_latest_lastmod(self) -> None:
        """Leave the date out of the index: computing it would read all rows."""


SITEMAPS: dict[str, type[Sitemap]] = {
    "pages": FixedPages,
    **{
        pages.section: type(f"PagesOf{pages.section.title()}", (PagesOfRows,), {"pages": pages})
        for pages in ROW_PAGES.values()
    },
}


def part(request: HttpRequest, section: str) -> HttpResponse:
    """Return one file of the sitemap, without a Last-Modified header: the date of its newest page would go back in time
    when that page is withdrawn."""
    response: HttpResponse = sitemap(request, {**SITEMAPS}, section)
    response.headers.pop("Last-Modified", None)
    return response
