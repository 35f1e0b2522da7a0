"""Every sort of page there is: what the checks in a browser go through, one address of each.

`tests/pzgent/test_html.py` follows all links of the site and fails when a sort of page is missing here.
"""

import re

import pytest

from pzgent.registry.pages import FIXED_PAGES

LANGUAGES = ("nl", "fr", "en", "de")
# The sort -> its path in Dutch: pages of rows, and each further face that a page can have: answers, nothing, refused.
FACES = {
    "contact asked": "/contact?q=fiets&voor=victims",
    "contact nothing": "/contact?q=xyzzyxyzzy",
    "topic urgent": "/contact/dringende-hulp",
    "topic": "/contact/scholen",
    "topic sensitive": "/contact/slachtofferhulp",
    "stations served": "/commissariaten?postcode=9031",
    "stations refused": "/commissariaten?postcode=12345",
    "station": "/commissariaten/antenne-drongen",
    # The whole structure once; its other faces on a part of it, which says as much and takes far less time.
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
    "policy": "/beleid/eco-beleid",
    "search found": "/zoeken?q=komissariaat",
    "search nothing": "/zoeken?q=xyzzyxyzzy",
    "fault": "/over?pagina=%2Fprivacy",
    "not found": "/bestaat-niet",
}
# Every page that is always there, by the name of its address, and these.
PAGES = {**{name: page.get_absolute_url() for name, page in FIXED_PAGES.items()}, **FACES}
# In English only: it is made from the schema of the API.
UNTRANSLATED = {"api": "/api/v1/docs?lang=nl"}
# What the server answers to these is not 200: search engines and Lighthouse leave them alone.
REFUSED = {"stations refused", "organogram refused", "not found"}

every_page = pytest.mark.parametrize(
    "sort", [*PAGES, *UNTRANSLATED], ids=lambda sort: re.sub(r"\W", "-", sort)
)


def address(sort, language="nl"):
    """The path of a sort of page in a language."""
    path = UNTRANSLATED.get(sort) or PAGES[sort]
    return path if language == "nl" or sort in UNTRANSLATED else f"/{language}{path}"


def languages_of(sort):
    """The languages in which there is such a page."""
    return LANGUAGES[:1] if sort in UNTRANSLATED else LANGUAGES
