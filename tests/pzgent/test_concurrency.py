"""Several processes reshape one organogram at once; on PostgreSQL and on SQLite."""

import json
import os
import subprocess
import sys
import uuid
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

ROOT = Path(settings.BASE_DIR)
OPERATIONS = 100
SEED = """
from organisation.models import Organogram, Placement, Unit
organogram = Organogram.objects.create(slug="o", title="o", valid_from="2020-01-01", status="published")
parent = None
places = []
for number in range(40):
    unit = Unit.objects.create(slug=f"seed-{number}", name=f"seed {number}", status="published")
    parent = places[number // 4] if places else None
    places.append(Placement.objects.create(organogram=organogram, unit=unit, parent=parent, kind="team"))
"""
NAMES = """
import json
from organisation.models import Placement
print(json.dumps({str(pk): name for pk, name in Placement.objects.values_list("pk", "name")}))
"""


@contextmanager
def scratch_database(folder):
    """The URL of an empty database of the same kind as the tests use."""
    if connection.vendor == "sqlite":
        yield f"sqlite:///{folder / 'trees.sqlite3'}"
        return
    import psycopg

    values = connection.settings_dict
    login = {
        "host": values["HOST"],
        "port": values["PORT"],
        "user": values["USER"],
        "password": values["PASSWORD"],
    }
    login = {name: value for name, value in login.items() if value}
    name = f"pzgent_trees_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(dbname="postgres", autocommit=True, **login) as server:
        server.execute(f'CREATE DATABASE "{name}"')
        try:
            user = f"{login.get('user', '')}:{login.get('password', '')}".rstrip(":")
            yield f"postgres://{user}@{login.get('host', '')}:{login.get('port', 5432)}/{name}"
        finally:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def run(url, *arguments):
    environment = {**os.environ, "DATABASE_URL": url, "SECRET_KEY": settings.SECRET_KEY}
    return subprocess.Popen(  # our own commands
        [sys.executable, *arguments],
        cwd=ROOT,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def finish(process):
    output, errors = process.communicate(timeout=300)
    assert process.returncode == 0, errors
    return output


@pytest.mark.django_db
def test_concurrent_writers_leave_a_sound_tree_and_lose_nothing(tmp_path):
    writers = 8 if connection.vendor == "postgresql" else 4
    with scratch_database(tmp_path) as url:
        finish(run(url, "manage.py", "migrate", "-v0"))
        finish(run(url, "manage.py", "shell", "-v0", "-c", SEED))
        workers = [
            run(url, "tests/tools/tree_worker.py", str(number), str(OPERATIONS))
            for number in range(1, writers + 1)
        ]
        results = [json.loads(finish(worker)) for worker in workers]
        assert [error for result in results for error in result["errors"]] == []
        assert "Sound" in finish(run(url, "manage.py", "check_tree"))
        names = json.loads(finish(run(url, "manage.py", "shell", "-v0", "-c", NAMES)))
    expected = {key: name for result in results for key, name in result["kept"].items()}
    assert {key: names.get(key) for key in expected} == expected
    assert len(names) == len(expected) + 40
