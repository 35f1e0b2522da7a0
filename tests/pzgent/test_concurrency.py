"""Several processes reshape one organogram at once; on PostgreSQL and on SQLite."""

import json

import pytest
from django.db import connection

from tests.processes import finish, migrated_database, run
from tests.thinning import THOROUGH

OPERATIONS = 100 if THOROUGH else 40
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


@pytest.mark.django_db
def test_concurrent_writers_leave_a_sound_tree_and_lose_nothing(tmp_path):
    writers = 8 if connection.vendor == "postgresql" else 4
    with migrated_database(tmp_path) as url:
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
