"""Nothing that a client sends alone makes the API fail, and every answer is as described."""

import itertools

import pytest
from jsonschema import Draft4Validator

from organisation.api.structure import Structure
from pzgent.api.about import CODE_LISTS, CodeListCollection, Search
from pzgent.api.docs import get_description
from pzgent.registry.collections import COLLECTIONS
from tests.make import (
    make_care_area,
    make_channel,
    make_organogram,
    make_placement,
    make_project,
    make_schedule,
)
from tests.thinning import THOROUGH, share

# Counting lines doubles their time, and other tests run the same lines.
pytestmark = [pytest.mark.django_db, pytest.mark.no_cover]
VALUES = [
    "", "0", "-1", "1", "99999999999999999999999999", "9" * 500, "nope", "0000-00-00", "0001-01-01", "9999-12-31",
    "2021-09-01", "2026-03-29T02:30", "9999-12-31T23:59:59%2B14:00", "2024-01-01T10:00:00%2B99:00", "%00", "a%00b",
    "%ed%a0%80", "%ff%fe", "%F0%9F%9A%93", "'%20OR%201=1--", ",", "-", "%25_%5C", "x" * 1500, "%EF%BC%91", "9000",
]  # fmt: skip
STRANGE = [
    "format=xml",
    "page[]=1",
    "%00=1",
    "%ed%a0%80=1",
    "=",
    "&&&",
    "page",
    "%F0%9F%9A%93=1",
    "a=" + "x" * 4100,
]
REQUIRED = {"organogramChanges": "from=2021-05-01&", "search": "q=politie&"}
PAGES = COLLECTIONS | {
    "organogram": Structure,
    "search": Search,
    "refData/unitKinds": CodeListCollection,
}


@pytest.fixture
def something():
    """A little of what the filters are about."""
    place = make_placement(make_organogram())
    make_channel(unit=place.unit, schedule=make_schedule((0, "08:30", "12:00"), school_days_only=True))
    make_project()
    make_care_area()


def check(answer, what):
    assert answer.status_code in (200, 400, 404, 414), (what, answer.status_code)
    if answer.status_code != 200:
        assert answer.headers["Content-Type"] == "application/problem+json", what
        assert answer.json()["status"] == answer.status_code, what


@pytest.mark.parametrize("name", PAGES)
def test_no_value_of_any_parameter_makes_a_list_fail(client, something, name):
    own = [parameter.name for parameter in PAGES[name]().all_parameters()]
    for parameter, value in share(itertools.product(own, VALUES), list(PAGES).index(name), of=4):
        query = f"{REQUIRED.get(name, '')}{parameter}={value}"
        check(client.get(f"/api/v1/{name}?{query}"), query)


@pytest.mark.parametrize("name", [*PAGES, "refData", "health", "openapi.json"])
@pytest.mark.parametrize("query", STRANGE)
def test_no_strange_query_makes_an_address_fail(client, name, query):
    check(client.get(f"/api/v1/{name}?{query}"), query)


@pytest.mark.parametrize("name", [*COLLECTIONS, "refData"])
def test_no_key_makes_an_item_fail(client, name):
    keys = [*VALUES, "%2e%2e", "a/b", "%2f", "0" * 8, "00000000-0000-0000-0000-000000000000"]
    for key in share(keys, list(COLLECTIONS).index(name) if name in COLLECTIONS else 0, of=3):
        check(client.get(f"/api/v1/{name}/{key}"), key)


@pytest.mark.parametrize(
    "accept",
    [
        "*/*;q=nan",
        "application/json;q=abc",
        ";;;",
        "a/b/c",
        "text/*;level=1;q=1,",
        "*" * 3000,
        "application/json;",
    ],
)
def test_no_accept_header_makes_a_list_fail(client, accept):
    assert client.get("/api/v1/terms", headers={"accept": accept}).status_code in (200, 406)


@pytest.mark.parametrize("etag", ["", "*", "W/", '"', '"a" "b"', "W/W/", ",,,"])
def test_no_etag_makes_a_list_fail(client, etag):
    assert client.get("/api/v1/terms", headers={"if-none-match": etag}).status_code in (200, 304)


def strict(schema):
    """The schema with nothing allowed beside what it names, so that each field must be documented."""
    if isinstance(schema, list):
        return [strict(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {name: strict(part) for name, part in schema.items()}
    if "properties" in schema and isinstance(schema["properties"], dict) and "type" in schema:
        closed["additionalProperties"] = False
    return closed


def checker():
    """A function that says what is wrong with an answer at an address of the description."""
    description = get_description()
    components = {"components": strict(description["components"])}

    def faults(address, body):
        answer = description["paths"][address]["get"]["responses"]["200"]
        schema = {**components, **answer["content"]["application/json"]["schema"]}
        return [f"{address}: {error.message}" for error in Draft4Validator(schema).iter_errors(body)]

    return faults


def test_the_content_of_the_plan_is_answered_as_described(client, plan):
    faults_of = checker()
    for name in [*COLLECTIONS, "organogram", "search", "refData", "health"]:
        answer = client.get(f"/api/v1/{name}?{REQUIRED.get(name, '').rstrip('&')}".rstrip("?"))
        assert answer.status_code == 200, name
        assert faults_of(f"/api/v1/{name}", answer.json()) == []


def test_items_of_the_plan_are_found_at_their_address_as_described(client, plan):
    faults_of = checker()
    for name, item in COLLECTIONS.items():
        for found in (
            client.get(f"/api/v1/{name}?select=href").json()["items"][: 200 if THOROUGH else 8]
            if item.name
            else []
        ):
            answer = client.get(found["href"])
            assert answer.status_code == 200, found
            assert faults_of(f"/api/v1/{name}/{{{item.key}}}", answer.json()) == []


def test_code_lists_are_answered_as_described(client):
    faults_of = checker()
    bodies = [client.get(f"/api/v1/refData/{name}").json() for name in CODE_LISTS]
    assert [fault for body in bodies for fault in faults_of("/api/v1/refData/{name}", body)] == []
