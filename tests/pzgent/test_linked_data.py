"""The linked data: parsed by rdflib, held to the shapes, and the same as the JSON."""

import datetime
from functools import cache

import pytest
from django.conf import settings
from pyshacl import validate
from rdflib import Graph, Literal, Namespace, URIRef
from rdflib.namespace import DCAT, DCTERMS, FOAF, ORG, OWL, RDF, RDFS, SH, SKOS, XSD

from organisation.models import Succession
from pzgent.api.about import CODE_LISTS
from pzgent.kernel.rest.linked import CONTEXT
from pzgent.kernel.zone import check_kbo_number
from pzgent.models import Zone
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
from tests.thinning import share

pytestmark = [
    pytest.mark.django_db,
    # rdflib warns of its own parts.
    pytest.mark.filterwarnings("ignore::DeprecationWarning:(rdflib|pyshacl).*"),
]
SCHEMA = Namespace("https://schema.org/")
OSLO = Namespace("https://data.vlaanderen.be/ns/organisatie#")
LOCN = Namespace("http://www.w3.org/ns/locn#")
ADMS = Namespace("http://www.w3.org/ns/adms#")
M8G = Namespace("http://data.europa.eu/m8g/")
VCARD = Namespace("http://www.w3.org/2006/vcard/ns#")
UNIT = "wijkdienst"
# What the catalogue names of the lists of the European Union.
OF_EUROPE = (
    "Frequency", "LicenseDocument", "LinguisticSystem", "Location", "MediaType", "MediaTypeOrExtent",
    "RightsStatement", "Standard",
)  # fmt: skip
FOLDER = settings.BASE_DIR / "tests/shapes"
SHAPES = FOLDER / "portal.ttl"
OFFICIAL = ("cpov-2.1.2.ttl", "dcat-ap-3.0.1.ttl", "dcat-ap-3.0.1-range.ttl")
LISTS = ["units", "channels", "locations", "projects"]
ALL_CHANGES = "/api/v1/organogramChanges?pageSize=100&from=2021-05-01&to=2021-10-01"


def graph_of(client, address):
    answer = client.get(address, headers={"accept": "application/ld+json"})
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/ld+json"
    return Graph().parse(data=answer.content, format="json-ld")


def faults_of(graph):
    """What breaks a promise, as text; nothing when all are kept."""
    found = [validate(graph, shacl_graph=shapes) for shapes in (str(SHAPES), official_shapes())]
    return "\n".join(text for kept, _report, text in found if not kept)


@cache
def official_shapes():
    """The shapes of the European profiles for public organisations and for data catalogues."""
    shapes = Graph()
    for name in OFFICIAL:
        shapes.parse(FOLDER / name)
    return shapes


def items_of(client, collection):
    """A share of the items of a collection as their own addresses show them, as one graph; and how many."""
    graph, hrefs, address = Graph(), [], f"/api/v1/{collection}?pageSize=100"
    while address:
        page = client.get(address).json()
        hrefs += [item["href"] for item in page["items"]]
        address = page.get("next")
    asked = share(hrefs, 0, of=5)
    for href in asked:
        graph += graph_of(client, href)
    return graph, len(asked)


@pytest.mark.once
@pytest.mark.parametrize("collection", LISTS)
def test_every_item_of_the_plan_keeps_its_promises(client, plan, collection):
    graph, number = items_of(client, collection)
    assert len(set(graph.subjects(DCTERMS.modified))) == number
    assert faults_of(graph) == ""


@pytest.mark.parametrize(
    "address",
    [
        *(f"/api/v1/{collection}?pageSize=100" for collection in LISTS),
        "/api/v1/organogram?asOf=2021-05-01",
        "/api/v1/organogram",
        ALL_CHANGES,
        "/open-data/catalog.jsonld",
        "/api/v1/organogram?root=wijkdienst",
        "/api/v1/refData",
        *(f"/api/v1/refData/{name}" for name in CODE_LISTS),
    ],
)
@pytest.mark.once
def test_the_lists_of_the_plan_keep_their_promises(client, plan, address):
    graph = graph_of(client, address)
    assert len(graph) > 5
    assert faults_of(graph) == ""


def broken(text):
    """A graph in Turtle, with the vocabularies of the portal."""
    known = "".join(f"@prefix {name}: <{space}> .\n" for name, space in CONTEXT.items())
    return Graph().parse(data=f"{known}{text}", format="turtle")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("<urn:x> a org:OrganizationalUnit, schema:GovernmentOrganization", "prefLabel"),
        ("<urn:x> a org:OrganizationalUnit", "GovernmentOrganization"),
        ("<urn:x> org:unitOf <urn:y> ; a schema:GovernmentOrganization", "PublicOrganisation"),
        ("<urn:x> a skos:Concept ; skos:prefLabel 'eenheid'", "langString"),
        ("<urn:x> a skos:ConceptScheme", "title"),
        ("<urn:x> a org:ChangeEvent ; dct:type 'merged' ; dct:isPartOf <urn:o>", "originalOrganization"),
        ("<urn:x> a organisatie:Fusie", "ChangeEvent"),
        ("<urn:x> a m8g:FoundationEvent, org:ChangeEvent", "resultingOrganization"),
        (
            "[] a dct:PeriodOfTime ; dcat:startDate '2022-01-01'^^xsd:date ; dcat:endDate '2021-01-01'^^xsd:date",
            "less",
        ),
        ("<urn:x> a schema:CreativeWork", "valid"),
        ("<urn:x> a schema:ContactPoint ; schema:telephone '09/266'", "telephone"),
        ("<urn:x> a schema:ContactPoint ; schema:fax '1'", "closed"),
        ("[] a schema:OpeningHoursSpecification ; schema:opens '08:00'", "opens"),
        ("[] a schema:OpeningHoursSpecification ; schema:validFrom '2026-01-01'^^xsd:date", "MinCount"),
        ("<urn:x> a schema:PoliceStation", "Site"),
        ("[] a schema:PostalAddress ; schema:postalCode '900'", "postalCode"),
        ("[] a locn:Address", "fullAddress"),
        ("[] a schema:GeoCoordinates ; schema:latitude 100 ; schema:longitude 3", "latitude"),
        ("<urn:x> a foaf:Project ; dct:identifier 'X'", "identifier"),
        ("<urn:x> a dcat:Catalog", "dataset"),
        ("<urn:x> a dcat:Dataset", "accrualPeriodicity"),
        ("<urn:x> a dcat:Distribution", "accessURL"),
        ("<urn:x> a dcat:DataService", "endpointURL"),
        ("[] a vcard:Organization", "fn"),
        ("<urn:x> a foaf:Agent", "name"),
    ],
)
def test_a_broken_promise_is_found(text, fault):
    assert fault.casefold() in faults_of(broken(f"{text} .")).casefold()


def test_every_kind_of_node_has_a_shape(client, plan):
    shapes = Graph().parse(SHAPES)
    shaped = set(shapes.objects(None, SH.targetClass))
    found = set()
    for address in (f"/api/v1/units/{UNIT}", "/api/v1/organogram", ALL_CHANGES, "/open-data/catalog.jsonld"):
        found |= set(graph_of(client, address).objects(None, RDF.type))
    for collection in ("channels", "locations", "projects"):
        found |= set(graph_of(client, f"/api/v1/{collection}").objects(None, RDF.type))
    # These say the same of a node once more, in a second vocabulary, or are held to a shape where they are used.
    twice = {SCHEMA.Project, FOAF.Document, M8G.PublicOrganisation, M8G.ContactPoint, VCARD.Kind}
    elsewhere = {DCTERMS[name] for name in OF_EUROPE} | {RDFS.Resource}
    assert found - shaped <= twice | elsewhere


def edges_of(place, above=None):
    yield (place["slug"], above, place["name"], place["kind"])
    for child in place.get("children", ()):
        yield from edges_of(child, place["slug"])


def tree_of(graph):
    """The organogram as a graph tells it: slug, slug of the unit above, name and kind of each unit."""
    slugs = {unit: str(slug) for unit, slug in graph.subject_objects(ORG.identifier)}
    return {
        (
            slug,
            slugs.get(graph.value(unit, ORG.subOrganizationOf)),
            str(graph.value(unit, SKOS.prefLabel)),
            str(graph.value(unit, ORG.classification)).rsplit("#", 1)[1],
        )
        for unit, slug in slugs.items()
    }


def test_every_edition_of_the_organogram_comes_back_whole(client, plan):
    editions = client.get("/api/v1/organograms").json()["items"]
    assert len(editions) == 2
    for edition in editions:
        shown = client.get(edition["structure"]).json()
        # Once around: to RDF, to another notation, and back.
        text = graph_of(client, edition["structure"]).serialize(format="nt")
        graph = Graph().parse(data=text, format="nt")
        assert tree_of(graph) == set(edges_of(shown["root"]))
        assert graph.value(URIRef(shown["href"]), DCTERMS.valid).toPython().isoformat() == shown["validFrom"]
        downward = set(graph.subject_objects(ORG.hasUnit))
        assert downward == {(above, below) for below, above in graph.subject_objects(ORG.subOrganizationOf)}
        assert downward == set(graph.subject_objects(ORG.hasSubOrganization))
        assert len(downward) == len(tree_of(graph)) - 1


@pytest.mark.parametrize(
    "address", ["units?pageSize=100", f"units/{UNIT}", "organogram", f"organogram?root={UNIT}"]
)
def test_every_unit_is_one_of_the_zone_and_a_part_of_its_neighbour(client, plan, address):
    graph = graph_of(client, f"/api/v1/{address}")
    zone = URIRef(client.get("/api/v1/units?pageSize=1").json()["items"][0]["href"])
    assert (zone, RDF.type, M8G.PublicOrganisation) in graph
    assert set(graph.objects(None, ORG.unitOf)) == {zone}
    named = set(graph.subjects(SKOS.prefLabel)) & set(graph.subjects(RDF.type, ORG.OrganizationalUnit))
    assert named == set(graph.subjects(ORG.unitOf)) != set()
    parents = {item["href"]: item["parent"]["href"] for item in pages_of(client, "units") if "parent" in item}
    told = {str(unit): str(above) for unit, above in graph.subject_objects(ORG.subOrganizationOf)}
    assert told.items() <= parents.items()
    assert len(told) >= len(named) - (address.endswith(f"root={UNIT}"))


def pages_of(client, collection):
    """The items of every page of a collection."""
    address, items = f"/api/v1/{collection}?pageSize=100", []
    while address:
        page = client.get(address).json()
        items += page["items"]
        address = page.get("next")
    return items


def test_the_zone_is_the_same_as_on_the_pages_and_in_the_catalogue(client, plan):
    graph = graph_of(client, "/api/v1/organogram") + graph_of(client, "/open-data/catalog.jsonld")
    [same] = graph.objects(None, OWL.sameAs)
    assert (same, RDF.type, M8G.PublicOrganisation) in graph
    assert set(graph.objects(None, DCTERMS.publisher)) == {same}


@pytest.mark.once
def test_the_zone_names_its_entry_in_the_register_of_enterprises(client, plan):
    number = "0888888895"
    check_kbo_number(number)
    Zone.objects.update(kbo_number=number)
    entry = URIRef(f"https://org.belgif.be/id/CbeRegisteredEntity/{number}")
    for address in ("/api/v1/units/politiezone-gent", "/api/v1/organogram", "/open-data/catalog.jsonld"):
        graph = graph_of(client, address)
        [zone] = graph.subjects(OWL.sameAs, entry)
        assert graph.value(zone, SCHEMA.sameAs) == entry
        identifier = graph.value(zone, ADMS.identifier)
        assert graph.value(identifier, SKOS.notation) == Literal(number)
        assert faults_of(graph) == ""
    for address in ("/", "/contact/scholen", "/eenheden/politiezone-gent"):
        page = client.get(address).content.decode()
        assert f'"propertyID":"KBO","value":"{number}"' in page
        assert f'"sameAs":"{entry}"' in page
    assert f'href="{entry}"' in client.get("/over").content.decode()
    assert str(entry) not in client.get("/eenheden/wijkdienst").content.decode()


def test_a_unit_names_the_organisation_of_which_it_is_one(client, plan):
    first, second = client.get("/api/v1/units?pageSize=2").json()["items"]
    assert "organisation" not in first
    assert second["organisation"] == {name: first[name] for name in ("slug", "name", "href")}
    branch = client.get(f"/api/v1/organogram?root={UNIT}").json()
    assert branch["organisation"] == second["organisation"]
    assert "organisation" not in client.get("/api/v1/organogram").json()


@pytest.mark.parametrize("name", CODE_LISTS)
def test_a_code_list_is_a_scheme_with_a_label_in_each_language(client, name):
    graph = graph_of(client, f"/api/v1/refData/{name}")
    [scheme] = graph.subjects(RDF.type, SKOS.ConceptScheme)
    shown = client.get(f"/api/v1/refData/{name}").json()["items"]
    concepts = {
        str(graph.value(concept, SKOS.notation)): concept
        for concept in graph.objects(scheme, SKOS.hasTopConcept)
    }
    assert sorted(concepts) == sorted(item["code"] for item in shown)
    for item in shown:
        labels = {
            label.language: str(label) for label in graph.objects(concepts[item["code"]], SKOS.prefLabel)
        }
        assert (set(labels), labels["nl"]) == ({"nl", "fr", "en", "de"}, item["label"])


def test_a_code_leads_to_its_concept(client, plan):
    graph = graph_of(client, "/api/v1/organogram") + graph_of(client, "/api/v1/refData/unitKinds")
    for concept in set(graph.objects(None, ORG.classification)):
        assert graph.value(concept, SKOS.notation)


def test_a_tree_deeper_than_the_stack_is_shown(client):
    organogram, place = make_organogram(), None
    for _number in range(60):
        place = make_placement(organogram, place)
    graph = graph_of(client, "/api/v1/organogram")
    assert len(tree_of(graph)) == 60


def test_the_changes_between_two_days_are_events(client, plan):
    shown = client.get(ALL_CHANGES).json()["items"]
    graph = graph_of(client, ALL_CHANGES)
    events = set(graph.subjects(RDF.type, ORG.ChangeEvent))
    assert len(events) == len(shown) > 0
    created = {item["unit"]["href"] for item in shown if item["kind"] == "created"}
    assert created == {
        str(graph.value(event, ORG.resultingOrganization))
        for event in graph.subjects(RDF.type, URIRef("http://data.europa.eu/m8g/FoundationEvent"))
    }
    (period,) = {
        tuple(
            str(graph.value(graph.value(event, DCTERMS.temporal), part))
            for part in (DCAT.startDate, DCAT.endDate)
        )
        for event in events
    }
    assert period == (shown[0]["from"]["validFrom"], shown[0]["to"]["validFrom"])


def test_linked_data_are_always_whole(client, plan):
    answer = client.get("/api/v1/units?select=slug", headers={"accept": "application/ld+json"})
    assert answer.status_code == 400
    assert answer.json()["issues"][0]["name"] == "select"


def test_a_page_of_linked_data_has_the_items_of_the_page(client, plan):
    graph = graph_of(client, "/api/v1/projects?pageSize=7&page=2")
    shown = client.get("/api/v1/projects?pageSize=7&page=2").json()["items"]
    assert set(map(str, graph.subjects(RDF.type, FOAF.Project))) == {item["href"] for item in shown}


def test_what_became_of_a_unit_is_an_event(client):
    old, new = make_organogram(), make_organogram()
    gone, heir = make_unit(name="Oud", slug="oud"), make_unit(name="Nieuw", slug="nieuw")
    make_placement(old, unit=gone)
    make_placement(new, unit=heir)
    Succession.objects.create(organogram=new, from_unit=gone, to_unit=heir, kind="replaced")
    graph = graph_of(client, "/api/v1/units/oud")
    event = graph.value(None, RDF.type, ORG.ChangeEvent)
    assert (event, RDF.type, OSLO.Vervanging) in graph
    assert str(graph.value(event, ORG.originalOrganization)).endswith("/oud")
    assert str(graph.value(event, ORG.resultingOrganization)).endswith("/nieuw")
    assert graph.value(event, DCTERMS.date) == Literal(new.valid_from, datatype=XSD.date)
    assert faults_of(graph) == ""


@pytest.fixture
def merger():
    """Two units that became one."""
    old, new = make_organogram(), make_organogram()
    root = make_unit(slug="korps")
    above, now = make_placement(old, unit=root), make_placement(new, unit=root)
    heir = make_unit(name="Nieuw", slug="nieuw")
    make_placement(new, now, unit=heir)
    for slug in ("oud-1", "oud-2"):
        gone = make_unit(name=slug, slug=slug)
        make_placement(old, above, unit=gone)
        Succession.objects.create(organogram=new, from_unit=gone, to_unit=heir, kind="merged")
    return old, new


def test_a_merger_is_one_event_from_whichever_unit_one_comes(client, merger):
    old, new = merger
    days = f"from={old.valid_from}&to={new.valid_from}"
    views = [f"/api/v1/units/{slug}" for slug in ("oud-1", "oud-2", "nieuw")]
    graph = Graph()
    for address in [*views, f"/api/v1/organogramChanges?{days}"]:
        graph += graph_of(client, address)
    (event,) = graph.subjects(RDF.type, OSLO.Fusie)
    slugs = {str(unit).rsplit("/", 1)[1] for unit in graph.objects(event, ORG.originalOrganization)}
    assert slugs == {"oud-1", "oud-2"}
    assert [str(unit).rsplit("/", 1)[1] for unit in graph.objects(event, ORG.resultingOrganization)] == [
        "nieuw"
    ]


def test_a_unit_that_ended_names_its_successors_in_the_changes(client, merger):
    old, new = merger
    shown = client.get(f"/api/v1/organogramChanges?from={old.valid_from}&to={new.valid_from}").json()["items"]
    merged = [item for item in shown if item["kind"] == "merged"]
    assert [item["successors"][0]["slug"] for item in merged] == ["nieuw", "nieuw"]
    assert merged[0]["to"]["slug"] == new.slug


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


def test_the_place_of_a_desk_is_open_when_the_desk_is(client):
    hours = make_schedule((0, "08:30", "12:00"))
    make_exception(hours, reason="verbouwing")
    place = make_location(slug="vol")
    channel = make_channel(schedule=hours, kind="desk", value="", location=place)
    graph = graph_of(client, f"/api/v1/channels/{channel.pk}")
    station = graph.value(None, RDF.type, SCHEMA.PoliceStation)
    assert str(station).endswith("/api/v1/locations/vol")
    regular = graph.value(station, SCHEMA.openingHoursSpecification)
    special = graph.value(station, SCHEMA.specialOpeningHoursSpecification)
    assert str(graph.value(regular, SCHEMA.opens)) == "08:30:00"
    assert str(graph.value(special, SCHEMA.description)) == "verbouwing"
    assert (station, SCHEMA.contactPoint, URIRef(f"http://testserver/api/v1/channels/{channel.pk}")) in graph
    assert faults_of(graph + graph_of(client, "/api/v1/locations/vol")) == ""


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
    assert str(next(full.objects(None, LOCN.fullAddress))) == "Straat 1, 9000 Gent"
    assert faults_of(empty + full) == ""


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
