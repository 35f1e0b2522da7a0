"""Outgrowing SQLite: one command copies everything to PostgreSQL, exactly, or nothing at all."""

import json
import uuid
from contextlib import contextmanager

import psycopg
import pytest

from tests.processes import finish, run
from tests.tools.run import postgresql

pytestmark = pytest.mark.once
# One program for what follows on each other: starting one takes longer than most of them.
BEGIN = """
import datetime, json, django; django.setup()
from django.core.management import call_command
"""
LOAD = """
call_command("migrate", verbosity=0)
call_command("load_plan", verbosity=0)
"""
LOAD_AGAIN = """
call_command("load_plan", verbosity=0)
call_command("check_tree", verbosity=0)
"""
EDIT = """
from django.contrib.auth.models import User
from django.contrib.admin.models import LogEntry
from django.utils import timezone
from organisation.models import Term
from pzgent.worker import bring_up_to_date
User.objects.create_superuser("lies", "lies@example.org", "een lang wachtwoord")
moment = datetime.datetime(2026, 3, 29, 1, 30, 0, 123457, tzinfo=datetime.UTC)
Term.objects.filter(pk=Term.objects.first().pk).update(publish_until=moment, modified=moment)
bring_up_to_date()
Term.objects.last().delete()
bring_up_to_date()
"""
STATE = """
from django.contrib.auth.models import Permission, User
from organisation.models import Term
from pzgent.worker import bring_up_to_date
from pzgent.models import PublishedItem
numbers = lambda: list(PublishedItem.objects.order_by("number").values_list("number", "slug"))
before = numbers()
bring_up_to_date()
print(json.dumps({
    "unchanged": numbers() == before, "numbers": before, "terms": Term.objects.count(),
    "user": User.objects.get(username="lies").check_password("een lang wachtwoord"),
    "modified": sorted(str(term.modified) for term in Term.objects.all()),
    "permissions": sorted(map(str, Permission.objects.all())),
}))
"""
WRITE = """
from django.contrib.auth.models import User
from pzgent.models import SynonymRing
User.objects.create_user("nieuw")
SynonymRing.objects.create(slug="nieuw", words="een\\ntwee")
"""


@contextmanager
def empty_database():
    """The URL of a PostgreSQL database without tables."""
    with postgresql() as url, psycopg.connect(url, autocommit=True) as server:
        name = f"pzgent_copy_{uuid.uuid4().hex[:12]}"
        server.execute(f'CREATE DATABASE "{name}"')
        try:
            yield f"{url.rsplit('/', 1)[0]}/{name}"
        finally:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def states(url, *steps):
    """Do these things one after the other; returns each state that was printed."""
    printed = finish(run(url, "-c", BEGIN + "".join(steps)))
    return [json.loads(line) for line in printed.splitlines() if line.startswith("{")]


def refused(process):
    """The message of a command that fails."""
    _output, errors = process.communicate(timeout=300)
    assert process.returncode == 1
    return errors[errors.rindex("CommandError") :]


@pytest.mark.drill
def test_a_site_moves_to_postgresql_with_everything_and_goes_on_there(tmp_path):
    old = f"sqlite:///{tmp_path / 'old.sqlite3'}"
    (before,) = states(old, LOAD, EDIT, STATE)
    assert any("00.123457" in modified for modified in before["modified"])
    with empty_database() as new:
        assert "are the same in both databases" in finish(run(old, "manage.py", "copy_to_postgresql", new))
        # No change is announced by the move, and a load brings nothing back that an editor deleted.
        assert states(new, STATE, LOAD_AGAIN, STATE, WRITE) == [before, before]
        assert "Name an empty database" in refused(run(old, "manage.py", "copy_to_postgresql", new))
    assert before["unchanged"]
    assert before["user"]


@pytest.mark.parametrize(
    ("url", "advice"),
    [
        ("sqlite:///elsewhere.sqlite3", "postgres://"),
        ("nonsense://x", "is not the URL of a database"),
        ("postgres://nobody@127.0.0.1:1/x", "Nothing was copied"),
    ],
)
def test_a_target_that_will_not_do_is_refused_with_a_sentence(tmp_path, url, advice):
    source = f"sqlite:///{tmp_path / 'old.sqlite3'}"
    url = url.replace("elsewhere", str(tmp_path / "elsewhere"))
    assert advice in refused(run(source, "manage.py", "copy_to_postgresql", url))
