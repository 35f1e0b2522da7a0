"""`embed`: objects in full beside those that name them, in as many queries for many rows as for one."""

import datetime

import pytest

from contact.models import GuideStep
from organisation.models import FunctionalLine, Partner
from pzgent.api.docs import get_description
from pzgent.registry.collections import COLLECTIONS
from pzgent.worker import bring_up_to_date
from tests.make import (
    make,
    make_care_area,
    make_channel,
    make_corporate_plan,
    make_document,
    make_guide,
    make_key_figure,
    make_location,
    make_objective,
    make_organogram,
    make_placement,
    make_project,
    make_schedule,
    make_statement,
    make_succession,
    make_topic,
    make_unit,
)
from tests.pages import count_queries
from tests.snapshot import made_once

pytestmark = pytest.mark.django_db
REPORTED = datetime.date(2026, 1, 1)
API = "http://testserver/api/v1"
UNITS = "/api/v1/units"
EMBEDS = {name: list(kind.embeds) for name, kind in COLLECTIONS.items() if kind.embeds}
# All fields of a collection in one test: making the organisation takes longer than asking for a field.
every_collection = pytest.mark.parametrize("name", EMBEDS)


def _make_organisation():
    """Corps with three services; each has a team, a channel at a place, a project, and came from another unit."""
    make_organogram(valid_from=datetime.date(2020, 1, 1))
    edition = make_organogram(valid_from=datetime.date(2021, 1, 1))
    top = make_placement(edition, unit=make_unit(slug="korps", name="Korps"))
    goal = make_objective()
    earlier = None
    for number in range(3):
        service = make_placement(edition, top, unit=make_unit(slug=f"dienst-{number}", name="Dienst"))
        make_placement(edition, service, unit=make_unit(slug=f"team-{number}", name="Team"), kind="team")
        FunctionalLine.objects.create(organogram=edition, unit=service.unit, above=top.unit)
        make_succession(edition, from_unit=service.unit, to_unit=make_placement(edition, top).unit)
        head = make_placement(edition, service, kind="functie").unit
        FunctionalLine.objects.create(organogram=edition, unit=service.unit, above=head, kind="led")
        make(Partner).units.add(service.unit)
        location = make_location(unit=service.unit)
        make_care_area(location=location, certainty="named")
        topic = make_topic(unit=service.unit)
        other = make_channel(topic=topic, label="Ander")
        channel = make_channel(
            topic=topic, unit=service.unit, location=location, fallback=other, alternative=other,
            schedule=make_schedule((0, "08:00", "12:00")),
        )  # fmt: skip
        make(GuideStep, guide=make_guide(topic=topic, action=channel), channel=other)
        report = make_document()
        make_corporate_plan(valid_from=datetime.date(2030 + number, 1, 1), document=report)
        make_statement()
        earlier = make_project(
            number=number + 1,
            continues=earlier,
            outcome="Klaar",
            outcome_date=REPORTED,
            outcome_document=report,
        )
        earlier.project_units.create(unit=service.unit, role="lead")
        earlier.objectives.add(goal, make_objective(parent=goal))
        make_key_figure().objectives.add(goal)
    bring_up_to_date()


organisation = made_once(_make_organisation)


def addresses(value):
    """The addresses that a field names."""
    shown = [value] if isinstance(value, dict) else value or []
    return [part["href"] if "href" in part else part["unit"]["href"] for part in shown]


@every_collection
def test_what_is_embedded_is_what_its_own_address_answers(client, organisation, name):
    for field in EMBEDS[name]:
        body = client.get(f"/api/v1/{name}?embed={field}&pageSize=100").json()
        named = {href for item in body["items"] for href in addresses(item.get(field))}
        assert named, field
        assert set(body["embedded"]) == named, field
        for collection in {href.split("/")[-2] for href in named}:
            shown = client.get(f"/api/v1/{collection}?pageSize=100").json()["items"]
            for item in shown:
                if item["href"] in named:
                    assert body["embedded"][item["href"]] == item, field


@every_collection
@pytest.mark.parametrize("language", ["nl", "fr"])
def test_what_is_embedded_carries_its_number_in_the_change_feed(client, organisation, name, language):
    bring_up_to_date()
    told = {
        (entry["collection"], entry["id"]): entry["number"]
        for entry in client.get("/api/v1/changes?pageSize=100").json()["items"]
    }
    for field in EMBEDS[name]:
        body = client.get(f"/api/v1/{name}?embed={field}&lang={language}&pageSize=100").json()
        assert body["embedded"], field
        for href, item in body["embedded"].items():
            assert item.get("changeNumber") == told.get((href.split("/")[-2], item["id"])), (field, href)


@every_collection
def test_an_item_embeds_what_its_list_embeds(client, organisation, name):
    for field in EMBEDS[name]:
        page = client.get(f"/api/v1/{name}?embed={field}&pageSize=100").json()
        item = next(item for item in page["items"] if addresses(item.get(field)))
        alone = client.get(f"{item['href']}?embed={field}").json()
        assert alone["embedded"] == {href: page["embedded"][href] for href in addresses(item[field])}, field
        assert alone[field] == item[field], field


@every_collection
def test_everything_embedded_takes_as_many_queries_for_many_rows_as_for_one(client, organisation, name):
    fields = COLLECTIONS[name].embeds
    every, kinds = ",".join(fields), len({kind() for kind in fields.values()})
    few, many = (count_queries(client, f"/api/v1/{name}?embed={every}&pageSize={size}") for size in (1, 100))
    # In another language than the one in which the change feed keeps its items.
    plain = count_queries(client, f"/api/v1/{name}?lang=fr")
    assert many <= plain + 2 * kinds
    assert few <= many


def test_a_unit_that_ended_is_embedded_without_a_place(client):
    old, new = (make_organogram(valid_from=datetime.date(year, 1, 1)) for year in (2020, 2021))
    top = make_placement(old, unit=make_unit(slug="korps"))
    gone = make_placement(old, top, unit=make_unit(slug="team"))
    heir = make_placement(new, unit=top.unit)
    make_succession(new, from_unit=gone.unit, to_unit=heir.unit)
    body = client.get(f"{UNITS}/korps?embed=predecessors").json()
    assert "path" not in body["embedded"][f"{API}/units/team"]
    then = client.get(f"{UNITS}/korps?embed=children&asOf=2020-06-01").json()
    assert then["embedded"][f"{API}/units/team"]["level"] == 1


def test_what_is_hidden_is_not_embedded(client, organisation):
    from organisation.models import Unit

    Unit.objects.filter(slug="team-0").update(publication_level="withheld")
    head = Unit.objects.get(placements__parent__unit__slug="dienst-0", placements__kind="functie")
    body = client.get(f"{UNITS}/dienst-0?embed=children,parent").json()
    assert set(body["embedded"]) == {f"{API}/units/korps", f"{API}/units/{head.slug}"}


def test_embedding_goes_one_level_deep(client, organisation):
    body = client.get(f"{UNITS}/korps?embed=children").json()
    assert all("children" not in item for item in body["embedded"].values())


def test_a_moment_holds_for_what_is_embedded_too(client, organisation):
    body = client.get("/api/v1/channels?embed=fallback&at=2026-03-02T09:00").json()
    assert {item["status"]["evaluatedAt"] for item in body["embedded"].values()} == {
        "2026-03-02T09:00:00+01:00"
    }


def test_fields_that_are_embedded_need_not_be_selected(client, organisation):
    item = client.get("/api/v1/topics?select=slug&embed=unit").json()["items"][0]
    assert list(item) == ["slug", "unit"]


def test_nothing_is_embedded_unasked(client, organisation):
    assert "embedded" not in client.get(UNITS).json()
    assert "children" not in client.get(UNITS).json()["items"][0]


def test_only_what_is_listed_can_be_embedded(client, organisation):
    (issue,) = client.get(f"{UNITS}?embed=secrets").json()["issues"]
    assert issue["name"] == "embed"
    assert client.get("/api/v1/terms?embed=source").status_code == 400


def test_linked_data_can_embed_too(client, organisation):
    answer = client.get(f"{UNITS}?embed=channels", headers={"accept": "application/ld+json"})
    assert answer.json()["@graph"]


def test_what_can_be_embedded_is_described():
    paths = get_description()["paths"]
    described = {
        name
        for name in COLLECTIONS
        for parameter in paths[f"/api/v1/{name}"]["get"]["parameters"]
        if parameter["name"] == "embed"
    }
    assert described == set(EMBEDS)
