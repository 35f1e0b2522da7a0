"""The structure, its versions and what changed between two of them, in the API."""

import datetime

import orjson
import pytest

from organisation.outline import get_outline
from organisation.structure import get_structure
from tests.make import make_document, make_organogram, make_placement, make_unit, make_wide_organogram

pytestmark = pytest.mark.django_db
TREE = "/api/v1/organogram"


def nested(node):
    """A node of `get_structure` as the API writes it."""
    parts = {"slug": node.slug, "name": node.name, "abbreviation": node.abbreviation, "kind": node.kind}
    parts["children"] = [nested(child) for child in node.children]
    return {name: part for name, part in parts.items() if part}


@pytest.fixture
def organogram():
    """Corps, a directorate with a service and a team below it, and a second directorate."""
    edition = make_organogram(valid_from=datetime.date(2021, 1, 1), slug="o-2021", title="Organogram 2021")
    top = make_placement(edition, unit=make_unit(slug="korps", name='Korps "Gent" é\\'), abbreviation="KG")
    first = make_placement(edition, top, unit=make_unit(slug="dop", name="Operaties"), kind="directie")
    service = make_placement(edition, first, unit=make_unit(slug="wijk", name="Wijkdienst"))
    make_placement(edition, service, unit=make_unit(slug="team", name="Team"), kind="team")
    make_placement(edition, top, unit=make_unit(slug="dbe", name="Beheer"), kind="directie")
    return edition


def hide(slug):
    from organisation.models import Unit

    Unit.objects.filter(slug=slug).update(publication_level="withheld")


def test_the_structure_is_one_tree(client, organogram):
    root = client.get(TREE).json()["root"]
    assert (root["slug"], root["name"], root["abbreviation"], root["kind"]) == (
        "korps",
        'Korps "Gent" é\\',
        "KG",
        "korps",
    )
    assert [child["slug"] for child in root["children"]] == ["dop", "dbe"]
    assert root["children"][0]["children"][0]["children"] == [
        {"slug": "team", "name": "Team", "kind": "team"}
    ]


def test_the_structure_tells_of_its_decision_and_source(client):
    source = make_document(slug="plan", title="Plan")
    decided = {
        "decided_by": "College",
        "decided_on": "2021-02-01",
        "ratified_by": "Gouverneur",
        "ratified_on": "2021-03-01",
    }
    make_placement(make_organogram(source=source, source_place="13", **decided))
    body = client.get(TREE).json()
    assert body["decision"] == {
        "by": "College", "on": "2021-02-01", "ratifiedBy": "Gouverneur", "ratifiedOn": "2021-03-01",
    }  # fmt: skip
    assert body["source"] == {
        "document": "plan",
        "title": "Plan",
        "href": "http://testserver/api/v1/documents/plan",
        "place": "13",
    }


def test_only_the_part_below_a_unit_can_be_asked_for(client, organogram):
    root = client.get(f"{TREE}?root=dop").json()["root"]
    assert (root["slug"], root["children"][0]["slug"]) == ("dop", "wijk")


@pytest.mark.parametrize(
    ("query", "levels"), [("depth=0", 1), ("depth=1", 2), ("root=dop&depth=1", 2), ("depth=9", 4)]
)
def test_the_depth_can_be_limited(client, organogram, query, levels):
    node, found = client.get(f"{TREE}?{query}").json()["root"], 1
    while node.get("children"):
        node, found = node["children"][0], found + 1
    assert found == levels


def test_a_hidden_unit_takes_all_below_it_along(client, organogram):
    hide("dop")
    root = client.get(TREE).json()["root"]
    assert [child["slug"] for child in root["children"]] == ["dbe"]


def test_a_part_below_a_hidden_unit_cannot_be_asked_for(client, organogram):
    hide("dop")
    assert client.get(f"{TREE}?root=team").status_code == 400
    assert client.get(f"{TREE}?root=dop").status_code == 400


def test_a_hidden_top_leaves_nothing(client, organogram):
    hide("korps")
    assert "root" not in client.get(TREE).json()


def test_a_unit_of_another_organogram_cannot_be_the_root(client, organogram):
    elsewhere = make_placement(make_organogram(valid_from=datetime.date(2000, 1, 1)))
    (issue,) = client.get(f"{TREE}?root={elsewhere.unit.slug}").json()["issues"]
    assert issue["name"] == "root"


def test_before_the_first_organogram_there_is_no_structure(client, organogram):
    answer = client.get(f"{TREE}?asOf=2020-12-31")
    assert answer.status_code == 404
    assert answer.json()["issues"][0]["name"] == "asOf"


def test_an_organogram_without_units_has_no_root(client):
    make_organogram(title="Leeg")
    body = client.get(TREE).json()
    assert body["title"] == "Leeg"
    assert "root" not in body


def test_the_outline_holds_the_same_as_the_structure(plan):
    from organisation.models import Organogram

    hide("wijkdienst")
    edition = Organogram.objects.get_in_force()
    assert orjson.loads(get_outline(edition)) == nested(get_structure(edition))


def test_the_outline_of_a_part_holds_the_same_as_the_structure(plan):
    from organisation.models import Organogram

    edition = Organogram.objects.get_in_force()
    outline = get_outline(edition, "directie-operaties", 2)
    assert orjson.loads(outline) == nested(get_structure(edition, "directie-operaties", 2))


def test_a_large_structure_is_complete(client):
    make_wide_organogram(3000)
    stack, found = [client.get(TREE).json()["root"]], 0
    while stack:
        stack.extend(stack.pop().get("children", []))
        found += 1
    assert found == 3000


def test_the_version_in_force_on_a_day_can_be_asked_for(client, organogram):
    make_organogram(valid_from=datetime.date(2022, 1, 1), slug="o-2022")
    for day, found in (("2020-12-31", []), ("2021-12-31", ["o-2021"]), ("2022-01-01", ["o-2022"])):
        items = client.get(f"/api/v1/organograms?asOf={day}").json()["items"]
        assert [item["slug"] for item in items] == found


def test_versions_are_listed_with_the_address_of_their_structure(client, organogram):
    item = client.get("/api/v1/organograms").json()["items"][0]
    assert (item["slug"], item["validFrom"]) == ("o-2021", "2021-01-01")
    assert client.get(item["structure"]).json()["root"]["slug"] == "korps"


def changes(client, query):
    return [
        (item["kind"], item["unit"]["slug"])
        for item in client.get(f"/api/v1/organogramChanges?{query}").json()["items"]
    ]


@pytest.fixture
def newer(organogram):
    """A version in which the service stands elsewhere under another name, the team is gone and a cell is new."""
    places = {place.unit.slug: place.unit for place in organogram.placements.select_related("unit")}
    edition = make_organogram(valid_from=datetime.date(2022, 1, 1))
    top = make_placement(edition, unit=places["korps"])
    make_placement(edition, top, unit=places["dop"], kind="directie")
    second = make_placement(edition, top, unit=places["dbe"], kind="directie")
    make_placement(edition, second, unit=places["wijk"], name="Dienst Wijken")
    make_placement(edition, second, unit=make_unit(slug="cel"), kind="cel")
    return edition


def test_changes_between_two_days_are_told_per_unit(client, newer):
    found = changes(client, "from=2021-06-01&to=2022-06-01")
    assert set(found) == {("renamed", "wijk"), ("moved", "wijk"), ("created", "cel"), ("ended", "team")}


def test_nothing_changes_within_one_version(client, newer):
    assert changes(client, "from=2021-06-01&to=2021-12-31") == []


@pytest.mark.parametrize("query", ["", "from=1990-01-01", "from=2022-01-02&to=2022-01-01", "to=2022-01-01"])
def test_changes_need_two_days_on_which_there_was_an_organogram(client, newer, query):
    assert client.get(f"/api/v1/organogramChanges?{query}").status_code == 400
