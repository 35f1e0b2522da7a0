"""Registry of the pages about contact."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from contact.models import CareArea, Channel, Guide, Location, Topic
from contact.urgent_sheet import FOREIGN_WORDS, SEARCH_WORDS
from pzgent.kernel.pages import FixedPage, Menu, RowPages


def _area_names() -> Iterator[str]:
    """Yield the parts of the city by name and postcode, as search suggestions that lead to the police station."""
    for area in CareArea.objects.published():
        yield from (area.name, area.postal_code)


PAGES = (
    FixedPage(name="contact", title=_("Contact"), position=20, menu=Menu.CONTACT, model=Topic),
    FixedPage(
        name="guides",
        title=_("Step by step"),
        position=25,
        menu=Menu.CONTACT,
        model=Guide,
        found_as=_("Step by step"),
        words=("stappenplan", "stappenplannen", "wat moet ik doen", "hoe werkt het"),
    ),
    FixedPage(
        name="urgent-sheet",
        title=_("Urgent help in many languages"),
        position=27,
        menu=Menu.CONTACT,
        model=Channel,
        found_as=_("Urgent help in many languages"),
        words=SEARCH_WORDS,
        foreign_words=FOREIGN_WORDS,
    ),
    FixedPage(
        name="stations",
        title=_("Police stations"),
        position=30,
        menu=Menu.CONTACT,
        model=Location,
        found_as=_("Find your police station"),
        words=(
            "dichtstbijzijnde commissariaat",
            "dichtste politiebureau",
            "waar is de politie",
            "adres",
            "alle commissariaten",
        ),
        more_words=_area_names,
        names=("commissariaat", "politiebureau in de buurt"),
    ),
)
ROW_PAGES = (
    RowPages(
        name="topic-detail",
        position=20,
        section="contact",
        above=_("Contact"),
        rows=lambda: Topic.objects.published(),
        title=lambda topic: topic.translated.title,
    ),
    RowPages(
        name="guide-detail",
        position=25,
        section="guides",
        above=_("Step by step"),
        rows=lambda: Guide.objects.published(),
        title=lambda guide: guide.translated.title,
    ),
    RowPages(
        name="station",
        position=30,
        section="stations",
        above=_("Police stations"),
        rows=lambda: Location.objects.published(),
        title=lambda location: location.translated.name,
    ),
)
