"""The last good copy: of every public address, in each language, bounded, and never wrong about now."""

import datetime
import json

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from contact.models import Topic
from pzgent.page_cache import crawl
from pzgent.page_cache import layer as layers
from pzgent.page_cache.answers import Answer
from pzgent.page_cache.copies import ANY_TIME, Copies
from pzgent.page_cache.crawl import Crawler, links_of
from pzgent.page_cache.public_addresses import public_addresses
from pzgent.page_cache.store import Entry
from tests import registry
from tests.make import (
    make_channel,
    make_document,
    make_organogram,
    make_placement,
    make_project,
    make_schedule,
    make_term,
    make_topic,
)
from tests.pzgent.test_page_cache import Site

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("one_connection")]
# A Monday, half a minute before noon in Ghent.
NOW = datetime.datetime(2026, 6, 1, 9, 59, 30, tzinfo=datetime.UTC)
TERMS = "/api/v1/terms"
# Large files, and what must not be old: an old state of the feed, the health of the site.
UNCOPIED = ("bestanden/", "api/v1/exports", "api/v1/changes", "api/v1/health")


def away(*_args):
    raise OperationalError("gone")


@pytest.fixture
def site(tmp_path, settings):
    settings.API_REQUESTS_PER_MINUTE = 0
    make_placement(make_organogram(), name="Dienst Financiën")
    topic = make_topic(slug="hulp")
    make_channel(
        topic=topic, slug="balie", value="+3292666111", schedule=make_schedule((0, "08:00", "12:00"))
    )
    make_term(slug="hcp")
    return Site(tmp_path / "pages")


@pytest.fixture
def crawler(site, monkeypatch):
    """Works without rest."""
    monkeypatch.setattr(crawl, "REST", 0)
    monkeypatch.setattr(crawl, "LEAST_REST", 0)
    site.watch.look()
    return Crawler(site.cache, public_addresses)


@pytest.fixture
def alone(crawler, monkeypatch):
    """Follows no links."""
    monkeypatch.setattr(crawl, "links_of", lambda *_about: [])
    return crawler


@pytest.fixture
def clock(monkeypatch):
    """Sets the time."""

    def at(moment):
        monkeypatch.setattr(timezone, "now", lambda: moment)
        monkeypatch.setattr("time.time", moment.timestamp)

    at(NOW)
    return at


def darken(site):
    site.cache.own.clear()
    site.watch.read = away
    site.watch.look()


def names(site):
    return {copy.name for copy in site.cache.copies.listed()}


# --- What is open now -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "unknown"),
    [
        ("/contact/hulp", "We weten niet of het nu open is: kijk bij alle openingsuren."),
        ("/fr/contact/hulp", "Nous ne savons pas si c’est ouvert maintenant"),
        ("/en/contact/hulp", "We do not know whether it is open now"),
        ("/de/contact/hulp", "Wir wissen nicht, ob jetzt geöffnet ist"),
    ],
)
def test_a_copy_says_what_is_open_only_while_that_is_true(alone, site, clock, path, unknown):
    alone.addresses = lambda: iter([path])
    alone.visit_all()
    darken(site)
    clock(NOW + datetime.timedelta(seconds=29))
    page = site.get(path)
    assert ("state-open" in page.text, unknown in page.text) == (True, False)
    clock(NOW + datetime.timedelta(seconds=30))
    page = site.get(path)
    assert (page.status, "state-open" in page.text, unknown in page.text) == (200, False, True)
    week = page.text.partition('<table class="week">')[2].partition("</table>")[0]
    assert "8.00" in week or "8 h 00" in week
    assert 'aria-current="date"' not in page.text


def test_a_page_in_memory_gives_way_to_the_copy_that_says_nothing_of_now(alone, site, clock):
    alone.addresses = lambda: iter(["/contact/hulp"])
    alone.visit_all()
    site.get("/contact/hulp")
    site.watch.read = away
    site.watch.look()
    clock(NOW + datetime.timedelta(seconds=30))
    assert "We weten niet of het nu open is" in site.get("/contact/hulp").text


def test_the_api_says_in_a_copy_that_the_state_is_unknown(alone, site, clock):
    alone.addresses = lambda: iter(["/api/v1/channels"])
    alone.visit_all()
    darken(site)
    clock(NOW + datetime.timedelta(hours=1))
    [channel] = json.loads(site.get("/api/v1/channels").text)["items"]
    assert channel["status"]["state"] == "unknown"


def test_tomorrow_is_another_day_after_midnight(alone, site, clock):
    clock(NOW.replace(day=7, hour=12))  # a Sunday: it opens tomorrow
    alone.addresses = lambda: iter(["/contact/hulp"])
    alone.visit_all()
    darken(site)
    assert "morgen om 8.00" in site.get("/contact/hulp").text
    clock(NOW.replace(day=7, hour=22, minute=1))
    assert "morgen" not in site.get("/contact/hulp").text


def test_a_copy_that_nobody_made_for_any_time_is_not_shown_too_late(site, clock):
    site.get("/contact/hulp")
    darken(site)
    assert site.get("/contact/hulp").status == 200
    clock(NOW + datetime.timedelta(minutes=1))
    assert site.get("/contact/hulp").status == 503


def test_what_is_the_same_at_any_time_is_copied_once(alone, site):
    alone.addresses = lambda: iter(["/privacy", "/contact/hulp"])
    alone.visit_all()
    assert site.cache.copies.get(("/privacy", (), ANY_TIME)) is None
    assert site.cache.copies.get(("/contact/hulp", (), ANY_TIME))


# --- Which addresses --------------------------------------------------------------------------------


def page(body, kind="text/html; charset=utf-8"):
    return Answer("200 OK", [("Content-Type", kind)], [], body.encode())


def test_links_of_pages_and_data_are_followed_but_not_everywhere(settings):
    settings.BASE_URL = "https://politie.example"
    html = """<a href="/contact/x.ics">, <img src='/deelbeelden/a.png'> <a href="/projecten?soort=I&amp;q=b#top">
    <meta content="https://politie.example/fr/"> <a href="https://elsewhere.example/"> <a href="//evil.example/">
    <a href="/admin/"> <a href="/static/a.css"> <a href="#top"> <a href="/over?pagina=%2F"> <a href="mailto:a@b">"""
    found = ["/contact/x.ics", "/deelbeelden/a.png", "/projecten?soort=I&q=b", "/fr/"]
    assert links_of("/", page(html)) == found
    data = '{"self": "https://politie.example/api/v1/terms?page=2", "next": "/api/v1/terms?page=3", "x": "/a?b=1"}'
    assert links_of("/api/v1/terms?page=2", page(data, "application/json")) == [
        "/api/v1/terms?page=2", "/api/v1/terms?page=3",
    ]  # fmt: skip
    assert links_of("/a.png", page("'/b'", "image/png")) == []


def test_the_round_begins_with_the_pages_that_people_need_first(alone, site):
    paths = list(public_addresses())
    wanted = ["/", "/contact", "/fr/contact"]
    assert paths[:2] == wanted[:2]
    assert {"/de/contact/hulp", "/robots.txt", TERMS, "/sitemap.xml", "/feeds/berichten.atom"} <= set(paths)
    alone.addresses = lambda: iter(wanted)
    alone.visit_all()
    assert alone.done == site.watch.state
    assert names(site) == set(wanted)
    assert len(site.cache.own) == 0  # what visitors ask for stays in memory
    darken(site)
    assert {site.get(path).status for path in wanted} == {200}


def test_the_api_is_copied_in_every_language(alone, site):
    alone.addresses = lambda: iter([TERMS])
    alone.visit_all()
    darken(site)
    for language in registry.LANGUAGES:
        answer = site.get(TERMS, HTTP_ACCEPT_LANGUAGE=language)
        assert (answer.status, answer.headers["Content-Language"]) == (200, language)
    assert site.get(TERMS, HTTP_ACCEPT="application/xml-ish", HTTP_ACCEPT_LANGUAGE="fr").status == 200


def test_next_pages_of_a_list_are_copied(crawler, site, monkeypatch):
    make_term(slug="lijst")
    monkeypatch.setattr("pzgent.kernel.rest.resources.PAGE_SIZE", 1)
    follow = links_of

    def only_pages(name, answer):
        return [link for link in follow(name, answer) if link.startswith(f"{TERMS}?")]

    monkeypatch.setattr(crawl, "links_of", only_pages)
    monkeypatch.setattr(crawl, "OTHER_LANGUAGES", ())
    site.watch.look()
    crawler.addresses = lambda: iter([TERMS])
    crawler.visit_all()
    assert {TERMS, f"{TERMS}?page=2"} <= names(site)
    darken(site)
    assert site.get(TERMS, "page=2").status == 200
    assert site.get(TERMS, "page=3").status == 503


def test_a_page_is_found_without_the_question_where_somebody_comes_from(alone, site):
    alone.addresses = lambda: iter(["/over", "/projecten"])
    alone.visit_all()
    darken(site)
    assert site.get("/over", "pagina=%2Fcontact").status == 200
    assert site.get("/projecten", "q=x").status == 503


def test_an_address_typed_by_hand_leads_on_without_the_database(alone, site):
    alone.addresses = lambda: iter(["/contact", "/fr/"])
    alone.visit_all()
    darken(site)
    led = [site.get(path) for path in ("/contact/", "/fr", "/nope/")]
    assert [answer.status for answer in led] == [302, 302, 503]
    assert [answer.headers.get("Location") for answer in led] == ["/contact", "/fr/", None]


def test_what_was_withdrawn_loses_its_copies_though_nobody_asks_for_them(alone, site):
    alone.addresses = lambda: iter(["/contact/hulp", "/fr/contact/hulp", "/api/v1/topics/hulp"])
    alone.visit_all()
    assert len(names(site)) == 3
    Topic.objects.filter(slug="hulp").update(status="withdrawn")
    fresh = Site(site.cache.copies.folder)  # a process that never gave them
    fresh.watch.look()
    other = Crawler(fresh.cache, lambda: iter(["/over"]))
    other.visit_all()
    assert names(fresh) == {"/over"}
    assert len([path for path in site.cache.copies.folder.glob("??/*") if path.is_file()]) == 1


# --- Rounds -----------------------------------------------------------------------------------------


def test_a_change_meanwhile_ends_a_round_and_the_next_begins_with_the_rest(alone, site, monkeypatch):
    monkeypatch.setattr(crawl, "FIRST", 1)
    alone.addresses = lambda: iter(["/", "/over", "/contact", "/privacy"])
    asked = []

    def copy(environ):
        asked.append(environ["PATH_INFO"])
        if len(asked) == 2:
            site.watch.state = "another"

    site.cache.copy = copy
    alone.visit_all()
    assert alone.done == ""
    alone.visit_all()
    assert asked == ["/", "/over", "/", "/contact", "/privacy", "/over"]
    assert alone.done == "another"


def test_pictures_are_drawn_again_after_a_day(alone, site, monkeypatch):
    picture = "/deelbeelden/contact.png"
    alone.addresses = lambda: iter([picture])
    alone.visit_all()
    asked = []
    monkeypatch.setattr(site.cache, "copy", lambda environ: asked.append(environ["PATH_INFO"]))
    alone.visit_all()
    assert asked == []
    now = crawl.time.time()
    monkeypatch.setattr(crawl.time, "time", lambda: now + 25 * 3600)
    alone.visit_all()
    assert asked == [picture]


def test_one_process_makes_the_copies(crawler, site):
    assert crawler._is_elected()
    assert not Crawler(site.cache, public_addresses)._is_elected()
    crawler._lock.close()


# --- Bounds -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("bound", ["MOST_COPIES", "MOST_BYTES"])
def test_no_copy_is_added_beyond_the_bounds_and_old_ones_stay_fresh(alone, site, monkeypatch, bound):
    alone.addresses = lambda: iter(["/over", "/privacy"])
    alone.visit_all()
    made = {copy.name: copy.made for copy in site.cache.copies.listed()}
    monkeypatch.setattr(crawl, bound, 1)
    alone.addresses = lambda: iter(["/contact", "/over", "/privacy"])
    alone.visit_all()
    again = {copy.name: copy.made for copy in site.cache.copies.listed()}
    assert again.keys() == made.keys()
    assert all(again[name] > made[name] for name in made)


def test_what_clients_make_up_is_never_written(site):
    for number in range(20):
        site.get(TERMS, HTTP_ACCEPT=f"application/json;q=0.{number}")
        site.get("/zoeken", f"q={number}")
        site.get("/contact", HTTP_HOST="localhost" if number % 2 else "testserver")
    assert {(copy.name, copy.choices) for copy in site.cache.copies.listed()} == {("/contact", ())}
    assert len(site.cache.own) <= 2


def test_a_copy_is_private_and_keeps_its_state_and_time(site):
    site.get("/over")
    [path] = site.cache.copies.folder.glob("??/*")
    entry = site.cache.copies.get(("/over", ()))
    assert entry.state == site.watch.state
    assert abs(entry.made - path.stat().st_mtime) < 1


def test_the_copies_of_the_release_before_are_shown_but_not_taken_for_right(site):
    site.get("/over")
    [path] = site.cache.copies.folder.glob("??/*")
    head, body = path.read_bytes().split(b"\n", 1)
    known = json.loads(head)
    for later in ("sources", "origin", "is_file", "code"):
        del known[later]
    path.write_bytes(json.dumps(known).encode() + b"\n" + body)
    entry = site.cache.copies.get(("/over", ()))
    assert (entry.state, entry.body) == ("", body)


def test_the_same_is_not_written_again(tmp_path):
    copies, entry = Copies(tmp_path), Entry("s", 0, layers.math.inf, [("A", "b")], b"x")
    copies.put("a", entry)
    [path] = tmp_path.glob("??/*")
    first = path.stat()
    copies.put("a", entry)
    assert path.stat().st_ino == first.st_ino
    copies.put("a", Entry("s", 0, layers.math.inf, [("A", "b")], b"y"))
    assert copies.get("a").body == b"y"


# --- Everything -------------------------------------------------------------------------------------


@pytest.mark.drill
def test_whatever_is_public_has_a_copy(crawler, site, monkeypatch):
    """The links of the pages lead to every address of the URL configuration that answers, in each language."""
    make_project()
    make_document()
    site.watch.look()
    crawler.visit_all()
    kept, missing = names(site), []
    for route in registry.public_routes():
        for language in registry.LANGUAGES if route.in_languages else ("nl",):
            addresses = (
                [] if route.expression.startswith(UNCOPIED) else list(registry.addresses_of(route, language))
            )
            missing += [path for path in addresses if path not in kept and site.get(path).status == 200]
    assert missing == [], "\n".join(missing)
    darken(site)
    monkeypatch.setattr(connection, "cursor", away)
    gone = [name for name in sorted(kept) if site.get(*name.split("?", 1)).status != 200]
    assert gone == []
