"""The linked data: parsed by rdflib, held to the shapes, and the same as the JSON."""

import datetime

import pytest
from django.conf import settings
from pyshacl import validate
from rdflib import Graph, Literal, Namespace, URIRef
from rdflib.namespace import DCAT, DCTERMS, FOAF, ORG, RDF, SKOS, XSD

from organisation.models import Succession
from tests.make import (
    make_channel,
    make_exception,
    make_location,
    make_organogram,
    make_placement,
    make_schedule,
    make_unit,
)
from tests.pages import body_of

pytestmark = [
    pytest.mark.django_db,
    # rdflib warns of its own parts.
    pytest.mark.filterwarnings("ignore::DeprecationWarning:(rdflib|pyshacl).*"),
]
SCHEMA = Namespace("https://schema.org/")
SHAPES = settings.BASE_DIR / "tests/shapes/portal.ttl"
ADDRESSES = [
    "/api/v1/units?pageSize=100",
    "/api/v1/units/wijkdienst",
    "/api/v1/units/politiezone-gent",
    "/api/v1/organogram",
    "/api/v1/channels?pageSize=100",
    "/api/v1/locations",
    "/api/v1/locations/antenne-drongen",
    "/api/v1/projects?pageSize=100",
    "/api/v1/projects/i-2-fietsdiefstal",
    "/open-data/catalog.jsonld",
]


def graph_of(client, address):
    answer = client.get(address, headers={"accept": "application/ld+json"})
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/ld+json"
    return Graph().parse(data=answer.content, format="json-ld")


def faults_of(graph):
    """What breaks a promise, as text; nothing when all are kept."""
    kept, _report, text = validate(graph, shacl_graph=str(SHAPES))
    return "" if kept else text


@pytest.mark.parametrize("address", ADDRESSES)
def test_the_linked_data_of_the_plan_keeps_its_promises(client, plan, address):
    graph = graph_of(client, address)
    assert len(graph) > 5
    assert faults_of(graph) == ""


def test_a_broken_promise_is_found():
    graph = Graph()
    graph.add((URIRef("urn:x"), RDF.type, ORG.OrganizationalUnit))
    assert "prefLabel" in faults_of(graph)


def edges_of(place, above=None):
    yield (place["slug"], above, place["name"], place["kind"])
    for child in place.get("children", ()):
        yield from edges_of(child, place["slug"])


def test_the_organogram_comes_back_whole(client, plan):
    graph = graph_of(client, "/api/v1/organogram")
    slugs = {unit: str(slug) for unit, slug in graph.subject_objects(ORG.identifier)}
    found = {
        (
            slug,
            slugs.get(graph.value(unit, ORG.unitOf)),
            str(graph.value(unit, SKOS.prefLabel)),
            str(graph.value(unit, ORG.classification)).rsplit("#", 1)[1],
        )
        for unit, slug in slugs.items()
    }
    assert found == set(edges_of(client.get("/api/v1/organogram").json()["root"]))
    assert {(above, below) for above, below in graph.subject_objects(ORG.hasUnit)} == {
        (above, below) for below, above in graph.subject_objects(ORG.unitOf)
    }


def test_a_page_of_linked_data_has_the_items_of_the_page(client, plan):
    graph = graph_of(client, "/api/v1/projects?pageSize=7&page=2")
    shown = client.get("/api/v1/projects?pageSize=7&page=2").json()["items"]
    assert set(map(str, graph.subjects(RDF.type, FOAF.Project))) == {item["href"] for item in shown}


def test_what_became_of_a_unit_is_an_event(client):
    old, new = make_organogram(), make_organogram()
    gone, heir = make_unit(name="Oud", slug="oud"), make_unit(name="Nieuw", slug="nieuw")
    make_placement(old, unit=gone)
    make_placement(new, unit=heir)
    Succession.objects.create(organogram=new, from_unit=gone, to_unit=heir, kind="merged")
    graph = graph_of(client, "/api/v1/units/oud")
    event = graph.value(None, RDF.type, ORG.ChangeEvent)
    assert str(graph.value(event, ORG.originalOrganization)).endswith("/oud")
    assert str(graph.value(event, ORG.resultingOrganization)).endswith("/nieuw")
    assert graph.value(event, DCTERMS.date) == Literal(new.valid_from, datatype=XSD.date)
    assert faults_of(graph) == ""


def hours_of(client, **schedule):
    slots = schedule.pop("slots", ())
    exception = schedule.pop("exception", None)
    hours = make_schedule(*slots, **schedule)
    if exception:
        make_exception(hours, **exception)
    channel = make_channel(schedule=hours)
    graph = graph_of(client, f"/api/v1/channels/{channel.pk}")
    assert faults_of(graph) == ""
    found = set()
    for part in graph.objects(
        URIRef(f"http://testserver/api/v1/channels/{channel.pk}"), SCHEMA.hoursAvailable
    ):
        days = sorted(str(day).rsplit("/", 1)[1] for day in graph.objects(part, SCHEMA.dayOfWeek))
        first = graph.value(part, SCHEMA.validFrom)
        when = days or [str(first), str(graph.value(part, SCHEMA.validThrough))]
        found.add(
            (*when, str(graph.value(part, SCHEMA.opens))[:5], str(graph.value(part, SCHEMA.closes))[:5])
        )
    return found


def test_weekly_hours_and_public_holidays_are_specified(client):
    assert hours_of(
        client, slots=[(0, "08:30", "12:00"), (4, "20:00", "00:00")], closed_on_public_holidays=True
    ) == {
        ("Monday", "08:30", "12:00"),
        ("Friday", "20:00", "23:59"),
        ("PublicHolidays", "00:00", "00:00"),
    }


def test_day_and_night_is_every_day(client):
    (part,) = hours_of(client, always_open=True)
    assert len(part) == 9
    assert part[-2:] == ("00:00", "23:59")


def test_exceptions_carry_their_days(client):
    day = datetime.date(2026, 5, 1)
    closed = {"first_day": day, "last_day": day, "reason": "opleiding"}
    assert hours_of(client, exception=closed) == {("2026-05-01", "2026-05-01", "00:00", "00:00")}
    other = {**closed, "opens": datetime.time(10), "closes": datetime.time(11)}
    assert hours_of(client, exception=other) == {("2026-05-01", "2026-05-01", "10:00", "11:00")}


def test_a_place_has_an_address_and_a_point_only_when_known(client):
    make_location(slug="leeg")
    make_location(
        slug="vol", street="Straat 1", postal_code="9000", city="Gent", latitude="51.05", longitude="3.72"
    )
    empty, full = (graph_of(client, f"/api/v1/locations/{slug}") for slug in ("leeg", "vol"))
    assert (None, SCHEMA.address, None) not in empty
    assert (None, SCHEMA.geo, None) not in empty
    assert str(next(full.objects(None, SCHEMA.streetAddress))) == "Straat 1"
    assert float(next(full.objects(None, SCHEMA.latitude))) == 51.05


def test_the_catalogue_leads_to_files_that_exist(client):
    graph = graph_of(client, "/open-data/catalog.jsonld")
    addresses = list(graph.objects(None, DCAT.downloadURL))
    assert len(addresses) > 15
    for address in addresses:
        answer = client.get(str(address))
        assert answer.status_code == 200
        assert body_of(answer)


def test_faults_stay_problem_documents(client):
    answer = client.get("/api/v1/units/niets", headers={"accept": "application/ld+json"})
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_what_has_no_linked_data_says_so(client):
    assert client.get("/api/v1/terms", headers={"accept": "application/ld+json"}).status_code == 406


def test_a_browser_still_gets_json(client, plan):
    answer = client.get("/api/v1/units/wijkdienst", headers={"accept": "text/html,*/*;q=0.8"})
    assert answer.headers["Content-Type"] == "application/json"


def test_caches_keep_both_apart(client, plan):
    plain = client.get("/api/v1/units/wijkdienst")
    linked = client.get("/api/v1/units/wijkdienst", headers={"accept": "application/ld+json"})
    assert "Accept" in linked.headers["Vary"]
    assert plain.headers["ETag"] != linked.headers["ETag"]
