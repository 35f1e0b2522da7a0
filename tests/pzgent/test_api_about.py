"""What the API says about itself: index, code lists, health, documentation; and its search."""

import gzip
import re

import pytest
import yaml
from django.db import DatabaseError

from pzgent.api.about import CODE_LISTS
from pzgent.api.docs import get_description
from tests.make import make_organogram, make_placement, make_project, make_topic

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def description():
    return get_description()


def test_the_index_leads_to_every_collection(client):
    items = client.get("/api/v1").json()["items"]
    assert {"units", "projects", "channels", "organogram", "search", "refData"} <= {
        item["name"] for item in items
    }


def test_every_address_of_the_index_exists(client):
    body = client.get("/api/v1").json()
    addresses = [
        item["href"]
        for item in body["items"]
        if item["name"] not in ("search", "organogram", "organogramChanges")
    ]
    statuses = {
        address: client.get(address).status_code for address in [*addresses, body["openapi"], body["health"]]
    }
    assert set(statuses.values()) == {200}


def test_code_lists_give_a_label_to_every_code(client):
    items = client.get("/api/v1/refData/staffCategories").json()["items"]
    assert [item["code"] for item in items] == ["OPS", "CALOG"]
    assert all(item["label"] for item in items)


def test_the_code_lists_are_all_there(client):
    body = client.get("/api/v1/refData").json()
    assert [item["name"] for item in body["items"]] == list(CODE_LISTS)


def test_an_unknown_code_list_does_not_exist(client):
    assert client.get("/api/v1/refData/nope").status_code == 404


def test_health_is_fine_while_the_database_answers(client):
    answer = client.get("/api/v1/health")
    assert (answer.status_code, answer.json()) == (200, {"status": "UP"})
    assert answer.headers["Cache-Control"] == "no-store"


def test_health_is_503_when_the_database_does_not_answer(client, monkeypatch):
    def fail():
        raise DatabaseError("gone")

    monkeypatch.setattr("pzgent.api.about.connection.cursor", fail)
    answer = client.get("/api/v1/health")
    assert (answer.status_code, answer.headers["Content-Type"]) == (503, "application/problem+json")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_the_documentation_lists_every_operation(client, description):
    html = client.get("/api/v1/docs").content.decode()
    assert [address for address in description["paths"] if f"GET {address}<" not in html] == []


@pytest.mark.parametrize(
    ("code", "text"),
    [("nl", "Op deze pagina"), ("fr", "Sur cette page"), ("de", "Auf dieser Seite"), ("en", "On this page")],
)
def test_the_frame_of_the_documentation_speaks_four_languages(client, code, text):
    html = client.get(f"/api/v1/docs?lang={code}").content.decode()
    assert text in html
    assert f'<html lang="{code}">' in html
    assert '<div lang="en">' in html


def test_the_documentation_shows_parameters_an_example_and_errors_of_each_operation(client):
    html = client.get("/api/v1/docs").content.decode()
    entry = html.partition('<h3 id="getUnit">')[2].partition("</article>")[0]
    assert "<code>asOf</code>" in entry
    assert 'href="/api/v1/units/wijkdienst"' in entry
    assert "http://testserver/api/v1/units/wijkdienst" in entry
    assert '<a href="#s404">404</a>' in entry


def test_every_place_that_the_documentation_leads_to_is_there(client):
    html = client.get("/api/v1/docs").content.decode()
    places = set(re.findall(r' id="([^"]+)"', html))
    assert set(re.findall(r'href="#([^"]+)"', html)) <= places


def test_the_documentation_weighs_little(client):
    assert len(gzip.compress(client.get("/api/v1/docs").content)) < 30 * 1024


def test_the_documentation_shows_the_emergency_numbers_and_loads_nothing_from_elsewhere(client):
    html = client.get("/api/v1/docs").content.decode()
    assert "tel:101" in html
    assert 'src="http' not in html


def test_the_search_finds_things_of_every_sort_and_says_which(client):
    make_placement(make_organogram(), name="Fietsteam")
    make_project(title="Fietsen merken")
    make_topic(title="Fiets gestolen", slug="fiets")
    items = client.get("/api/v1/search?q=fiets").json()["items"]
    assert {item["type"] for item in items} == {"unit", "project", "topic"}
    topic = next(item for item in items if item["type"] == "topic")
    assert (topic["href"], topic["htmlUrl"]) == (
        "http://testserver/api/v1/topics/fiets",
        "http://testserver/contact/fiets",
    )


def test_the_search_can_be_limited_to_one_sort(client):
    make_project(title="Fietsen merken")
    make_topic(title="Fiets gestolen")
    items = client.get("/api/v1/search?q=fiets&type=topic").json()["items"]
    assert [item["title"] for item in items] == ["Fiets gestolen"]


@pytest.mark.parametrize("query", ["", "?q=", "?q=+++", f"?q={'x' * 201}", "?q=fiets&type=bus"])
def test_a_search_without_usable_words_is_refused(client, query):
    assert client.get(f"/api/v1/search{query}").status_code == 400


def test_the_description_is_there_in_yaml_too(client):
    answer = client.get("/api/v1/openapi.yaml")
    assert answer.headers["Content-Type"] == "application/yaml"
    assert yaml.safe_load(answer.content) == client.get("/api/v1/openapi.json").json()
    assert b"&id0" not in answer.content
    again = client.get("/api/v1/openapi.yaml", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    assert client.get("/api/v1/openapi.yaml?x=1").headers["Content-Type"] == "application/problem+json"
