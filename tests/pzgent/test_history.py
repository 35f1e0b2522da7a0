"""The history of one object for the public: every change with its number and moment, without values or names."""

import datetime
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from organisation.models import Placement
from pzgent.models import PublishedChange, PublishedItem
from pzgent.worker import bring_up_to_date
from tests.make import make_organogram, make_placement, make_term

pytestmark = pytest.mark.django_db


def feed(client):
    bring_up_to_date()
    return client.get("/api/v1/changes?pageSize=100").json()["items"]


def history(client, collection, key):
    bring_up_to_date()
    answer = client.get(f"/api/v1/changes/{collection}/{key}")
    assert answer.status_code == 200
    return answer.json()["items"]


def test_an_object_appears_changes_and_disappears(client):
    term = make_term(abbreviation="HCP")
    feed(client)
    term.abbreviation, term.explanation = "CP", "Uitleg"
    term.save()
    feed(client)
    term.status = "withdrawn"
    term.save()
    entries = history(client, "terms", term.pk)
    assert [entry["kind"] for entry in entries] == ["appeared", "changed", "disappeared"]
    assert [entry["kindLabel"] for entry in entries] == ["verschenen", "gewijzigd", "verdwenen"]
    assert entries[1]["changedFields"] == ["abbreviation", "explanation", "modified"]
    assert ["changedFields" in entry for entry in entries] == [False, True, False]
    numbers = [entry["number"] for entry in entries]
    assert numbers == sorted(set(numbers))
    assert feed(client)[-1]["number"] == numbers[-1]


def test_what_comes_back_appears_again(client):
    term = make_term()
    for status in ("withdrawn", "published"):
        feed(client)
        term.status = status
        term.save()
    kinds = [entry["kind"] for entry in history(client, "terms", term.pk)]
    assert kinds == ["appeared", "disappeared", "appeared"]


def test_a_deleted_object_keeps_its_history(client):
    term = make_term()
    feed(client)
    key = term.pk
    term.delete()
    assert [entry["kind"] for entry in history(client, "terms", key)] == ["appeared", "disappeared"]


def test_a_move_is_in_the_history_of_all_whose_path_changed(client):
    root = make_placement(make_organogram(), name="Korps")
    one, two = (make_placement(root.organogram, root, name=name) for name in ("Een", "Twee"))
    child = make_placement(root.organogram, one, name="Kind")
    feed(client)
    one.refresh_from_db()
    one.parent = Placement.objects.get(pk=two.pk)
    one.save()
    assert history(client, "units", child.unit_id)[-1]["changedFields"] == ["level", "path"]
    assert history(client, "units", one.unit_id)[-1]["changedFields"] == ["level", "parent", "path"]
    assert [entry["kind"] for entry in history(client, "units", two.unit_id)] == ["appeared"]


def test_no_value_is_kept(client):
    make_term(abbreviation="GEHEIM")
    feed(client)
    assert PublishedChange.objects.count() == 1
    assert "GEHEIM" not in str(list(PublishedChange.objects.values()))


def test_every_number_of_the_feed_is_in_a_history(client):
    terms = [make_term() for _ in range(3)]
    feed(client)
    terms[1].explanation = "Nieuw"
    terms[1].save()
    feed(client)
    numbers = list(PublishedChange.objects.values_list("number", flat=True))
    assert numbers == [1, 2, 3, 4]
    newest = {change.key: change.number for change in PublishedChange.objects.all()}
    assert newest == dict(PublishedItem.objects.values_list("key", "number"))


def test_a_date_that_passes_is_in_it_too(client, monkeypatch):
    term = make_term(publish_until=timezone.now() + datetime.timedelta(days=1))
    feed(client)
    later = timezone.now() + datetime.timedelta(days=2)
    monkeypatch.setattr(timezone, "now", lambda: later)
    last = history(client, "terms", term.pk)[-1]
    assert (last["kind"], datetime.datetime.fromisoformat(last["at"])) == ("disappeared", later)


def test_what_was_never_public_has_no_history(client):
    term = make_term(status="draft")
    for key in (term.pk, uuid.uuid4()):
        assert client.get(f"/api/v1/changes/terms/{key}").status_code == 404
    assert client.get(f"/api/v1/changes/niets/{term.pk}").status_code == 404


def test_asking_takes_few_queries_and_writes_nothing_when_nothing_changed(client):
    term = make_term()
    history(client, "terms", term.pk)
    with CaptureQueriesContext(connection) as queries:
        client.get(f"/api/v1/changes/terms/{term.pk}")
    assert len(queries) <= 3
    assert all(query["sql"].lstrip("(").startswith("SELECT") for query in queries)


def test_what_the_feed_told_before_histories_were_kept_has_an_empty_one(client):
    term = make_term()
    history(client, "terms", term.pk)
    PublishedChange.objects.all().delete()
    assert history(client, "terms", term.pk) == []
