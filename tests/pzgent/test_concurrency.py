"""Several processes reshape one organogram at once; on PostgreSQL and on SQLite."""

import json
from collections import Counter

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
from collections import Counter
from organisation.models import Placement
print(json.dumps({str(pk): name for pk, name in Placement.objects.values_list("pk", "name")}))
"""


EDITORS_SEED = f"""{SEED}
from django.contrib.auth.models import User
User.objects.create_superuser("redactie")
Organogram.objects.update(status="draft")
"""
TAKEN = "from organisation.models import StructureStep; print(StructureStep.objects.count())"
# Each editor looks at the tree before each step, and steps on a tree that changed in the meantime are refused.
STEPS = 200 if THOROUGH else 8


@pytest.mark.timeout(3600 if THOROUGH else 900)
@pytest.mark.django_db
def test_editors_in_one_workshop_leave_a_sound_tree(tmp_path):
    editors = 8 if connection.vendor == "postgresql" else 3
    with migrated_database(tmp_path) as url:
        finish(run(url, "manage.py", "shell", "-v0", "-c", EDITORS_SEED))
        workers = [
            run(url, "tests/tools/workshop_worker.py", str(number), str(STEPS))
            for number in range(1, editors + 1)
        ]
        results = [json.loads(finish(worker, timeout=3000)) for worker in workers]
        assert [error for result in results for error in result["errors"]] == []
        # How many steps are refused depends on the load of the machine; the first one cannot be.
        assert int(finish(run(url, "manage.py", "shell", "-v0", "-c", TAKEN))) > 0
        assert "Sound" in finish(run(url, "manage.py", "check_tree"))
    print("outcomes:", sum((Counter(result["outcomes"]) for result in results), Counter()))


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
