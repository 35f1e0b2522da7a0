"""Totals by day of the pages that were given, and of what was searched for in vain, without anything of a visitor."""

import datetime

import pytest
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from pzgent.kernel import totals as module
from pzgent.kernel.totals import HOURS, Totals
from pzgent.models import PageTotal, SearchTotal
from tests.make import make_topic
from tests.pages import faults_of
from tests.pzgent.test_page_cache import Site

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("one_connection")]
TODAY = timezone.localdate()


@pytest.fixture
def site(tmp_path, settings):
    settings.API_REQUESTS_PER_MINUTE = 0
    make_topic(slug="hulp", title="Fietsen")
    return Site(tmp_path / "pages")


def counted():
    return {(row.page, row.language): row.count for row in PageTotal.objects.filter(day=timezone.localdate())}


def words():
    return dict(SearchTotal.objects.values_list("words", "count"))


def ask_in_hours(totals, monkeypatch, question, hours):
    for hour in range(hours):
        monkeypatch.setattr(module.time, "time", lambda hour=hour: 1_800_000_000 + 3600 * hour)
        totals.count_unanswered(question)
    totals.write()


def test_pages_are_counted_however_they_are_given_and_nothing_else(site):
    tag = site.get("/contact/hulp").headers["ETag"]
    site.get("/contact/hulp", HTTP_IF_NONE_MATCH=tag)
    site.get("/contact/hulp", HTTP_ACCEPT_ENCODING="gzip")
    site.get("/contact/hulp", REQUEST_METHOD="HEAD")
    site.get("/fr/contact/hulp")
    site.get("/fr/")
    for path in ("/nope", "/robots.txt", "/api/v1/terms", "/admin/login/"):
        site.get(path)
    site.cache.totals.write()
    assert counted() == {("/contact/hulp", "nl"): 3, ("/contact/hulp", "fr"): 1, ("/", "fr"): 1}


def test_a_stale_copy_counts(site, monkeypatch):
    site.get("/contact/hulp")
    site.cache.own.clear()
    site.watch.is_down = True
    site.get("/contact/hulp")
    site.cache.totals.write()
    assert counted() == {("/contact/hulp", "nl"): 2}


def test_giving_a_page_asks_the_database_nothing(site):
    site.get("/contact/hulp")
    with CaptureQueriesContext(connection) as queries:
        site.get("/contact/hulp")
    assert len(queries) == 0


def test_processes_add_to_one_total_and_write_each_count_once():
    for process in (Totals(), Totals()):
        for path in ("/a", "/fr/a", "/fr/a"):
            process.count_page(path)
        process.write()
        process.write()
    assert counted() == {("/a", "nl"): 2, ("/a", "fr"): 4}


def test_what_cannot_be_written_is_kept_for_later(monkeypatch):
    totals = Totals()
    totals.count_page("/a")
    with monkeypatch.context() as context:

        def away(*_args):
            raise DatabaseError

        context.setattr(module, "_add", away)
        with pytest.raises(DatabaseError):
            totals.write()
    totals.count_page("/a")
    totals.write()
    assert counted() == {("/a", "nl"): 2}


def test_made_up_addresses_and_questions_take_bounded_memory(monkeypatch):
    monkeypatch.setattr(module, "MOST_PAGES", 3)
    monkeypatch.setattr(module, "MOST_QUESTIONS", 3)
    totals = Totals()
    for number in range(9):
        totals.count_page(f"/{number}")
        totals.count_unanswered("x" * (number + 1))
    assert (len(totals._pages), len(totals._questions)) == (3, 3)


def test_a_search_without_an_answer_is_told_to_the_totals_also_when_it_is_kept(site, monkeypatch):
    heard = []
    monkeypatch.setattr(site.cache.totals, "count_unanswered", heard.append)
    for question in ("q=qqqqq", "q=qqqqq", "q=fietsen"):
        site.get("/zoeken", question)
    assert heard == ["qqqqq", "qqqqq"]


def test_words_are_written_once_they_were_asked_in_several_hours(monkeypatch):
    totals = Totals()
    ask_in_hours(totals, monkeypatch, "Hondenpoep", HOURS - 1)
    assert words() == {}
    for _time in range(50):  # one person who tries again and again
        totals.count_unanswered("hondenpoep")
    totals.write()
    assert words() == {}
    ask_in_hours(totals, monkeypatch, "hondenpoep", HOURS)
    assert words() == {"hondenpoep": 50 + 2 * HOURS - 1}


@pytest.mark.parametrize("question", ["0475 12 34 56", "jan@example.org", "a b c d e", "x" * 41, " "])
def test_what_may_be_about_a_person_is_never_written(monkeypatch, question):
    ask_in_hours(Totals(), monkeypatch, question, HOURS)
    assert words() == {}


def test_questions_are_forgotten_after_a_day(monkeypatch):
    totals = Totals()
    ask_in_hours(totals, monkeypatch, "hondenpoep", HOURS - 1)
    monkeypatch.setattr(module.time, "time", lambda: 1_800_000_000 + 3600 * 30)
    totals.count_unanswered("hondenpoep")
    totals.write()
    assert words() == {}
    assert len(totals._questions["hondenpoep"].hours) == 1


def test_editors_see_the_totals_of_a_period(admin_client):
    for days, page in ((0, "/contact"), (8, "/oud")):
        PageTotal.objects.create(
            day=TODAY - datetime.timedelta(days=days), page=page, language="fr", count=1234
        )
    SearchTotal.objects.create(day=TODAY, words="<b>hond", count=7)
    page = admin_client.get(reverse("admin:totals_7")).text
    assert "/contact" in page
    assert "&lt;b&gt;hond" in page
    assert "/oud" not in page
    assert faults_of(page) == []
    assert "/oud" in admin_client.get(reverse("admin:totals_30")).text
    assert reverse("admin:totals_7") in admin_client.get(reverse("admin:index")).text


def test_only_editors_see_them(client):
    assert client.get(reverse("admin:totals_7")).status_code == 302
