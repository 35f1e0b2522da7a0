"""The revision of the data: differs after every change that the public may see, whatever way it came in."""

import datetime
from uuid import UUID

import pytest
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from organisation.models import Grade, Placement, Responsibility, StructureStep, Term, Unit
from projects.models import Project
from pzgent.change_feed.affected import changed_rows
from pzgent.change_feed.revision import MOST_MARKS, revision, with_few_marks
from pzgent.change_feed.triggers import (
    MOST_ROWS,
    _installed,
    install_triggers,
    remove_triggers,
    watched,
    watched_models,
)
from pzgent.kernel.rest.answering import ApiQuery
from pzgent.kernel.rest.fields import UrlBuilder
from pzgent.models import DataChange, SynonymRing
from pzgent.registry.collections import EXPORTED
from tests.make import (
    make_document,
    make_grade,
    make_objective,
    make_organogram,
    make_placement,
    make_project,
    make_term,
)

pytestmark = pytest.mark.django_db
HOUR = datetime.timedelta(hours=1)
# What no public answer shows: accounts, and what editors keep beside the content.
SHOWN_APPS = ("organisation", "projects", "contact")
KEPT_ASIDE = (Responsibility, StructureStep)


def tables_behind(collection):
    """The tables that the rows of a collection, and everything they refer to, stand in."""
    rows = collection().rows(ApiQuery({}, UrlBuilder("", ""), {}, ""))
    found, waiting = set(), [rows.model]
    while waiting:
        model = waiting.pop()
        if model in found:
            continue
        if model._meta.app_label not in SHOWN_APPS or model in KEPT_ASIDE:
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
    name = next(name for name in triggers_of("organisation_unit") if "update" in name)
    with connection.cursor() as cursor:
        cursor.execute(
            f"DROP TRIGGER {name}" + (" ON organisation_unit" if connection.vendor == "postgresql" else "")
        )
    assert "organisation_unit" not in watched("default")
    install_triggers("default")
    assert "organisation_unit" in watched("default")


def test_the_triggers_of_an_older_release_give_way():
    old = "pzgent_note_change" + ("" if connection.vendor == "postgresql" else "_INSERT_organisation_unit")
    body = {
        "postgresql": "FOR EACH STATEMENT EXECUTE FUNCTION pzgent_note_rows('id', 'id')",
        "sqlite": "BEGIN DELETE FROM pzgent_datachange; END",
    }
    referring = "REFERENCING NEW TABLE AS after" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TRIGGER {old} AFTER INSERT ON organisation_unit {referring} {body[connection.vendor]}"
        )
    install_triggers("default")
    assert len(triggers_of("organisation_unit")) == 3
    assert old not in triggers_of("organisation_unit")


def triggers_of(table):
    return _installed("default")[table]


def told_of_rows():
    """What was noted last: the table, and the keys of its rows."""
    marks = list(DataChange.objects.exclude(table_name=None).values_list("table_name", "row_keys"))
    DataChange.objects.all().delete()
    return marks


def test_it_is_noted_which_rows_changed_to_what_they_referred_and_whether_they_were_public():
    document, other, term = make_document(), make_document(), make_term()
    edits = [
        lambda: Term.objects.update(source=document),
        lambda: Term.objects.update(source=other),
        lambda: Term.objects.update(status="draft"),
        lambda: Term.objects.all().delete(),
    ]
    told_of_rows()
    seen = []
    for edit in edits:
        edit()
        ((table, rows),) = told_of_rows()
        assert {UUID(row["id"]) for row in rows} == {term.pk}
        seen.append({(row["source_id"] and UUID(row["source_id"]), row["status"]) for row in rows})
    assert table == "organisation_term"
    one, two = document.pk, other.pk
    assert seen == [
        {(None, "published"), (one, "published")},
        {(one, "published"), (two, "published")},
        {(two, "published"), (two, "draft")},
        {(two, "draft")},
    ]


def test_an_update_that_changes_nothing_shown_is_noted_without_rows():
    """One move changes of half a tree where its nodes stand in the table."""
    top = make_placement(make_organogram())
    told_of_rows()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE organisation_placement SET lft = lft + 100, rght = rght + 100")
    assert told_of_rows() == [("organisation_placement", [])]
    Placement.objects.filter(pk=top.pk).update(name="Anders")
    assert [len(rows) > 0 for _table, rows in told_of_rows()] == [True]


def test_an_upgrade_may_drop_or_rename_a_column_that_a_trigger_names():
    make_term()
    connection.check_constraints()
    if connection.vendor == "sqlite":
        remove_triggers("default")  # as `migrate` does
    told_of_rows()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE organisation_term RENAME COLUMN expansion TO meaning")
        cursor.execute("UPDATE organisation_term SET meaning = 'Iets'")
        if connection.vendor == "postgresql":
            assert told_of_rows() == [("organisation_term", None)]
        cursor.execute("ALTER TABLE organisation_term RENAME COLUMN meaning TO expansion")
    install_triggers("default")
    assert watched("default") == {model._meta.db_table for model in watched_models()}


def test_what_changed_while_a_trigger_was_missing_is_not_known():
    remove_triggers("default")
    make_term()
    before = revision()
    install_triggers("default")
    assert revision() != before
    assert changed_rows(DataChange.objects.values_list("mark", flat=True)) is None


def test_of_many_rows_only_the_table_is_told():
    Term.objects.bulk_create(
        Term(slug=f"t{number}", abbreviation=f"T{number}", status="published")
        for number in range(MOST_ROWS + 5)
    )
    count = DataChange.objects.count()
    told = changed_rows(DataChange.objects.values_list("mark", flat=True))
    assert count <= MOST_ROWS
    assert told is None or told[Term] is None or connection.vendor == "sqlite"
    assert len(revision()) > 0  # the marks of SQLite can be summed up


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
    before, marks = revision(), set(DataChange.objects.values_list("mark", flat=True))
    DataChange.objects.create(mark=-MOST_MARKS * 2)  # committed meanwhile
    left = with_few_marks(marks)
    assert revision() != before
    assert set(DataChange.objects.values_list("mark", flat=True)) == {*left, -MOST_MARKS * 2}
    assert len(left) == 1
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
    def fail(_rows):
        raise OperationalError("server at 10.0.0.7 closed the connection")

    monkeypatch.setattr("django.db.models.query.QuerySet._fetch_all", fail)
    answer = client.get("/api/v1/terms")
    assert (answer.status_code, answer.headers["Content-Type"]) == (503, "application/problem+json")
    assert int(answer.headers["Retry-After"]) > 0
    assert b"10.0.0.7" not in answer.content
