"""Kept answers are the bytes that the framework would give, never older than a second, and there when it has none."""

import datetime
import itertools
import re
import threading
import time
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings as portal_settings
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contact.models import Topic
from organisation.models import Term
from pzgent.change_feed.sources import recorded
from pzgent.change_feed.state import SettledState
from pzgent.change_feed.triggers import watched_models
from pzgent.kernel.door import Door
from pzgent.kernel.validity import Reading, gathered, holds_until
from pzgent.models import FeedState
from pzgent.page_cache import PageCache
from pzgent.page_cache import layer as layers
from pzgent.page_cache.asked import address_of
from pzgent.page_cache.copies import Copies
from pzgent.page_cache.notices import Notices, planned_notices
from pzgent.page_cache.store import Entry, Room
from pzgent.page_cache.watch import Watch
from pzgent.worker import bring_up_to_date
from pzgent.wsgi import framework
from tests import registry
from tests.make import (
    make_channel,
    make_notice,
    make_organogram,
    make_placement,
    make_preview_link,
    make_schedule,
    make_term,
    make_topic,
)
from tests.pages import body_of, without_trace
from tests.pzgent.test_door import Answer, environ_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("one_connection")]
NOW = datetime.datetime(
    2026, 6, 1, 9, 59, 30, tzinfo=datetime.UTC
)  # a Monday, half a minute before noon in Ghent


class Still(Watch):
    """A watch that looks only when a test says so, in the thread of the test."""

    def start(self):
        if not self.state and not self.is_down:
            self.look()


class Site:
    """The portal behind its cache, with how often the framework was asked."""

    def __init__(self, folder, watch=None):
        self.asked = 0
        self.settled = SettledState(patience=0)
        self.watch = watch or Still(self.state)
        self.notices = Notices(portal_settings.NOTICES_FOLDER, planned_notices)
        self.cache = PageCache(self.framework, self.watch, Copies(folder), self.notices, recorded)
        self.door = Door(self.cache)

    def state(self):
        reading = self.settled.read()
        self.notices.learn(reading.state)
        return reading

    def framework(self, environ, start_response):
        self.asked += 1
        return framework(environ, start_response)

    def get(self, path="/", query="", **sent):
        return Answer(environ_of(path, query, **sent), self.door)

    def bare(self, path="/", query="", **sent):
        """What the framework answers by itself."""
        return Answer(environ_of(path, query, **sent), Door(framework))


@pytest.fixture
def site(tmp_path, settings):
    settings.API_REQUESTS_PER_MINUTE = 0
    return Site(tmp_path / "pages")


@pytest.fixture
def content(settings):
    """Something at each of the addresses."""
    make_placement(make_organogram(), name="Dienst Financiën")
    topic = make_topic(slug="hulp")
    make_channel(topic=topic, slug="balie", schedule=make_schedule((0, "08:00", "12:00")))
    make_term(slug="hcp")
    Term.objects.update(modified=timezone.now() - datetime.timedelta(days=1))


def said(answer):
    """Status, headers and text, but for what each answer has of its own."""
    status, headers, text = answer.whole
    if status in (200, 304) and "Vary" in headers:
        headers["Vary"] = ", ".join(sorted(part.strip() for part in headers["Vary"].split(",")))
    return status, headers, without_trace(text)


ADDRESSES = [
    ("/", ""), ("/fr/contact", ""), ("/contact/hulp", ""), ("/zoeken", "q=hulp"), ("/bestaat-niet", ""),
    ("/contact/", ""), ("/feeds/berichten.atom", ""), ("/robots.txt", ""), ("/sitemap.xml", ""),
    ("/manifest.webmanifest", ""),
    ("/api/v1/terms", ""), ("/api/v1/terms/hcp", ""), ("/api/v1/terms", "lang=fr"), ("/api/v1/terms", "pageSize=1"),
    ("/api/v1/channels", ""), ("/api/v1/terms", "nope=1"), ("/api/v1/health", ""), ("/api/v1/exports/terms.csv", ""),
    ("/api/v1/exports/organisation.zip", ""),
]  # fmt: skip
SENT = {
    "REQUEST_METHOD": ["GET", "HEAD", "OPTIONS", "POST"],
    "HTTP_ACCEPT_ENCODING": ["gzip", "br", "gzip, br;q=0.5", "identity", "gzip;q=0", "*"],
    "HTTP_ACCEPT_LANGUAGE": ["fr", "de-DE,de;q=0.9", "xx", "en;q=0"],
    "HTTP_ACCEPT": ["application/json", "application/ld+json", "text/html", "image/png", "*/*"],
    "HTTP_IF_NONE_MATCH": ["*", '"nope"', "TAG", "W/TAG", '"a", TAG'],
    "HTTP_IF_MODIFIED_SINCE": ["Mon, 01 Jun 2099 00:00:00 GMT", "nonsense"],
    "HTTP_RANGE": ["bytes=0-1"],
    "HTTP_HOST": ["testserver", "localhost", "evil.example"],
    "HTTP_X_FORWARDED_PROTO": ["https"],
    "HTTP_BELGOV_TRACE_ID": ["mine"],
    "CONTENT_LENGTH": ["0", "3"],
}
sent = st.fixed_dictionaries({}, optional={name: st.sampled_from(values) for name, values in SENT.items()})


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.sampled_from(ADDRESSES), sent)
def test_the_same_is_said_with_the_cache_as_without(content, site, monkeypatch, address, headers):
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    if "TAG" in headers.get("HTTP_IF_NONE_MATCH", ""):
        tag = site.bare(*address).headers.get("ETag", '"none"')
        headers = {**headers, "HTTP_IF_NONE_MATCH": headers["HTTP_IF_NONE_MATCH"].replace("TAG", tag)}
    expected = [said(site.bare(*address, **headers))]
    if headers.get("REQUEST_METHOD") == "HEAD":
        # Without a text the framework cannot make its tag, so it may answer 200 instead of 304.
        expected.append((*said(site.bare(*address, **{**headers, "REQUEST_METHOD": "GET"}))[:2], ""))
    for _time in range(3):  # made, kept, and once more
        assert said(site.get(*address, **headers)) in expected


def test_a_kept_answer_asks_the_database_and_the_framework_nothing(content, site):
    for path in ("/", "/api/v1/terms"):
        tag = site.get(path).headers["ETag"]
        site.get(path, HTTP_IF_NONE_MATCH=tag)
        asked = site.asked
        with CaptureQueriesContext(connection) as queries:
            assert site.get(path).status == 200
            assert site.get(path, HTTP_IF_NONE_MATCH=tag).status == 304
            assert site.get(path, REQUEST_METHOD="HEAD").status == 200
        assert (len(queries), site.asked) == (0, asked)


def test_a_file_that_fits_into_memory_is_kept(content, site):
    """However many download it, the framework gives it once."""
    first = site.get("/api/v1/exports/terms.csv").whole
    assert site.get("/api/v1/exports/terms.csv").whole == first
    assert site.asked == 1
    packed = {"HTTP_ACCEPT_ENCODING": "gzip"}
    address = "/api/v1/exports/terms.csv"
    assert site.get(address, **packed).headers["ETag"] == site.bare(address, **packed).headers["ETag"]
    assert site.get(address, **packed).headers["ETag"] != first[1]["ETag"]


def test_a_request_that_cannot_be_read_is_given_no_kept_page(content, site):
    site.get("/")
    assert site.get("/").status == 200
    broken = environ_of("/")
    del broken["PATH_INFO"]
    refused = Answer(broken, site.door)
    assert refused.status == 500
    assert 'href="tel:101"' in refused.text


def test_each_answer_of_the_api_has_a_trace_of_its_own(content, site):
    answers = [site.get("/api/v1/terms", HTTP_BELGOV_TRACE_ID="mine") for _time in range(3)]
    assert len({answer.headers["BelGov-Trace-Id"] for answer in answers}) == 3
    assert {answer.headers["BelGov-Related-Trace-Id"] for answer in answers} == {"mine"}
    assert "BelGov-Related-Trace-Id" not in site.get("/api/v1/terms").headers


def test_a_client_is_counted_for_what_is_made_and_told_only_then(content, site, settings):
    settings.API_REQUESTS_PER_MINUTE = 2
    answers = [site.get("/api/v1/terms") for _time in range(5)]
    assert [answer.status for answer in answers] == [200] * 5
    assert ["RateLimit" in answer.headers for answer in answers] == [True, False, False, False, False]
    assert [site.get("/api/v1/terms", f"page={page}").status for page in (1, 2, 3)][-1] == 429


# --- An edit ----------------------------------------------------------------------------------------


def test_an_edit_is_seen_after_the_next_look_and_the_old_answer_bridges_the_making(
    content, site, monkeypatch
):
    site.get("/api/v1/terms/hcp")
    Term.objects.update(explanation="Nieuw")
    assert "Nieuw" not in site.get("/api/v1/terms/hcp").text  # not looked yet
    site.watch.look()
    soon = []
    monkeypatch.setattr(site.cache, "_refresh_soon", lambda *asked: soon.append(asked))
    assert "Nieuw" not in site.get("/api/v1/terms/hcp").text
    assert len(soon) == 1
    site.watch.changed_at -= layers.GRACE
    assert "Nieuw" in site.get("/api/v1/terms/hcp").text


# Read on the way to a public answer without being part of it, or told by a mark of the data themselves.
NOT_SHOWN = {
    "django_session", "auth_user", "pzgent_datachange", "pzgent_feedstate", "pzgent_installation",
    "pzgent_publishedchange", "pzgent_publisheditem", "pzgent_watermark",
}  # fmt: skip


@pytest.mark.once
def test_a_change_of_any_table_that_the_public_sees_is_noticed(client, plan):
    tables = set()
    for route in registry.public_routes():
        if route.name == "file":
            continue  # never kept
        for address in itertools.islice(registry.addresses_of(route, "nl"), 3):
            with CaptureQueriesContext(connection) as queries:
                answer = client.get(registry.with_query(route, address))
                if answer.streaming:
                    body_of(answer)
            tables |= set(re.findall(r'(?:FROM|JOIN) "?(\w+)"?', " ".join(query["sql"] for query in queries)))
    known = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
    assert (tables & known) - NOT_SHOWN <= {model._meta.db_table for model in watched_models()}
    assert len(tables & known) > 30


def test_a_reset_of_the_feed_changes_the_state(content, site):
    bring_up_to_date()
    site.get("/api/v1/terms")
    before = site.watch.state
    FeedState.objects.update(identity="another")
    site.watch.look()
    assert site.watch.state != before


def test_an_answer_that_is_two_edits_old_is_made_anew_at_once(content, site):
    site.get("/api/v1/terms/hcp")
    for text in ("Een", "Twee"):
        Term.objects.update(explanation=text)
        site.watch.look()
    assert "Twee" in site.get("/api/v1/terms/hcp").text


def test_a_withdrawn_page_is_gone_from_memory_and_disk(content, site):
    site.get("/contact/hulp")
    key = ("/contact/hulp", ())
    assert site.cache.copies.get(key)
    Topic.objects.filter(slug="hulp").update(status="withdrawn")
    site.watch.look()
    site.watch.changed_at -= layers.GRACE
    assert site.get("/contact/hulp").status in (404, 410)
    assert site.cache.copies.get(key) is None


def test_what_is_open_is_right_to_the_second(content, site, monkeypatch):
    moments = iter((NOW, NOW + datetime.timedelta(seconds=29), NOW + datetime.timedelta(seconds=30)))
    texts, asked = [], []
    for moment in moments:
        monkeypatch.setattr(timezone, "now", lambda moment=moment: moment)
        monkeypatch.setattr(layers.time, "time", lambda moment=moment: moment.timestamp())
        texts.append(site.get("/contact/hulp").text)
        asked.append(site.asked)
    assert texts[0] == texts[1]
    assert asked[0] == asked[1] == asked[2] - 1
    assert "Nu open tot 12.00" in texts[1]
    assert "Nu open tot" not in texts[2]


def test_moments_are_gathered_for_the_answer_at_hand_only():
    holds_until(NOW)
    with gathered() as basis:
        holds_until(None)
        holds_until(NOW)
    assert basis.moments == [NOW]


# --- Many at once -----------------------------------------------------------------------------------


def test_who_asks_for_the_same_waits_for_one_making(tmp_path):
    made, begun = [], threading.Event()

    def slow(environ, start_response):
        made.append(1)
        begun.wait(5)
        return framework_says(environ, start_response)

    watch = Still(lambda: Reading("a"))
    watch.look()
    cache = PageCache(slow, watch, Copies(tmp_path), Notices(tmp_path / "notices", list), gathered)
    answers = []
    threads = [
        threading.Thread(target=lambda: answers.append(Answer(environ_of("/x"), cache).text))
        for _one in range(8)
    ]
    for thread in threads:
        thread.start()
    time.sleep(0.2)
    begun.set()
    for thread in threads:
        thread.join()
    assert (answers, len(made)) == (["made"] * 8, 1)


def framework_says(environ, start_response):
    """A framework of one page."""
    start_response("200 OK", [("Content-Type", "text/plain")])

    class Body(list):
        streaming = False

    return Body([b"made"])


@pytest.mark.drill
def test_a_million_made_up_questions_take_no_more_room_than_a_few(tmp_path):
    watch = Still(lambda: Reading("a"))
    watch.look()
    cache = PageCache(framework_says, watch, Copies(tmp_path), Notices(tmp_path / "notices", list), gathered)
    sizes = []
    for number in range(1_000_000):
        Answer(environ_of(f"/x{number % 50}", f"q={number}", HTTP_ACCEPT=f"text/x-{number}"), cache)
        if number % 100_000 == 99_999:
            sizes.append(int(Path("/proc/self/statm").read_text().split()[1]) * 4096)
    assert sizes[-1] - sizes[0] < 2_000_000, sizes
    assert not list(tmp_path.rglob("*"))


def test_made_up_questions_never_push_out_the_pages_of_the_site(tmp_path):
    watch = Still(lambda: Reading("a"))
    watch.look()
    cache = PageCache(framework_says, watch, Copies(tmp_path), Notices(tmp_path / "notices", list), gathered)
    cache.asked.most_bytes = 50_000
    Answer(environ_of("/page"), cache)
    for number in range(200):
        Answer(environ_of("/page", f"x={number}"), cache)
        Answer(environ_of(f"/p{number}", "x"), cache)
    assert len(cache.own) == 1
    assert cache.asked.size <= 50_000
    assert cache.own.get((address_of(environ_of("/page")), ()))
    assert len(list(tmp_path.glob("??/*"))) == 1


def test_a_room_forgets_what_was_used_longest_ago():
    room = Room(100_000)
    for name in "abc":
        room.put(name, Entry("s", 0, 0, [], b"x" * 10_000))
    room.get("a")
    for number in range(4):
        room.put(number, Entry("s", 0, 0, [], b"x" * 10_000))
    assert room.get("a")
    assert room.get("b") is None
    room.put("a", Entry("s", 0, 0, [], b"x" * 100_000))
    assert room.get("a") is None  # too large, and the old one is not right any more


# --- The database is away ---------------------------------------------------------------------------


def away():
    raise OperationalError("gone")


@pytest.fixture
def dark(content, site, monkeypatch):
    """The site after its database went away, with copies of a few pages."""
    for path in ("/", "/contact/hulp", "/api/v1/terms"):
        site.get(path)
    site.cache.own.clear()
    site.watch.read = away
    site.watch.look()
    monkeypatch.setattr(connection, "cursor", away)
    return site


def test_the_last_good_copy_is_given_with_its_age(dark):
    page = dark.get("/contact/hulp")
    assert (page.status, page.headers["Cache-Control"]) == (200, "no-cache")
    assert int(page.headers["Age"]) >= 0
    assert "ETag" not in page.headers
    assert '<p class="copy-note">' in page.text
    assert "Bijgewerkt op " in page.text
    assert int(page.headers["Content-Length"]) == len(page.content)
    packed = dark.get("/contact/hulp", HTTP_ACCEPT_ENCODING="gzip")
    assert '<p class="copy-note">' in packed.text
    listed = dark.get("/api/v1/terms")
    assert (listed.status, '"hcp"' in listed.text) == (200, True)


def test_what_has_no_copy_is_503_with_numbers_at_once(dark):
    for path in ("/projecten", "/admin/"):
        answer = dark.get(path)
        assert (answer.status, answer.headers["Retry-After"]) == (503, "30")
        assert 'href="tel:101"' in answer.text
    problem = dark.get("/api/v1/units")
    assert (problem.status, problem.headers["Content-Type"]) == (503, "application/problem+json")


def test_it_recovers_by_itself(dark, monkeypatch):
    monkeypatch.undo()
    dark.watch.read = lambda: Reading("back")
    dark.watch.look()
    page = dark.get("/contact/hulp")
    assert "Age" not in page.headers
    assert "copy-note" not in page.text


def test_a_fault_before_the_watch_noticed_gives_the_copy_too(content, site, monkeypatch):
    site.get("/contact/hulp")
    site.cache.own.clear()
    monkeypatch.setattr(connection, "cursor", away)
    assert site.get("/contact/hulp").status == 200


def test_a_disk_that_takes_nothing_changes_nothing(content, site, tmp_path):
    (tmp_path / "pages").write_text("a file where the folder should be")
    assert site.get("/").status == 200
    assert site.get("/").status == 200


def test_a_damaged_copy_is_no_copy(tmp_path):
    copies = Copies(tmp_path)
    copies.put("a", Entry("s", 0, 0, [("A", "b")], b"x"))
    assert copies.get("a").body == b"x"
    for path in tmp_path.rglob("*"):
        if path.is_file():
            path.write_bytes(b"{broken")
    assert copies.get("a") is None
    assert copies.get("b") is None


def test_the_watch_notices_a_server_that_does_not_answer(monkeypatch):
    frozen = threading.Event()
    monkeypatch.setattr("pzgent.page_cache.watch.PATIENCE", 0.3)
    watch = Watch(lambda: (frozen.wait(5), Reading("state"))[1])
    frozen.set()
    watch.start()
    assert (watch.state, watch.is_down) == ("state", False)
    frozen.clear()
    deadline = time.monotonic() + 5
    while not watch.is_down and time.monotonic() < deadline:
        time.sleep(0.05)
    assert watch.is_down
    frozen.set()
    while watch.is_down and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not watch.is_down
    watch.stop()


@pytest.mark.django_db
def test_head_says_what_get_says_also_of_what_was_not_kept_yet(content, site):
    """RFC 9110, 9.3.2: the same header fields, as far as they are known without the content."""
    head = site.get("/contact/hulp", REQUEST_METHOD="HEAD")
    whole = site.get("/contact/hulp")
    assert (head.status, head.text) == (200, "")
    assert head.headers["ETag"] == whole.headers["ETag"]
    assert site.asked == 1
    assert site.get("/bestaat-niet", REQUEST_METHOD="HEAD").status == 404


def test_a_preview_is_neither_cached_nor_counted(site, content):
    make_notice(title="Nu overal")
    site.state()
    assert site.notices.shown.mark
    topic = make_topic(slug="plan", title="Plan", status="draft")
    address = f"{make_preview_link(topic).get_address()}contact/plan"
    asked = site.asked
    for _number in range(2):
        answer = site.get(address)
        assert (answer.status, answer.headers["Cache-Control"]) == (200, "private, no-store")
    assert site.asked == asked + 2
    assert (len(site.cache.own), len(site.cache.asked), site.cache.totals._pages) == (0, 0, {})
    assert answer.text.count('<section class="crisis') == 1, "by the preview itself, and not once more"
    assert site.get("/contact/plan").status == 404
