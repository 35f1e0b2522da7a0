"""The addresses of all public pages, in each language, for search engines: an index, and a file per sort of page."""

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
    """Pages that exist in every language, each naming the others."""

    i18n = True
    alternates = True
    x_default = True
    # A file may hold 50,000 addresses and 50 MB; each of these names five others.
    limit = 20_000


class FixedPages(InEachLanguage):
    """The pages that are always there."""

    def items(self) -> list[FixedPage]:
        """Their entries."""
        return [page for page in FIXED_PAGES.values() if page.is_in_sitemap]

    def lastmod(self, item: FixedPage) -> datetime.datetime | None:
        """When an editor last changed what the page shows; None when that is not known."""
        return self._changed.get(str(item.model._meta.model_name)) if item.model else None

    @cached_property
    def _changed(self) -> dict[str, datetime.datetime]:
        """The last change per model, also by what is no longer shown. Two queries."""
        dates = changed_at(self.states())
        return {name.removeprefix("pages "): moment for name, moment in dates.items()}

    @staticmethod
    def models() -> list[type[Model]]:
        """The models whose rows the pages show."""
        return list(dict.fromkeys(page.model for page in FIXED_PAGES.values() if page.model))

    @classmethod
    def states(cls) -> dict[str, State]:
        """Per model how many rows are shown, and when one of them last changed; one query."""
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
    """The pages about one row each of a model."""

    pages: ClassVar[RowPages]

    def items(self) -> QuerySet[Any]:
        """The rows whose page opens."""
        return self.pages.rows().order_by("slug")

    def lastmod(self, item: Any) -> datetime.datetime:
        """When an editor last changed the row."""
        return item.modified

    def get_latest_lastmod(self) -> None:
        """Not told in the index: finding it would read all rows."""


SITEMAPS: dict[str, type[Sitemap]] = {
    "pages": FixedPages,
    **{
        pages.section: type(f"PagesOf{pages.section.title()}", (PagesOfRows,), {"pages": pages})
        for pages in ROW_PAGES.values()
    },
}


def part(request: HttpRequest, section: str) -> HttpResponse:
    """One file of the sitemap, without a date: that of its newest page goes back once that page is withdrawn."""
    response: HttpResponse = sitemap(request, {**SITEMAPS}, section)
    response.headers.pop("Last-Modified", None)
    return response
