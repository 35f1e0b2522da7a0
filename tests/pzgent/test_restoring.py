"""The restore drill: a backup of the whole site, put into an empty database on another machine, shows the same."""

import json
import sqlite3
import time
from contextlib import closing

import psycopg
import pytest

from tests.processes import finish, migrated_database, run, scratch_database
from tests.thinning import THOROUGH

pytestmark = [pytest.mark.django_db]
LONGEST = 300  # seconds for the restore, as the operator's manual says


def shown_by(url):
    """What the site shows with that database, and what it says of its trees."""
    return json.loads(finish(run(url, "tests/tools/visible.py", "1" if THOROUGH else "30")))


def ask(url, statement):
    """Have a database do something, past the site."""
    connect = sqlite3.connect if url.startswith("sqlite") else psycopg.connect
    with closing(connect(url.removeprefix("sqlite:///"))) as database:
        database.execute(statement)
        database.commit()


def test_a_backup_brings_the_whole_site_back_on_an_empty_machine(tmp_path, monkeypatch):
    old, new, archive = tmp_path / "old", tmp_path / "new", tmp_path / "site.tar.gz"
    (old / "media").mkdir(parents=True)
    new.mkdir()
    (old / "media" / "plan.pdf").write_text("the plan")
    with migrated_database(tmp_path) as url:
        monkeypatch.setenv("VAR_DIR", str(old))
        finish(run(url, "manage.py", "load_plan", "-v0"))
        before = shown_by(url)
        finish(run(url, "manage.py", "backup", str(archive)))
    with scratch_database(new) as url:
        monkeypatch.setenv("VAR_DIR", str(new))
        ask(url, "CREATE TABLE of_a_newer_release (id integer)")
        begun = time.monotonic()
        finish(run(url, "manage.py", "restore", str(archive)))
        assert time.monotonic() - begun < LONGEST
        with pytest.raises(Exception, match="of_a_newer_release"):
            ask(url, "SELECT id FROM of_a_newer_release")
        after = shown_by(url)
    assert len(before) > (100 if THOROUGH else 10)
    assert before["trees"].startswith("Sound: ")
    assert after == before
    assert (new / "media" / "plan.pdf").read_text() == "the plan"
