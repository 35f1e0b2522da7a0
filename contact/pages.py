"""Registry of the pages about contact."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from contact.models import CareArea, Channel, Guide, Location, Topic
from contact.urgent_sheet import FOREIGN_WORDS, SEARCH_WORDS
from pzgent.kernel.pages import FixedPage, Menu, RowPages

# Words with which people look for their police station: ways to ask, days on which it may be closed, and names of
# neighbourhoods that are not the name of an area.
_STATION_WORDS = """
    dichtstbijzijnde commissariaat, dichtste politiebureau, waar is de politie, adres, alle commissariaten, welk
    commissariaat, welk politiebureau, politie in mijn buurt, politie bij mij in de buurt, commissariaat van mijn wijk,
    waar moet ik zijn, wijk, postcode, kaart, openingsuren van het commissariaat, feestdag, 1 mei, 21 juli, 15 augustus,
    1 november, 11 november, kerstmis, eerste kerstdag, nieuwjaar, pasen, paasmaandag, pinksteren, hemelvaart,
    Brugse Poort, Rabot, Muide, Meulestede, Dampoort, Heirnis, Macharius, Sluizeken, Tolhuis, Watersportbaan, Ekkergem,
    Bloemekenswijk, Malem, Heuvelpoort, Stationsbuurt, Sint-Pieters, Moscou, Patershol, Korenmarkt, Blaarmeersen,
    Kouter, Westveld, rolstoel, toegankelijk met een rolstoel
"""
STATION_WORDS = tuple(" ".join(words.split()) for words in _STATION_WORDS.split(","))
FOREIGN_STATION_WORDS = (
    "commissariat le plus proche",
    "police près de chez moi",
    "où se trouve la police",
    "adresse de la police",
    "police near me",
    "Polizei in meiner Nähe",
    "police dans mon quartier",
    "code postal",
    "fauteuil roulant",
    "nearest police station",
    "wheelchair",
    "nächste Polizeiwache",
    "Postleitzahl",
)


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
        words=STATION_WORDS,
        foreign_words=FOREIGN_STATION_WORDS,
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
