"""How many queries the API takes: as many for hundreds of rows as for 20."""

import datetime
import json
from functools import partial

import pytest

from contact.models import Channel, Notice
from projects.models import Objective
from tests.make import (
    make_channel,
    make_corporate_plan,
    make_objective,
    make_plan,
    make_policy_action,
    make_project,
    make_schedule,
    make_staffing_table,
    make_topic,
    make_wide_organogram,
    values_of,
)
from tests.pages import count_queries
from tests.processes import finish, migrated_database, run
from tests.registry import COLLECTED
from tests.thinning import THOROUGH

# Counting lines doubles their time, and other tests run the same lines.
pytestmark = [pytest.mark.django_db, pytest.mark.no_cover]
LIST, DETAIL, TREE, SEARCH = 4, 2, 1, 0
# As few as fit on a page, and more than are read from the database at once.
MANY = 2000 if THOROUGH else 600
sizes = pytest.mark.parametrize("size", [20, pytest.param(MANY, marks=pytest.mark.once)])
MOMENTS = {
    "starts": datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC),
    "ends": datetime.datetime(2099, 1, 1, tzinfo=datetime.UTC),
}


def fill(model, size, **values):
    """Published rows in bulk."""
    rows = (model(status="published", **values_of(model, *values), **values) for _ in range(size))
    model.objects.bulk_create(rows)


def fill_objectives(size):
    corporate = make_corporate_plan()
    rows = [
        Objective(plan=corporate, slug=f"doel-{number}", title="Doel", kind="goal", status="published")
        for number in range(size)
    ]
    Objective.objects.insert_tree(rows)
    for project in [make_project(plan=make_plan())]:
        project.objectives.set(rows[:20])


def fill_channels(size):
    schedule = make_schedule((0, "08:00", "12:00"), school_days_only=True)
    fill(
        Channel,
        size,
        topic=make_topic(),
        kind="phone",
        label="Nummer",
        value="+3292666111",
        schedule=schedule,
    )


FILL = {
    **{name: partial(fill, model) for name, model in COLLECTED.items()},
    "units": make_wide_organogram,
    "objectives": fill_objectives,
    "channels": fill_channels,
    "notices": partial(fill, Notice, **MOMENTS),
}


@pytest.mark.parametrize("name", FILL)
@sizes
def test_a_list_takes_few_queries_whatever_its_size_and_that_of_its_pages(client, name, size):
    FILL[name](size)
    assert client.get(f"/api/v1/{name}").json()["total"] == size
    few = count_queries(client, f"/api/v1/{name}?pageSize=20")
    assert few == count_queries(client, f"/api/v1/{name}?pageSize=100") <= LIST


@sizes
def test_the_structure_takes_one_query_whatever_its_size(client, size):
    make_wide_organogram(size)
    assert count_queries(client, "/api/v1/organogram") == TREE


@sizes
def test_a_unit_takes_few_queries_whatever_the_size_of_the_tree(client, size):
    organogram = make_wide_organogram(size)
    slug = organogram.placements.order_by("lft")[5].unit.slug
    assert count_queries(client, f"/api/v1/units/{slug}") == DETAIL


@sizes
def test_embedding_takes_two_queries_for_each_kind_whatever_the_size(client, size):
    make_wide_organogram(size)
    plain = count_queries(client, "/api/v1/units?pageSize=20")
    assert count_queries(client, "/api/v1/units?embed=parent,children&pageSize=20") == plain + 2
    assert count_queries(client, "/api/v1/units?embed=parent,children&pageSize=2") == plain + 2


LARGE_IMPORT = """
import json
from django.db import connection
from organisation.api.unit_parts import LISTED_PARTS, UNIT_PARTS
from organisation.models import Placement
from pzgent.kernel.rest.parts import with_parts
from tests.make import make_wide_organogram

def read(step, is_part=False):
    own = (step["Actual Rows"] + step.get("Rows Removed by Filter", 0)) * step["Actual Loops"] if is_part else 0
    return own + sum(
        read(below, is_part or below["Parent Relationship"] == "SubPlan") for below in step.get("Plans", [])
    )

make_wide_organogram(1000)
rows = with_parts(Placement.objects.published().with_unit(), {**LISTED_PARTS, **UNIT_PARTS})
found, total = list(rows), 0
if connection.vendor == "postgresql":
    question, values = rows.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {question}", values)
        ((plan,),) = cursor.fetchone()
    total = read(plan["Plan"])
print(json.dumps([len(found), sum(len(row.children_rows or ()) for row in found), total]))
"""


@pytest.mark.once
def test_units_with_their_parts_are_found_without_statistics(tmp_path):
    """As right after a large import into a new database: for the parts of a unit PostgreSQL reads a few rows."""
    with migrated_database(tmp_path) as url:
        units, children, read = json.loads(finish(run(url, "manage.py", "shell", "-v0", "-c", LARGE_IMPORT)))
    assert (units, children) == (1000, 999)
    assert read < 100 * units


def test_filters_by_slug_together_take_one_query_more(client):
    topic, unit = make_topic(), make_wide_organogram(20).placements.first().unit
    hours = make_schedule((0, "08:00", "12:00"), school_days_only=True)
    make_channel(topic=topic, unit=unit, schedule=hours)
    assert count_queries(client, f"/api/v1/channels?topic={topic.slug}&unit={unit.slug}", state="") == LIST


def test_no_item_takes_more_than_two_queries_or_four_with_steps(client, plan):
    for name in [name for name in FILL if name not in ("notices", "consumers")]:
        for item in client.get(f"/api/v1/{name}?pageSize=5&select=href").json()["items"]:
            assert count_queries(client, item["href"]) <= (4 if name == "guides" else DETAIL), item


def test_the_search_asks_nothing_once_its_index_is_made(client, plan):
    client.get("/api/v1/search?q=politie")
    assert count_queries(client, "/api/v1/search?q=politie") == SEARCH


def test_details_do_not_ask_per_row(client):
    table, action, objective = make_staffing_table(), make_policy_action(), make_objective()
    assert count_queries(client, f"/api/v1/staffingTables/{table.slug}") == 2
    assert count_queries(client, f"/api/v1/policies/{action.domain.policy.slug}") == 2
    assert count_queries(client, f"/api/v1/objectives/{objective.slug}") <= 2
