"""The background worker: it alone writes what follows from the data, misses nothing, and does no more than it must."""

import datetime
import itertools
import random
import re
import time
import urllib.request
from contextlib import contextmanager

import pytest
from django.core.exceptions import FieldDoesNotExist
from django.db import DatabaseError, OperationalError, connection, models, transaction
from django.db.models import ProtectedError
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from mptt.exceptions import InvalidMove
from psycopg.errors import SerializationFailure

from organisation.models import Placement, Term, Unit
from pzgent.change_feed.changes import number_differences
from pzgent.change_feed.state import SettledState, public_state
from pzgent.change_feed.triggers import watched_models
from pzgent.exports.export import Export
from pzgent.kernel.rest.fields import UrlBuilder
from pzgent.models import DataChange
from pzgent.registry.collections import EXPORTED
from pzgent.worker import EVERY, Numbering, Worker, bring_up_to_date
from tests import registry
from tests.make import make_consumer, make_notice, make_term, make_wide_organogram
from tests.pages import body_of
from tests.processes import finish, migrated_database, run
from tests.pzgent.test_api_changes import server, settled
from tests.thinning import THOROUGH

pytestmark = pytest.mark.django_db
EDITS = 1_000 if THOROUGH else 40
# Rows of what a tree itself keeps are changed by moving a node.
STRUCTURE = {"lft", "rght", "tree_id", "level", "parent"}


def change_something(chance):
    """One edit of any row that the public may see, past all forms; an edit that the database refuses is none."""
    model = chance.choice([model for model in watched_models() if model.objects.exists()])
    row = chance.choice(list(model.objects.order_by("pk")))
    try:
        with transaction.atomic():
            EDIT[chance.choice(sorted(EDIT))](chance, model, row)
    except (
        FieldDoesNotExist, DatabaseError, InvalidMove, ProtectedError, IndexError, TypeError, ValueError,
    ):  # fmt: skip
        return


def delete(chance, model, row):
    row.delete()


def publish(chance, model, row):
    status = chance.choice(["published", "draft", "withdrawn"])
    model.objects.filter(pk=row.pk).update(status=status)


def word(chance, model, row):
    texts = [
        field
        for field in model._meta.concrete_fields
        if isinstance(field, models.CharField | models.TextField) and not field.choices and field.editable
    ]
    field = chance.choice(texts)
    model.objects.filter(pk=row.pk).update(
        **{field.name: f"{getattr(row, field.name)}{chance.randrange(1000)}"[-30:]}
    )


def refer(chance, model, row):
    relations = [
        field for field in model._meta.concrete_fields if field.is_relation and field.name not in STRUCTURE
    ]
    field = chance.choice(relations)
    others = list(field.related_model.objects.order_by("pk"))
    model.objects.filter(pk=row.pk).update(**{field.name: chance.choice([None, *others])})


def move(chance, model, row):
    place = chance.choice(list(Placement.objects.exclude(parent=None).order_by("pk")))
    place.parent = chance.choice(list(Placement.objects.filter(organogram=place.organogram).order_by("pk")))
    place.save()


EDIT = {function.__name__: function for function in (delete, publish, word, word, refer, refer, move)}


def test_what_is_compared_after_an_edit_is_all_that_it_changed(plan):
    chance, numbering = random.Random(1), Numbering()
    first = numbering.bring_up_to_date().number
    for number in range(EDITS):
        change_something(chance)
        newest = numbering.bring_up_to_date().number
        if number % 5 == 4:  # now compare everything
            assert number_differences(EXPORTED, dict.fromkeys(EXPORTED)) == newest
    assert newest > first


@pytest.mark.parametrize("name", EXPORTED)
def test_each_collection_names_every_table_that_its_objects_are_made_from(plan, name):
    read = set()

    def note(execute, sql, *others):
        read.update(re.findall(r'(?:FROM|JOIN) "?(\w+)"?', sql))
        return execute(sql, *others)

    with connection.execute_wrapper(note):
        list(Export(EXPORTED, UrlBuilder("", ""), {}, {}, timezone.localtime()).items(name))
    named = {model._meta.db_table for model in EXPORTED[name].affected_by}
    # Who depends on units depends on where these stand: see `pzgent.change_feed.affected`.
    named |= {"organisation_placement"} if "organisation_unit" in named else set()
    missing = read & {model._meta.db_table for model in watched_models()} - named
    assert missing == set(), f"add to affected_by of {EXPORTED[name].__name__}: {missing}"


def cost_of_an_edit(organogram):
    """How many queries it takes to number an edit of a unit and of a term, and how long they are together."""
    numbering = Numbering()
    numbering.bring_up_to_date()
    unit = Placement.objects.filter(organogram=organogram, level=2).first().unit
    Unit.objects.filter(pk=unit.pk).update(summary="Anders")
    Term.objects.update(explanation=organogram.slug)
    with CaptureQueriesContext(connection) as queries:
        numbering.bring_up_to_date()
    return len(queries), sum(len(query["sql"]) for query in queries)


def test_an_edit_costs_the_same_among_few_and_among_many():
    make_term()
    few = cost_of_an_edit(make_wide_organogram(60, valid_from="2001-01-01"))
    many = cost_of_an_edit(make_wide_organogram(600, valid_from="2002-01-01"))
    assert abs(few[0] - many[0]) <= 2
    assert many[1] < few[1] * 1.2


def test_a_moment_that_passes_is_told(monkeypatch):
    later = timezone.now() + datetime.timedelta(hours=1)
    make_term(publish_from=later)
    numbering = Numbering()
    assert numbering.bring_up_to_date().number == 0
    monkeypatch.setattr(timezone, "now", lambda: later)
    assert numbering.bring_up_to_date().number == 1


def test_where_one_process_left_off_another_goes_on_without_comparing_all():
    make_term(), bring_up_to_date()
    other = Numbering()
    other.bring_up_to_date()
    term = make_term()
    Term.objects.filter(pk=term.pk).update(expansion="Later")
    compared = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pzgent.worker.number_differences", lambda *given: compared.append(given[1]) or 2)
        other.bring_up_to_date()
    assert [{name for name, keys in objects.items() if keys != set()} for objects in compared] == [{"terms"}]
    assert [objects["terms"] for objects in compared] == [{term.pk}]


def test_a_mark_that_says_nothing_has_everything_compared():
    numbering = Numbering()
    numbering.bring_up_to_date()
    DataChange.objects.create(mark=7)
    compared = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pzgent.worker.number_differences", lambda *given: compared.append(given[1]) or 0)
        numbering.bring_up_to_date()
    assert compared == [dict.fromkeys(EXPORTED)]


def test_one_edit_changes_the_state_of_the_public_once(monkeypatch):
    now = [100.0]
    monkeypatch.setattr("pzgent.change_feed.state.time.monotonic", lambda: now[0])
    make_term(), bring_up_to_date()
    settled = SettledState()
    before = settled.read().state
    make_term()
    now[0] += 0.1
    assert settled.read().state == before
    bring_up_to_date()
    assert settled.read().state == public_state() != before


def test_answers_do_not_wait_for_a_worker_that_is_not_there(monkeypatch):
    now = [100.0]
    monkeypatch.setattr("pzgent.change_feed.state.time.monotonic", lambda: now[0])
    make_term(), bring_up_to_date()
    settled = SettledState()
    before = settled.read().state
    for _time in range(2):
        make_term()
        now[0] += 0.1
        settled.read()
        now[0] += 1
        assert settled.read().state == public_state() != before
    make_term()
    assert settled.read().state == public_state()  # it is known to be away


@contextmanager
def read_only():
    """Nothing can be written any more, as on a database that is being copied or repaired."""
    begin, end = {
        "postgresql": ("SET TRANSACTION READ ONLY", ""),
        "sqlite": ("PRAGMA query_only = 1", "PRAGMA query_only = 0"),
    }[connection.vendor]
    connection.check_constraints()  # what waits for that takes locks
    with connection.cursor() as cursor:
        cursor.execute(begin)
        yield
        if end:
            cursor.execute(end)


def test_no_public_address_writes_anything(client, plan):
    make_notice(), make_consumer()  # of which the feed has not told
    asked = 0
    with read_only():
        for route in registry.public_routes():
            for address in itertools.islice(registry.addresses_of(route, "nl"), 2):
                answer = client.get(registry.with_query(route, address))
                if answer.streaming:
                    body_of(answer)
                assert answer.status_code < 500, address
                asked += 1
        with pytest.raises(DatabaseError), transaction.atomic():
            make_term()
    assert asked > 100


EDIT_ONE = """
import time
from tests.make import make_term
print(make_term(abbreviation="{}").slug, time.time())
"""
COUNT_LOCKS = """
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute(
        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted"
        " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    print(cursor.fetchone()[0])
"""
READ_NUMBER = """
from pzgent.models import FeedState
print(FeedState.objects.get().number)
"""


def shell(url, code):
    return finish(run(url, "manage.py", "shell", "-v0", "-c", code))


def lag_of(url, site, name):
    """Seconds from the commit of a new term to when the feed and the list have it."""
    editor = run(url, "manage.py", "shell", "-v0", "-c", EDIT_ONE.format(name))
    seen, last = {}, time.monotonic() + 120
    while len(seen) < 2:
        assert time.monotonic() < last
        for address in ("changes", "terms"):
            with urllib.request.urlopen(f"{site}/api/v1/{address}", timeout=10) as answer:
                if f'"abbreviation":"{name}"' in answer.read().decode():
                    seen.setdefault(address, time.time())
        time.sleep(0.02)
    return max(seen.values()) - float(finish(editor).split()[1])


def test_one_process_does_the_work_and_another_takes_over_within_a_second(tmp_path):
    with migrated_database(tmp_path) as url:
        first = run(url, "manage.py", "work")
        try:
            shell(url, EDIT_ONE.format("A"))
            settled(url)
            with server(url) as site:
                if connection.vendor == "postgresql":
                    assert shell(url, COUNT_LOCKS).strip() == "1"
                first.kill()
                first.communicate()
                assert min(lag_of(url, site, name) for name in "BCD") < 1
                second = run(url, "manage.py", "work")
            shell(url, EDIT_ONE.format("E"))
            settled(url)
            second.terminate()
            assert finish(second) == ""
            assert shell(url, READ_NUMBER).strip() == "5"
        finally:
            first.kill()


@pytest.mark.postgresql
@pytest.mark.once
@pytest.mark.django_db(transaction=True)
def test_one_comparison_sees_the_data_of_one_moment(monkeypatch):
    """Else a colleague who moves part of a tree between two queries hides what an earlier move changed."""
    seen = []

    def note(*_args):
        with connection.cursor() as cursor:
            cursor.execute("SHOW transaction_isolation")
            seen.append(cursor.fetchone()[0])
        return 0

    monkeypatch.setattr("pzgent.worker.number_differences", note)
    make_term()
    Numbering().bring_up_to_date()
    assert seen == ["repeatable read"]


@pytest.mark.once
def test_who_was_second_tries_again_at_once_and_keeps_the_lock(monkeypatch, caplog):
    def too_late():
        raise OperationalError("could not serialize access") from SerializationFailure()

    worker = Worker()
    worker._is_elected = lambda: True
    monkeypatch.setattr(worker.numbering, "bring_up_to_date", too_late)
    monkeypatch.setattr(connection, "close", lambda: pytest.fail("the lock goes with the connection"))
    assert worker.look() == EVERY
    assert caplog.text == ""
