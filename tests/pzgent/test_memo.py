"""Unchanged answers are made once, and never told when anything behind them changed."""

import datetime
import threading

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from organisation.models import Placement, Term
from pzgent.rest.memo import Kept, Memo, memo
from tests.make import (
    make_channel,
    make_organogram,
    make_placement,
    make_schedule,
    make_term,
    make_topic,
    make_unit,
)

pytestmark = pytest.mark.django_db
TERMS, HOUR = "/api/v1/terms", datetime.timedelta(hours=1)


def queries_of(client, address, **headers):
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(address, headers=headers)
    return answer, [query["sql"] for query in queries]


def kept_headers(answer):
    """The headers without the name that each answer has of its own."""
    return {name: value for name, value in answer.headers.items() if name != "BelGov-Trace-Id"}


def test_the_second_time_the_same_bytes_come_without_touching_the_tables(client):
    make_term()
    first = client.get(TERMS)
    second, queries = queries_of(client, TERMS)
    assert (second.content, kept_headers(second)) == (first.content, kept_headers(first))
    assert len(queries) == 1
    assert "pzgent_datachange" in queries[0]


def test_an_unchanged_answer_is_304_without_touching_the_tables(client):
    make_term()
    tag = client.get(TERMS).headers["ETag"]
    answer, queries = queries_of(client, TERMS, if_none_match=tag)
    assert (answer.status_code, answer.content, len(queries)) == (304, b"", 1)
    assert answer.headers["ETag"] == tag
    assert answer.headers["Cache-Control"] == "public, max-age=60"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Accept" in answer.headers["Vary"]


def test_an_edit_is_seen_at_once_and_the_tag_follows_the_content(client):
    term = make_term(explanation="Een")
    before = client.get(TERMS)
    make_topic()
    unchanged = client.get(TERMS, headers={"If-None-Match": before.headers["ETag"]})
    assert unchanged.status_code == 304
    Term.objects.filter(pk=term.pk).update(explanation="Twee")
    after = client.get(TERMS, headers={"If-None-Match": before.headers["ETag"]})
    assert after.json()["items"][0]["explanation"] == "Twee"
    assert after.headers["ETag"] != before.headers["ETag"]


@pytest.mark.parametrize("field", ["publish_from", "publish_until"])
def test_a_date_of_publication_that_passes_changes_the_tag(client, monkeypatch, field):
    moment = timezone.now() + HOUR
    term = make_term(**{field: moment})
    before = client.get(TERMS)
    monkeypatch.setattr(timezone, "now", lambda: moment)
    after = client.get(TERMS, headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200
    assert after.headers["ETag"] != before.headers["ETag"]
    shown = {answer.json()["total"]: answer for answer in (before, after)}
    assert shown[1].json()["items"][0]["id"] == str(term.pk)


def test_an_organogram_that_comes_into_force_at_midnight_changes_the_tag(client, monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: datetime.datetime(2026, 5, 31, 21, 59, tzinfo=datetime.UTC))
    old, new = (make_organogram(valid_from=datetime.date(2026, month, 1)) for month in (1, 6))
    make_placement(old, name="Oud"), make_placement(new, name="Nieuw")
    before = client.get("/api/v1/organogram")
    monkeypatch.setattr(timezone, "now", lambda: datetime.datetime(2026, 5, 31, 22, 0, tzinfo=datetime.UTC))
    after = client.get("/api/v1/organogram", headers={"If-None-Match": before.headers["ETag"]})
    assert [answer.json()["root"]["name"] for answer in (before, after)] == ["Oud", "Nieuw"]


def test_what_is_open_is_told_by_the_minute(client, monkeypatch):
    make_channel(schedule=make_schedule((0, "08:00", "12:00")))
    states = []
    for minute in (9 * 60 + 59, 10 * 60):  # a Monday, 11:59 and 12:00 in Ghent
        moment = datetime.datetime(2026, 6, 1, minute // 60, minute % 60, 30, tzinfo=datetime.UTC)
        monkeypatch.setattr(timezone, "now", lambda moment=moment: moment)
        states.append(client.get("/api/v1/channels").json()["items"][0]["status"]["state"])
    assert states == ["open", "closed"]


def test_language_type_and_query_each_have_their_own_answer(client):
    make_placement(make_organogram(), unit=make_unit(slug="korps", name="Korps"), name="Korps")
    address = "/api/v1/units/korps"
    first = client.get(address)
    others = [
        client.get(f"{address}?lang=fr"),
        client.get(f"{address}?select=slug"),
        client.get(address, headers={"Accept": "application/ld+json"}),
        client.get(address, headers={"Host": "localhost"}),
    ]
    assert client.get(address).content == first.content
    assert len({answer.content for answer in (first, *others)}) == 5


def test_a_question_about_the_head_alone_has_the_same_headers(client):
    make_term()
    head = client.head(TERMS)
    answer, queries = queries_of(client, TERMS)
    assert len(queries) == 1
    assert kept_headers(head) == kept_headers(answer)
    assert head.content == b""


@pytest.mark.parametrize("address", ["/api/v1/terms?page=9", "/api/v1/terms/niets", "/api/v1/terms?x=1"])
def test_errors_are_never_kept(client, address):
    assert client.get(address).status_code in (400, 404)
    assert len(memo) == 0


@pytest.mark.parametrize("address", ["/api/v1/health", "/api/v1/changes", "/api/v1/exports/terms.csv"])
def test_what_must_be_fresh_is_never_kept(client, address):
    answer = client.get(address)
    assert answer.status_code == 200
    assert b"".join(answer) is not None
    assert len(memo) == 0


def test_a_change_past_all_models_is_seen_too(client):
    place = make_placement(make_organogram(), name="Oud")
    client.get("/api/v1/organogram")
    Placement.objects.filter(pk=place.pk).update(name="Nieuw")
    assert client.get("/api/v1/organogram").json()["root"]["name"] == "Nieuw"


def test_the_memo_stays_within_its_bounds_and_keeps_what_was_used_last():
    kept = Memo(most_bytes=50_000)
    for number in range(500):
        kept.put(("first",) if number == 0 else (str(number), "?" * 3000), Kept(b"x" * 100, {}))
        assert kept.get(("first",)) is not None
        assert kept.size <= 50_000
    kept.put(("big",), Kept(b"x" * 30_000, {}))
    assert kept.get(("big",)) is None
    kept.clear()
    assert (len(kept), kept.size) == (0, 0)


def test_many_threads_may_use_it_at_once():
    kept, wrong = Memo(most_bytes=60_000), []

    def use(start):
        for number in range(2000):
            key = (str((start + number) % 40),)
            kept.put(key, Kept(key[0].encode(), {}))
            found = kept.get(key)
            if found is not None and found.body != key[0].encode():
                wrong.append(key)

    threads = [threading.Thread(target=use, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert kept.size <= 60_000
