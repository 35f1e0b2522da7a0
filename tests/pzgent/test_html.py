"""Every page of the filled site, found by following its links as a visitor would."""

import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urldefrag, urlsplit

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import transaction
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.utils import translation

from pzgent.kernel.validity import of_state
from pzgent.pages import views
from pzgent.worker import bring_up_to_date
from tests import page_types
from tests.pages import body_of, faults_of
from tests.visible_words import empty_blocks_of, length_of, main_of, sentences_of, share_of_sources

VNU = Path(settings.BASE_DIR) / "tests/tools/node_modules/vnu-jar/build/dist/vnu.jar"
STRIP = (
    'href="tel:101"',
    'href="tel:112"',
    'href="https://www.112.be/nl/voor-doven"',
    'href="tel:+3292666111"',
)
# With the browser: the walk takes long, and says the same on each database.
pytestmark = [pytest.mark.django_db, pytest.mark.browser]
MOST_ON_SOURCES = 0.05
# The first word of each type of help page, and the limit of words in a sentence there.
HELP = {
    "contact",
    "topic",
    "guides",
    "guide",
    "stations",
    "station",
    "urgent-sheet",
    "accessibility",
    "privacy",
}
LONGEST_SENTENCE = 20
NOT_PUBLISHED = re.compile(
    r"niet (?:ge|be)publiceerd|not (?:been )?published|(?:pas|non) publiée?s?\b|nicht veröffentlicht",
    re.IGNORECASE,
)
REFUSED = {"400": "/contact?x=%00", "404": "/bestaat-niet", "414": "/" + "x" * 3_000}


class _Links(HTMLParser):
    """Collects where a page leads to on this site."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        href = dict(attrs).get("href") or ""
        if tag == "a" and (href.startswith("/") or href.startswith("#")):
            self.found.append(href)


def links_of(html):
    links = _Links()
    links.feed(html)
    return links.found


def get(client, address):
    """The answer, with the name of its address: looked up now, as names are found in the active language only."""
    answer = client.get(address)
    answer.sort = answer.resolver_match.url_name
    if answer.streaming:
        body_of(answer)
    return answer


def crawl(client, start):
    """Every page that can be reached in the language of the start, as address -> answer."""
    answers, waiting = {}, [start]
    while waiting:
        address = waiting.pop()
        if address in answers or address.startswith(("/fr", "/en", "/de", "/static/", "/bestanden/")):
            continue
        answers[address] = answer = get(client, address)
        if answer.headers["Content-Type"].startswith("text/html"):
            links = links_of(answer.content.decode())
            waiting += [urldefrag(link).url for link in links if not link.startswith("#")]
    return answers


@pytest.fixture(scope="session")
def answers(django_db_setup, django_db_blocker):
    """The answers of the whole site in Dutch with the refusals, and those of each sort of page in each language."""
    client = Client()
    with django_db_blocker.unblock(), transaction.atomic(), of_state("the plan"):
        call_command("load_plan", verbosity=0)
        bring_up_to_date()
        found = crawl(client, "/")
        for address in [address for address, _answer in sorts_of(pages_alone(found)).values()]:
            if not address.startswith("/api"):
                found[f"/fr{address}"] = get(client, f"/fr{address}")
        faces = {
            (sort, language): client.get(page_types.address(sort, language))
            for sort in [*page_types.PAGES, *page_types.UNTRANSLATED]
            for language in page_types.languages_of(sort)
        }
        transaction.set_rollback(True)
    found |= {status: client.get(address) for status, address in REFUSED.items()}
    request = RequestFactory().get("/")
    for language in page_types.LANGUAGES:
        with translation.override(language):
            faces["403", language] = views.permission_denied(request, Exception())
            faces["500", language] = views.server_error(request)
            faces["bare 500", language] = HttpResponse(render_to_string("500.html"))
    return found | {status: faces[status, "nl"] for status in ("403", "500")}, faces


@pytest.fixture
def site(answers):
    """The answers of the whole site in Dutch, one page of each sort in French, and the refusals."""
    return answers[0]


def sorts_of(answers):
    """One page of each sort, as name -> (address, answer): the first of each named address, and each refusal."""
    found = {}
    for address, answer in answers.items():
        prefix = "fr-" if address.startswith("/fr") else ""
        found.setdefault(f"{prefix}{getattr(answer, 'sort', address)}", (address, answer))
    return found


def pages_alone(answers):
    return {
        address: answer
        for address, answer in answers.items()
        if answer.headers["Content-Type"].startswith("text/html")
    }


def pages_of(answers):
    return {address: answer.content.decode() for address, answer in pages_alone(answers).items()}


def test_the_whole_site_is_found(site):
    names = {name for name in sorts_of(site) if not name.startswith("fr-")}
    assert len(site) > 250
    assert names >= {
        "home", "contact", "topic-detail", "stations", "organogram", "unit-detail", "projects", "project-detail",
        "strategy", "staffing", "policies", "policy-detail", "key-figures", "documents", "terms", "search",
        "accessibility", "privacy", "about", "open-data",
    }  # fmt: skip


# The plan has no notice and names no user of the data; the documentation of the API shows what one would be.
EXAMPLES = {"/api/v1/notices/voorbeeld", "/api/v1/consumers/voorbeeld"}


def test_every_link_leads_somewhere(site):
    wrong = {
        address: answer.status_code
        for address, answer in site.items()
        if address.startswith("/") and answer.status_code not in (200, 301, 302) and address not in EXAMPLES
    }
    assert wrong == {}


def test_every_refusal_has_its_status(site):
    assert {status: site[status].status_code for status in (*REFUSED, "403", "500")} == {
        "400": 400, "403": 403, "404": 404, "414": 414, "500": 500,
    }  # fmt: skip


def test_every_link_to_a_part_of_a_page_finds_it(site):
    pages = pages_of(site)
    ids = {address: set(re.findall(r'\sid="([^"]+)"', html)) for address, html in pages.items()}
    wrong = {
        link
        for address, html in pages.items()
        for link in links_of(html)
        for page, part in [urldefrag(link)]
        if part and (page or address) in pages and part not in ids[page or address]
    }
    assert wrong == set()


def test_no_page_sets_a_cookie_or_varies_by_one(site):
    assert [
        address
        for address, answer in site.items()
        if answer.cookies or "cookie" in answer.headers.get("Vary", "").lower()
    ] == []


def test_the_emergency_numbers_come_first_on_every_page(site):
    wrong = []
    for address, html in pages_of(site).items():
        start = html.split("<body>", 1)[1].encode()[:2048].decode(errors="ignore")
        places = [start.find(part) for part in STRIP]
        if -1 in places or places != sorted(places):
            wrong.append(address)
    assert wrong == []


def test_every_page_is_well_made(site):
    faults = {address: faults_of(html) for address, html in pages_of(site).items()}
    assert {address: found for address, found in faults.items() if found} == {}


def test_sources_take_a_twentieth_of_the_words_at_most(answers):
    shares = {address: share_of_sources(main) for address, main in mains_of(answers)}
    assert {address: share for address, share in shares.items() if share > MOST_ON_SOURCES} == {}


def test_no_page_says_that_something_is_not_published(answers):
    assert [
        address for address, main in mains_of(answers) if NOT_PUBLISHED.search(" ".join(main.words()))
    ] == []


def test_no_page_has_an_empty_block(answers):
    empty = {address: empty_blocks_of(main) for address, main in mains_of(answers)}
    assert {address: found for address, found in empty.items() if found} == {}


def test_sentences_on_help_pages_are_short(answers):
    _site, faces = answers
    long = [
        (sort, sentence)
        for (sort, language), answer in faces.items()
        if sort.split()[0] in HELP
        for sentence in sentences_of(main_of(answer.content.decode()), language)
        if length_of(sentence) > LONGEST_SENTENCE
    ]
    assert long == []


def mains_of(answers):
    """The content of every page in Dutch and of each sort of page in each language, as (address, tree)."""
    site, faces = answers
    pages = {**pages_alone(site), **faces}
    return [(address, main_of(answer.content.decode())) for address, answer in pages.items()]


def test_every_page_says_its_language_and_what_it_is_about(site):
    wrong = []
    for address, html in pages_of(site).items():
        asked = re.search(r"[?&]lang=(\w\w)", address)
        language = asked[1] if asked else "fr" if address.startswith("/fr") else "nl"
        described = re.search(r'<meta name="description" content="[^"]{10,}">', html)
        if f'<html lang="{language}">' not in html or not described:
            wrong.append(address)
    assert wrong == []


def test_every_page_names_its_address_in_each_language(site):
    wrong = []
    for address, html in pages_of(site).items():
        path = urlsplit(address).path
        if not address.startswith(("/api", "/fr")) and address.startswith("/"):
            wanted = [f'<link rel="canonical" href="http://testserver{path}">'] + [
                f'hreflang="{code}" href="http://testserver{prefix}{path}">'
                for code, prefix in (("nl", ""), ("fr", "/fr"), ("en", "/en"), ("de", "/de"))
            ]
            wrong += [address for part in wanted if part not in html]
    assert wrong == []


def test_the_list_of_sorts_of_pages_has_them_all(answers):
    site, faces = answers
    listed = {
        faces[sort, "nl"].resolver_match.url_name
        for sort in [*page_types.PAGES, *page_types.UNTRANSLATED]
        if faces[sort, "nl"].status_code == 200
    }
    found = {answer.sort for answer in pages_alone(site).values() if hasattr(answer, "sort")}
    # Pages for the frame of another site have checks of their own: they have no header, menu or footer.
    missing = {sort for sort in found - listed if not sort.startswith("embed-")}
    assert missing == set(), f"add to PAGES in tests/page_types.py: {missing}"


def test_every_sort_of_page_is_valid_html(answers, tmp_path):
    site, faces = answers
    for (sort, language), answer in faces.items():
        (tmp_path / f"{sort} {language}.html").write_bytes(answer.content)
    for number, answer in enumerate(site.values()):
        if answer.headers["Content-Type"].startswith("image/svg+xml"):
            (tmp_path / f"{number}.svg").write_bytes(answer.content)
    for drawing in (settings.BASE_DIR / "static").rglob("*.svg"):
        shutil.copy(drawing, tmp_path)
    assert check_html(tmp_path) == ""
    assert len(list(tmp_path.iterdir())) > 4 * len(page_types.PAGES)


def test_the_checker_finds_a_fault_that_is_there(answers, tmp_path):
    page = answers[1]["privacy", "nl"].content.decode()
    (tmp_path / "page.html").write_text(page.replace("</main>", "<p><div></div></p></main>"))
    (tmp_path / "drawing.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"><paragraph/></svg>')
    found = check_html(tmp_path)
    assert "page.html" in found
    assert "drawing.svg" in found


def check_html(folder):
    """What the Nu HTML checker says of the files in a folder."""
    pages = map(str, sorted(folder.iterdir()))
    command = ["java", "-jar", str(VNU), "--Werror", "--also-check-svg", "--format", "gnu", *pages]
    return subprocess.run(command, capture_output=True, text=True, check=False).stderr
