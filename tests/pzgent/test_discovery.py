"""What machines find: sitemap, feeds, robots, security.txt and the web app manifest."""

import datetime
import json
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from contact.models import Topic
from pzgent.registry.pages import FIXED_PAGES
from pzgent.syndication.sitemaps import InEachLanguage
from pzgent.worker import bring_up_to_date
from tests.make import (
    make_notice,
    make_organogram,
    make_placement,
    make_project,
    make_topic,
    make_unit,
)
from tests.pages import count_queries, text_of

pytestmark = pytest.mark.django_db
ATOM = {"a": "http://www.w3.org/2005/Atom"}
MAP = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "x": "http://www.w3.org/1999/xhtml"}
FEEDS = ["/feeds/berichten.atom", "/feeds/projecten.atom", "/feeds/organogram.atom"]


def entries_of(answer):
    assert answer.headers["Content-Type"].startswith("application/atom+xml")
    return ElementTree.fromstring(answer.content).findall("a:entry", ATOM)


def titles_of(client, address):
    return [entry.findtext("a:title", namespaces=ATOM) for entry in entries_of(client.get(address))]


def parts_of(client):
    """The sitemaps that the index names."""
    index = ElementTree.fromstring(client.get("/sitemap.xml").content)
    found = [part.findtext("s:loc", namespaces=MAP) for part in index.findall("s:sitemap", MAP)]
    return [ElementTree.fromstring(client.get(address).content) for address in found]


def urls_of(client):
    return [url for part in parts_of(client) for url in part.findall("s:url", MAP)]


def addresses_of(client):
    return [url.findtext("s:loc", namespaces=MAP) for url in urls_of(client)]


@pytest.mark.parametrize("address", FEEDS)
def test_a_feed_without_entries_is_still_a_feed(client, address):
    assert entries_of(client.get(address)) == []


def feed_of(client, address):
    return ElementTree.fromstring(client.get(address).content)


@pytest.mark.parametrize("address", FEEDS)
def test_a_feed_has_all_that_atom_asks(client, plan, address):
    make_notice(title="Nu")
    feed = feed_of(client, address)
    links = {link.get("rel"): link.get("href") for link in feed.findall("a:link", ATOM)}
    assert links["self"] == f"http://testserver{address}"
    assert feed.findtext("a:author/a:name", namespaces=ATOM)
    for part in (feed, *feed.findall("a:entry", ATOM)):
        assert part.findtext("a:title", namespaces=ATOM)
        assert urlsplit(part.findtext("a:id", namespaces=ATOM)).scheme in ("http", "urn")
        assert parse_datetime(part.findtext("a:updated", namespaces=ATOM)).tzinfo
        assert part.find("a:link", ATOM).get("href").startswith("http://testserver/")
    assert len(feed.findall("a:entry", ATOM)) > 0


@pytest.mark.parametrize("address", FEEDS)
def test_the_identities_in_a_feed_are_unique_and_stay(client, plan, address):
    make_notice(title="Nu")
    first, again = (
        [entry.findtext("a:id", namespaces=ATOM) for entry in entries_of(client.get(address))]
        for _time in range(2)
    )
    assert first == again
    assert len(first) == len(set(first))
    assert all(identity.startswith("urn:uuid:") for identity in first)


def test_every_page_names_the_feeds(client):
    html = client.get("/begrippen").content.decode()
    for address in FEEDS:
        assert f'href="{address}"' in html


def test_notices_that_started_are_in_the_feed(client):
    now = timezone.now()
    make_notice(title="Nu")
    make_notice(
        title="Straks", starts=now + datetime.timedelta(hours=1), ends=now + datetime.timedelta(hours=2)
    )
    make_notice(title="Concept", status="draft")
    assert titles_of(client, "/feeds/berichten.atom") == ["Nu"]


def test_the_project_changed_last_comes_first_with_its_news(client):
    first, second = make_project(title="Een"), make_project(title="Twee")
    first.updates.create(date=datetime.date(2022, 1, 1), text="<p>Het <strong>begint</strong>.</p>")
    first.save()
    make_project(title="Geheim", status="draft")
    entries = entries_of(client.get("/feeds/projecten.atom"))
    assert [entry.findtext("a:title", namespaces=ATOM) for entry in entries] == [str(first), str(second)]
    assert entries[0].findtext("a:summary", namespaces=ATOM) == "<p>Het <strong>begint</strong>.</p>"
    assert entries[0].findtext("a:id", namespaces=ATOM) == f"urn:uuid:{first.pk}"


def test_changes_of_the_organogram_in_force_are_in_the_feed(client):
    old, new = make_organogram(), make_organogram()
    root, team = make_unit(name="Korps"), make_unit(name="Nieuw team")
    make_placement(old, unit=root)
    top = make_placement(new, unit=root)
    make_placement(new, top, unit=team)
    later = make_organogram(valid_from=timezone.localdate() + datetime.timedelta(days=30))
    make_placement(later, unit=root)
    assert titles_of(client, "/feeds/organogram.atom") == ["Nieuw team: Nieuw"]


def test_the_sitemap_has_every_fixed_page(client, plan):
    addresses = {reverse(name) for name in FIXED_PAGES if name != "search"}
    assert addresses <= {urlsplit(url.findtext("s:loc", namespaces=MAP)).path for url in urls_of(client)}


@pytest.mark.once
def test_every_address_of_the_sitemap_answers(client, plan):
    addresses = addresses_of(client)
    assert len(addresses) == len(set(addresses)) > 4 * 200
    dutch = [address for address in addresses if "/fr/" not in address and "/en/" not in address]
    dutch = [
        address for address in dutch if "/de/" not in address and not address.endswith(("/fr", "/en", "/de"))
    ]
    wrong = {address: client.get(address).status_code for address in dutch[::7]}
    assert set(wrong.values()) == {200}


def test_the_sitemap_holds_public_pages_only(client):
    make_topic(title="Open", slug="open")
    make_topic(title="Dicht", slug="dicht", status="draft")
    make_unit(slug="verborgen", publication_level="withheld")
    addresses = " ".join(addresses_of(client))
    assert "/contact/open" in addresses
    assert "dicht" not in addresses
    assert "verborgen" not in addresses


def test_each_address_names_itself_in_every_language(client):
    url = urls_of(client)[0]
    codes = {link.get("hreflang") for link in url.findall("x:link", MAP)}
    assert codes == {"nl", "fr", "en", "de", "x-default"}


def test_each_address_says_when_it_last_changed(client, plan):
    urls = urls_of(client)
    without = {
        url.findtext("s:loc", namespaces=MAP)
        for url in urls
        if parse_datetime(url.findtext("s:lastmod", "", namespaces=MAP)) is None
        and parse_date(url.findtext("s:lastmod", "", namespaces=MAP)) is None
    }
    texts = [reverse(page.name) for page in FIXED_PAGES.values() if page.model is None and page.is_in_sitemap]
    assert without == {
        f"http://testserver{language}{path}" for language in ("", "/fr", "/en", "/de") for path in texts
    }


def test_the_date_of_a_page_never_goes_back_when_what_it_shows_is_withdrawn(client):
    def date_of_home():
        bring_up_to_date()
        urls = ElementTree.fromstring(client.get("/sitemap-pages.xml").content).findall("s:url", MAP)
        return parse_date(urls[0].findtext("s:lastmod", namespaces=MAP))

    today, topics = timezone.localdate(), [make_topic(), make_topic()]
    for topic, days in zip(topics, (9, 3), strict=True):
        Topic.objects.filter(pk=topic.pk).update(modified=timezone.now() - datetime.timedelta(days=days))
    assert date_of_home() == today - datetime.timedelta(days=3)
    Topic.objects.filter(pk=topics[1].pk).update(status="withdrawn")
    assert date_of_home() == today
    assert "Last-Modified" not in client.get("/sitemap-contact.xml").headers


def test_a_sitemap_that_grows_too_long_is_split(client, monkeypatch):
    monkeypatch.setattr("pzgent.syndication.sitemaps.InEachLanguage.limit", 3)
    for number in range(2):
        make_topic(slug=f"t{number}")
    addresses = addresses_of(client)
    assert len([address for address in addresses if "/contact/t" in address]) == 8
    assert len(addresses) == len(set(addresses))
    assert "sitemap-contact.xml?p=3" in client.get("/sitemap.xml").content.decode()


def test_no_sitemap_can_pass_what_the_protocol_allows(client, plan):
    longest = max(len(ElementTree.tostring(url)) for url in urls_of(client))
    assert InEachLanguage.limit <= 50_000
    assert InEachLanguage.limit * longest < 50 * 1024 * 1024


@pytest.mark.parametrize("address", ["/sitemap.xml", "/sitemap-pages.xml", "/sitemap-units.xml", *FEEDS])
def test_few_queries_are_needed(client, plan, address):
    assert count_queries(client, address) <= 10  # one per kind of page in the index


def test_robots_find_the_sitemap(client):
    assert "Sitemap: http://testserver/sitemap.xml" in client.get("/robots.txt").content.decode()


def test_a_weakness_can_be_reported(client):
    lines = client.get("/.well-known/security.txt").content.decode().splitlines()
    fields = dict(line.split(": ", 1) for line in lines)
    assert client.get(fields["Contact"]).status_code == 200
    left = parse_datetime(fields["Expires"]) - timezone.now()
    assert datetime.timedelta(days=150) < left < datetime.timedelta(days=365)
    assert fields["Canonical"] == "http://testserver/.well-known/security.txt"


def test_the_manifest_speaks_the_language_of_the_page(client):
    manifest = json.loads(client.get("/manifest.webmanifest").content)
    assert (manifest["lang"], manifest["start_url"]) == ("nl", "/")
    assert json.loads(client.get("/fr/manifest.webmanifest").content)["start_url"] == "/fr/"


def test_a_fault_can_be_reported_from_every_page(client):
    assert "/over?pagina=%2Fcontact#fault" in client.get("/contact").content.decode()
    assert "http://testserver/contact" in text_of(client.get("/over?pagina=/contact"))


@pytest.mark.parametrize(
    "page",
    [
        "//elders.example",
        "/\\elders.example",
        "/\t/elders.example",
        "https://elders.example",
        "/" + "x" * 300,
        "javascript:1",
    ],
)
def test_only_a_page_of_this_site_is_named(client, page):
    assert (
        "elders"
        not in client.get("/over", {"pagina": page}).content.decode().split("<main")[1].split("</main")[0]
    )
    assert (
        "x" * 300
        not in client.get("/over", {"pagina": page}).content.decode().split("<main")[1].split("</main")[0]
    )
