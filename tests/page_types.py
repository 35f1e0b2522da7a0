"""All page types, with one address of each, for the checks in a browser.

`tests/pzgent/test_html.py` follows all links of the site and fails if a page type is missing here.
"""

import re

import pytest

from pzgent.registry.pages import FIXED_PAGES

LANGUAGES = ("nl", "fr", "en", "de")
# Page type -> its path in Dutch: detail pages, and further states of a page: results, no results, refused.
FACES = {
    "contact asked": "/contact?q=fiets&voor=victims",
    "contact nothing": "/contact?q=xyzzyxyzzy",
    "topic urgent": "/contact/dringende-hulp",
    "topic": "/contact/scholen",
    "topic sensitive": "/contact/slachtofferhulp",
    "guide": "/stappenplannen/fiets-gestolen",
    "guide sensitive": "/stappenplannen/slachtoffer-thuis",
    "stations served": "/commissariaten?postcode=9031",
    "stations refused": "/commissariaten?postcode=12345",
    "station": "/commissariaten/antenne-drongen",
    # The whole structure once; its other states are shown for a part of it, which tests the same and is much faster.
    "organograms compared": "/organogram?datum=2021-09-01&vergelijk=2021-01-01&top=lokale-recherchedienst",
    "organogram filtered": "/organogram?vergelijk=2021-05-01&filter=team&open=alles&top=directie-beheer",
    "organogram part": "/organogram?top=wijkdienst",
    "organogram table": "/organogram?vorm=tabel&top=directie-beheer",
    "organogram refused": "/organogram?datum=gisteren",
    "unit": "/eenheden/wijkdienst",
    "unit new": "/eenheden/team-pluk",
    "projects asked": "/projecten?q=fiets",
    "projects chosen": "/projecten?kind=I&unit=wijkdienst",
    "projects nothing": "/projecten?q=xyzzyxyzzy",
    "project": "/projecten/i-2-fietsdiefstal",
    "strategy of a plan": "/strategie/bedrijfsplan-2021-2025",
    "staffing compared": "/formatie?versie=formatie-2021&met=formatie-2017&met=streefbezetting",
    "figures asked": "/cijfers?q=fiets&groep=bicycles",
    "figures nothing": "/cijfers?q=xyzzyxyzzy",
    "documents asked": "/documenten?q=verslag",
    "words asked": "/begrippen?q=korps",
    "policy": "/beleid/eco-beleid",
    "document": "/documenten/bedrijfsplan-2021-2025",
    "document short": "/documenten/vakantieregeling-1991",
    "search found": "/zoeken?q=komissariaat",
    "search nothing": "/zoeken?q=xyzzyxyzzy",
    "fault": "/over?pagina=%2Fprivacy",
    "not found": "/bestaat-niet",
}
# All pages that always exist, by URL name, and these.
PAGES = {**{name: page.get_absolute_url() for name, page in FIXED_PAGES.items()}, **FACES}
# English only: it is generated from the schema of the API.
UNTRANSLATED = {"api": "/api/v1/docs?lang=nl"}
# These do not respond with 200: search engines and Lighthouse skip them.
REFUSED = {"stations refused", "organogram refused", "not found"}

every_page = pytest.mark.parametrize(
    "sort", [*PAGES, *UNTRANSLATED], ids=lambda sort: re.sub(r"\W", "-", sort)
)


def address(sort, language="nl"):
    """Return the path of a page type in a language."""
    path = UNTRANSLATED.get(sort) or PAGES[sort]
    return path if language == "nl" or sort in UNTRANSLATED else f"/{language}{path}"


def languages_of(sort):
    """Return the languages in which a page type exists."""
    return LANGUAGES[:1] if sort in UNTRANSLATED else LANGUAGES
