"""Posts and bodies that lead a unit, on pages, in the API, the files and the search."""

import csv
import io

import pytest

from organisation.models import FunctionalLine, LineKind, Unit, UnitKind
from organisation.search import Units
from tests.make import make_document, make_organogram, make_placement, make_unit
from tests.pages import body_of, count_queries, faults_of, text_of

pytestmark = pytest.mark.django_db
UNITS = "/api/v1/units"


@pytest.fixture
def places(db):
    """A directorate with the post that leads it, and a service beside it."""
    organogram = make_organogram()
    top = make_placement(organogram, unit=make_unit(slug="korps", name="Korps"))
    unit = make_placement(organogram, top, unit=make_unit(slug="directie", name="Directie"))
    post = make_placement(
        organogram, unit, unit=make_unit(slug="directeur", name="Directeur"), kind=UnitKind.FUNCTIE
    )
    source = make_document(slug="plan", title="Het plan")
    FunctionalLine.objects.create(
        organogram=organogram,
        unit=unit.unit,
        above=post.unit,
        kind=LineKind.LED,
        note="Met een adjunct",
        source=source,
        source_place="13.6",
    )
    return {"top": top, "unit": unit, "post": post}


def test_a_unit_names_the_post_that_leads_it_and_the_post_its_unit(client, places):
    unit, post = (client.get(f"{UNITS}/{slug}").json() for slug in ("directie", "directeur"))
    (line,) = unit["ledBy"]
    assert (line["slug"], line["kind"], line["kindLabel"]) == ("directeur", "led", "wordt geleid door")
    assert (line["note"], line["source"]["place"]) == ("Met een adjunct", "13.6")
    assert [line["slug"] for line in post["leads"]] == ["directie"]


def test_it_is_no_line_beside_the_tree(client, places):
    for slug in ("directie", "directeur"):
        shown = client.get(f"{UNITS}/{slug}").json()
        assert not {"alsoUnder", "alsoOver"} & set(shown)
        assert "Lijnen naast de boom" not in text_of(client.get(f"/eenheden/{slug}"))
    assert client.get(f"{UNITS}?alsoUnder=directeur").json()["total"] == 0


def test_units_are_found_by_what_leads_them(client, places):
    found = client.get(f"{UNITS}?ledBy=directeur&embed=ledBy").json()
    assert [item["slug"] for item in found["items"]] == ["directie"]
    assert [item["slug"] for item in found["embedded"].values()] == ["directeur"]
    assert client.get(f"{UNITS}?ledBy=directie").json()["total"] == 0


def test_the_files_have_a_table_of_leaders(client, places):
    file = io.StringIO(body_of(client.get("/api/v1/exports/unitLeaders.csv")).decode(), newline="")
    rows = [row for row in csv.DictReader(file) if row["unit.slug"] == "directie"]
    assert [(row["above.slug"], row["kind"]) for row in rows] == [("directeur", "led")]


def test_both_pages_show_it_under_a_heading_of_its_own(client, places):
    unit, post = (client.get(f"/eenheden/{slug}") for slug in ("directie", "directeur"))
    assert "Leiding Directeur Met een adjunct Bron" in text_of(unit)
    assert "Leidt Directie Met een adjunct" in text_of(post)
    assert '<a href="/eenheden/directeur">Directeur</a>' in unit.content.decode()
    assert [faults_of(answer.content.decode()) for answer in (unit, post)] == [[], []]
    assert "Leiding" not in text_of(client.get("/eenheden/korps"))


def test_a_led_unit_costs_no_query_more(client, places):
    plain = count_queries(client, "/eenheden/korps")
    assert count_queries(client, "/eenheden/directie") == plain


@pytest.mark.parametrize("name", ["unit", "post"])
def test_nothing_is_told_of_a_hidden_end(client, places, name):
    Unit.objects.filter(pk=places[name].unit_id).update(publication_level="withheld")
    whole = body_of(client.get("/api/v1/exports/organisation.json")).decode()
    assert "ledBy" not in whole
    assert client.get(f"{UNITS}?ledBy=korps").json()["total"] == 0


def test_the_search_finds_a_post_as_the_head_of_its_unit(places):
    texts = {text.item.slug: text for text in Units().texts("nl")}
    assert "hoofd Directie" in texts["directeur"].aliases


LED_BY = {
    "politiezone-gent": {"korpschef"},
    "directie-beheer": {"directeur-beheer", "adjunct-directeur-beheer"},
    "directie-operaties": {"directeur-operaties"},
    "stafdienst": {"diensthoofd-stafdienst"},
    "dienst-financien-en-middelen": {"diensthoofd-financien-en-middelen"},
    "commissariaat-wondelgem": {"wijkcommissaris", "wijkcoach"},
    "interventiepeloton-7": {"commissaris-interventiepeloton"},
    "afdeling-zonale-sturing": {"afdelingshoofd-zonale-sturing"},
    "wijkdienst": {"wijkdirectie"},
}


def test_the_units_of_the_plan_are_led_as_it_says(client, plan):
    shown = {
        item["slug"]: item for item in client.get(f"{UNITS}?pageSize=100&ledBy=korpschef").json()["items"]
    }
    assert set(shown) == {"politiezone-gent", "diensten-van-de-korpschef", "adviseurs-van-de-korpschef"}
    found = {
        slug: {line["slug"] for line in client.get(f"{UNITS}/{slug}").json()["ledBy"]} for slug in LED_BY
    }
    assert found == LED_BY


def test_the_posts_that_the_plan_names_are_there(client, plan):
    posts = Unit.objects.filter(placements__kind=UnitKind.FUNCTIE).distinct()
    assert posts.count() == 46
    assert not posts.filter(source_place="").exists()
