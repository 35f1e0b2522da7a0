"""Every page of the filled site, found by following its links as a visitor would."""

import re
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urldefrag, urlsplit

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import transaction
from django.test import Client, RequestFactory

from pzgent import views
from tests.pages import faults_of

VNU = Path(settings.BASE_DIR) / "tests/tools/node_modules/vnu-jar/build/dist/vnu.jar"
STRIP = (
    'href="tel:101"',
    'href="tel:112"',
    'href="https://www.112.be/nl/voor-doven"',
    'href="tel:+3292666111"',
)
pytestmark = pytest.mark.django_db
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
    return answer


def crawl(client, start):
    """Every page that can be reached in the language of the start, as address -> answer."""
    answers, waiting = {}, [start]
    while waiting:
        address = waiting.pop()
        if address in answers or address.startswith(("/fr", "/en", "/de", "/static/", "/media/")):
            continue
        answers[address] = answer = get(client, address)
        if answer.headers["Content-Type"].startswith("text/html"):
            links = links_of(answer.content.decode())
            waiting += [urldefrag(link).url for link in links if not link.startswith("#")]
    return answers


@pytest.fixture(scope="module")
def site(django_db_setup, django_db_blocker):
    """The answers of the whole site in Dutch, one page of each sort in French, and the refusals."""
    client = Client()
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("load_plan", verbosity=0)
        answers = crawl(client, "/")
        for address in [address for address, _answer in sorts_of(pages_alone(answers)).values()]:
            if not address.startswith("/api"):
                answers[f"/fr{address}"] = get(client, f"/fr{address}")
        transaction.set_rollback(True)
    answers |= {status: client.get(address) for status, address in REFUSED.items()}
    request = RequestFactory().get("/")
    answers |= {"403": views.permission_denied(request, Exception()), "500": views.server_error(request)}
    return answers


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


def test_every_link_leads_somewhere(site):
    wrong = {
        address: answer.status_code
        for address, answer in site.items()
        if address.startswith("/") and answer.status_code not in (200, 301, 302)
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


def test_every_page_says_its_language_and_what_it_is_about(site):
    wrong = []
    for address, html in pages_of(site).items():
        language = "fr" if address.startswith("/fr") else "nl"
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


@pytest.mark.browser
def test_every_sort_of_page_is_valid_html(site, tmp_path):
    for name, (address, answer) in sorts_of(site).items():
        if address in pages_of({address: answer}):
            (tmp_path / f"{name}.html").write_bytes(answer.content)
    pages = map(str, sorted(tmp_path.glob("*.html")))
    command = ["java", "-jar", str(VNU), "--Werror", "--format", "gnu", *pages]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr) == (0, "")
