"""The revision of the data: differs after every change that the public may see, whatever way it came in."""

import datetime

import pytest
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from organisation.models import Grade, Placement, Unit
from projects.models import Project
from pzgent.api import EXPORTED
from pzgent.models import DataChange, SynonymRing
from pzgent.rest.answering import Asked
from pzgent.rest.fields import Links
from pzgent.revision import MOST_MARKS, forget_old_marks, revision
from pzgent.triggers import install_triggers, watched, watched_models
from tests.make import make_grade, make_objective, make_organogram, make_placement, make_project, make_term

pytestmark = pytest.mark.django_db
HOUR = datetime.timedelta(hours=1)


def tables_behind(collection):
    """The tables that the rows of a collection, and everything they refer to, stand in."""
    rows = collection().rows(Asked({}, Links("", ""), {}, ""))
    found, waiting = set(), [rows.model]
    while waiting:
        model = waiting.pop()
        if model in found:
            continue
        found.add(model)
        for field in model._meta.get_fields():
            waiting += [field.related_model] if field.related_model else []
            through = getattr(field, "through", None) or getattr(
                getattr(field, "remote_field", None), "through", None
            )
            waiting += [through] if through else []
    return {model._meta.db_table for model in found}


@pytest.mark.parametrize("name", EXPORTED)
def test_every_table_behind_a_collection_tells_of_its_changes(name):
    assert tables_behind(EXPORTED[name]) - watched("default") == set()


def test_every_table_of_the_apps_tells_of_its_changes():
    assert {model._meta.db_table for model in watched_models()} <= watched("default")


def test_a_table_made_anew_gets_its_triggers_back():
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("DROP TRIGGER pzgent_note_change ON organisation_unit")
        else:
            cursor.execute("DROP TRIGGER pzgent_note_change_UPDATE_organisation_unit")
    assert "organisation_unit" not in watched("default")
    install_triggers("default")
    assert "organisation_unit" in watched("default")


def insert():
    make_term()


def save():
    Unit.objects.first().save()


def update_past_the_model():
    Placement.objects.update(abbreviation="NIEUW")


def delete():
    Grade.objects.all().delete()


def link():
    Project.objects.first().objectives.set([make_objective()])


def synonyms():
    SynonymRing.objects.create(slug="een", words="een\ntwee")


@pytest.mark.parametrize("change", [insert, save, update_past_the_model, delete, link, synonyms])
def test_every_way_of_changing_something_changes_it(change):
    make_placement(make_organogram())
    make_grade(), make_project()
    before = revision()
    change()
    assert revision() != before


def test_nothing_changed_is_nothing_new(django_assert_num_queries):
    make_term()
    before = revision()
    with django_assert_num_queries(1):
        assert revision() == before


def test_what_is_undone_never_had_the_revision_of_what_comes_after():
    seen = {revision()}
    for _ in range(3):
        with transaction.atomic():
            make_term()
            inside = revision()
            transaction.set_rollback(True)
        assert inside not in seen
        seen.add(inside)
    make_term()
    assert revision() not in seen


@pytest.mark.parametrize("field", ["publish_from", "publish_until"])
def test_a_date_that_passes_changes_it(monkeypatch, field):
    moment = datetime.datetime(2026, 6, 10, 12, tzinfo=datetime.UTC)
    monkeypatch.setattr(timezone, "now", lambda: moment - HOUR)
    make_term(**{field: moment})
    before = revision()
    monkeypatch.setattr(timezone, "now", lambda: moment - datetime.timedelta(seconds=1))
    assert revision() == before
    monkeypatch.setattr(timezone, "now", lambda: moment)
    assert revision() != before


def test_midnight_in_ghent_changes_it(monkeypatch):
    evening = datetime.datetime(2026, 6, 1, 21, 59, tzinfo=datetime.UTC)
    monkeypatch.setattr(timezone, "now", lambda: evening)
    before = revision()
    monkeypatch.setattr(timezone, "now", lambda: evening + datetime.timedelta(minutes=1))
    assert revision() != before


def test_many_marks_become_one_and_the_revision_is_a_new_one():
    make_term()
    DataChange.objects.bulk_create(DataChange(mark=-number) for number in range(1, MOST_MARKS + 5))
    before = revision()
    forget_old_marks()
    if connection.vendor == "postgresql":
        assert revision() != before
        assert DataChange.objects.count() == 1
    make_term()
    assert revision() != before


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_was_lost_is_made_anew(client):
    make_term()
    before = revision()
    if connection.vendor == "postgresql":
        connection.connection.close()  # as when the database was started again
    assert revision() == before
    assert client.get("/api/v1/terms").json()["total"] == 1


def test_a_database_that_does_not_answer_is_said_to_be_away(client, monkeypatch):
    def fail():
        raise OperationalError("server at 10.0.0.7 closed the connection")

    monkeypatch.setattr("pzgent.marks._read", fail)
    answer = client.get("/api/v1/terms")
    assert (answer.status_code, answer.headers["Content-Type"]) == (503, "application/problem+json")
    assert int(answer.headers["Retry-After"]) > 0
    assert b"10.0.0.7" not in answer.content
