"""Every page of the site and every sort of thing that can be found, put together from the apps.

What belongs to no app stands here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from operator import attrgetter
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from contact import pages as contact
from contact import search as contact_search
from contact.models import Topic
from organisation import pages as organisation
from organisation import search as organisation_search
from projects import pages as projects
from projects import search as projects_search
from pzgent.kernel.pages import FixedPage, Menu, RowPages
from pzgent.kernel.searchable import IndexedText, Searchable
from pzgent.kernel.translations import DUTCH, Text


def _by_name(*pages: Any) -> dict[str, Any]:
    """The pages by the name of their address, in the order of their positions."""
    return {page.name: page for page in sorted(pages, key=attrgetter("position"))}


OWN = (
    FixedPage(
        name="home",
        title=_("What do you need from the police in %(city)s?"),
        position=10,
        model=Topic,
    ),
    FixedPage(name="search", title=_("Search"), position=120, menu=Menu.CONTACT, is_in_sitemap=False),
    FixedPage(
        name="accessibility",
        title=_("Accessibility"),
        position=130,
        menu=Menu.SITE,
        found_as=_("Accessibility"),
        words=("toegankelijkheid", "toegankelijkheidsverklaring"),
    ),
    FixedPage(
        name="privacy",
        title=_("Privacy"),
        position=140,
        menu=Menu.SITE,
        found_as=_("Privacy"),
        words=("privacy", "cookies", "privacyverklaring"),
    ),
    FixedPage(
        name="about",
        title=_("About this site"),
        position=150,
        menu=Menu.SITE,
        menu_position=125,
        found_as=_("About this site"),
        words=("over deze site", "deze website", "van wie is deze website", "fout op de site melden"),
    ),
    FixedPage(
        name="open-data",
        title=_("Open data"),
        position=160,
        menu=Menu.SITE,
        found_as=_("Open data"),
        words=("open data", "API", "gegevens downloaden"),
    ),
)
FIXED_PAGES: dict[str, FixedPage] = _by_name(*contact.PAGES, *organisation.PAGES, *projects.PAGES, *OWN)
ROW_PAGES: Mapping[str, RowPages] = _by_name(*contact.ROW_PAGES, *organisation.ROW_PAGES, *projects.ROW_PAGES)


class Pages(Searchable):
    """The pages that are always there."""

    kind = "page"
    position = 120
    label = _("Pages")
    prior = 0.9

    def texts(self, language: str) -> Iterator[IndexedText]:
        """Those that people look for, by the words that they use."""
        # Of two that answer equally well the one comes first that is further down: its subject is narrower.
        for page in reversed(FIXED_PAGES.values()):
            if page.found_as:
                words = [*page.words, *page.more_words()]
                yield self.text(page, "", words, names=page.names)

    def title(self, item: FixedPage) -> Text:
        """Its title, which is part of the interface."""
        return Text(str(item.found_as), get_language() or DUTCH)

    def snippet(self, item: FixedPage, text: IndexedText) -> Text:
        """Nothing."""
        return Text("")


SEARCHABLE: Mapping[str, Searchable] = {
    sort.kind: sort
    for sort in sorted(
        (*contact_search.SEARCHABLE, *organisation_search.SEARCHABLE, *projects_search.SEARCHABLE, Pages()),
        key=attrgetter("position"),
    )
}


# The headings of the site map, each with its pages in their order.
SITE_MAP: dict[Menu, list[FixedPage]] = {
    menu: sorted(
        (page for page in FIXED_PAGES.values() if page.menu == menu),
        key=lambda page: page.menu_position or page.position,
    )
    for menu in Menu
}
