"""Registry of every page of the site; pages that belong to no app are defined here."""

from __future__ import annotations

from collections.abc import Mapping
from operator import attrgetter
from typing import Any

from django.utils.translation import gettext_lazy as _

from contact import pages as contact
from contact.models import Topic
from organisation import pages as organisation
from projects import pages as projects
from pzgent.kernel.pages import FixedPage, Menu, RowPages


def _by_name(*pages: Any) -> dict[str, Any]:
    """Return the pages keyed by URL name, ordered by position."""
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
        words=(
            "toegankelijkheid",
            "toegankelijkheidsverklaring",
            "website voor blinden",
            "slechtziend",
            "voorleessoftware",
        ),
        foreign_words=(
            "accessibilité du site",
            "malvoyant",
            "screen reader",
            "accessible website",
            "sehbehindert",
        ),
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


# The headings of the site map, each with its pages in menu order.
SITE_MAP: dict[Menu, list[FixedPage]] = {
    menu: sorted(
        (page for page in FIXED_PAGES.values() if page.menu == menu),
        key=lambda page: page.menu_position or page.position,
    )
    for menu in Menu
}
