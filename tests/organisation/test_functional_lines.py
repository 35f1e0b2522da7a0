"""Lines beside the tree: a unit that another one also steers, or to which it also reports."""

import csv
import io

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse

from organisation.models import FunctionalLine, LineKind, Organogram, Unit
from pzgent.worker import bring_up_to_date
from tests.browser import form_data
from tests.make import make_document, make_organogram, make_placement, make_unit
from tests.pages import body_of, count_queries, faults_of, text_of

pytestmark = pytest.mark.django_db
UNITS = "/api/v1/units"


@pytest.fixture
def places(db):
    """A top with two services, a team below the first, and a line from that team to the second."""
    organogram = make_organogram(slug="o-1")
    top = make_placement(organogram, unit=make_unit(slug="korps", name="Korps"))
    one = make_placement(organogram, top, unit=make_unit(slug="een", name="Dienst een"))
    two = make_placement(organogram, top, unit=make_unit(slug="twee", name="Dienst twee"))
    team = make_placement(organogram, one, unit=make_unit(slug="team", name="Team"))
    make_line(team, two)
    return {"top": top, "one": one, "two": two, "team": team}


def make_line(place, above, **changes):
    values = {"organogram": place.organogram, "unit": place.unit, "above": above.unit, **changes}
    return FunctionalLine.objects.create(**values)


def test_a_unit_and_the_one_that_also_steers_it_name_each_other(client, places):
    source = make_document(slug="plan", title="Het plan")
    FunctionalLine.objects.update(note="Voor de cijfers.", source=source, source_place="13.1")
    team = client.get(f"{UNITS}/team").json()
    (line,) = team["alsoUnder"]
    assert (line["slug"], line["name"], line["kind"]) == ("twee", "Dienst twee", "steered")
    assert (line["kindLabel"], line["note"]) == ("wordt ook aangestuurd door", "Voor de cijfers.")
    assert (line["source"]["document"], line["source"]["place"]) == ("plan", "13.1")
    assert line["href"].endswith("/api/v1/units/twee")
    assert team["parent"]["slug"] == "een"
    assert "alsoOver" not in team
    (line,) = client.get(f"{UNITS}/twee").json()["alsoOver"]
    assert (line["slug"], line["name"]) == ("team", "Team")


def test_lists_files_and_the_feed_have_it_too(client, places):
    shown = {item["slug"]: item.get("alsoUnder") for item in client.get(UNITS).json()["items"]}
    assert [slug for slug, lines in shown.items() if lines] == ["team"]
    file = io.StringIO(body_of(client.get("/api/v1/exports/units.csv")).decode(), newline="")
    assert [row["slug"] for row in csv.DictReader(file) if row["alsoUnder"] == "twee"] == ["team"]
    bring_up_to_date()
    changes = client.get("/api/v1/changes?collection=units").json()
    FunctionalLine.objects.update(kind=LineKind.REPORTS)
    bring_up_to_date()
    (change,) = client.get(f"/api/v1/changes?collection=units&after={changes['last']}").json()["items"]
    assert (change["item"]["slug"], change["item"]["alsoUnder"][0]["kind"]) == ("team", "reports")


def test_units_can_be_found_and_embedded_by_it(client, places):
    found = client.get(f"{UNITS}?alsoUnder=twee&embed=alsoUnder").json()
    assert [item["slug"] for item in found["items"]] == ["team"]
    (embedded,) = found["embedded"].values()
    assert embedded["name"] == "Dienst twee"
    assert client.get(f"{UNITS}?alsoUnder=een").json()["total"] == 0
    assert client.get(f"{UNITS}?alsoUnder=niets").status_code == 400
    embedded = client.get(f"{UNITS}/een?embed=children").json()["embedded"]
    assert [line["slug"] for unit in embedded.values() for line in unit["alsoUnder"]] == ["twee"]


def test_a_line_belongs_to_its_organogram(client, places):
    newer = make_organogram(slug="o-2")
    top = make_placement(newer, unit=places["top"].unit)
    for name in ("two", "team"):
        make_placement(newer, top, unit=places[name].unit)
    assert "alsoUnder" not in client.get(f"{UNITS}/team").json()
    day = places["top"].organogram.valid_from.isoformat()
    assert client.get(f"{UNITS}/team?asOf={day}").json()["alsoUnder"][0]["slug"] == "twee"


@pytest.mark.parametrize("name", ["team", "two", "one"])
def test_nothing_is_told_of_a_hidden_end(client, places, name):
    Unit.objects.filter(pk=places[name].unit_id).update(publication_level="withheld")
    whole = body_of(client.get("/api/v1/exports/organisation.json")).decode()
    assert "alsoUnder" not in whole
    assert client.get(f"{UNITS}?alsoUnder=korps").json()["total"] == 0
    for slug in ("team", "twee"):
        assert "wordt ook aangestuurd" not in text_of(client.get(f"/eenheden/{slug}"))


def test_the_pages_of_both_units_show_it(client, places):
    FunctionalLine.objects.update(note="Voor de cijfers.", source_place="13.1")
    team, two = (client.get(f"/eenheden/{slug}") for slug in ("team", "twee"))
    assert "Wordt ook aangestuurd door: Dienst twee Voor de cijfers." in text_of(team)
    assert "Team wordt ook aangestuurd door Dienst twee" in text_of(two)
    assert '<a href="/eenheden/twee">Dienst twee</a>' in team.content.decode()
    assert [faults_of(answer.content.decode()) for answer in (team, two)] == [[], []]
    assert "Lijnen naast de boom" not in text_of(client.get("/eenheden/een"))


def test_the_table_of_the_organogram_shows_it(client, places):
    assert "wordt ook aangestuurd door: Dienst twee" in text_of(client.get("/organogram?vorm=tabel"))


def test_a_unit_with_lines_costs_no_query_more(client, places):
    plain = count_queries(client, "/eenheden/een")
    assert count_queries(client, "/eenheden/team") == plain


def test_the_linked_data_say_it_in_terms_of_w3c(client, places):
    headers = {"accept": "application/ld+json"}
    address = client.get(f"{UNITS}/twee").json()["href"]
    team = client.get(f"{UNITS}/team", headers=headers).json()
    assert team["org:linkedTo"] == [{"@id": address}]
    assert team["org:subOrganizationOf"]["@id"].endswith("/een")
    FunctionalLine.objects.update(kind=LineKind.REPORTS)
    assert client.get(f"{UNITS}/team", headers=headers).json()["org:reportsTo"] == [{"@id": address}]


@pytest.mark.parametrize(("above", "kind"), [("team", "steered"), ("two", "reports"), ("top", "zomaar")])
def test_the_database_refuses_itself_a_second_line_and_another_kind(places, above, kind):
    with pytest.raises(IntegrityError), transaction.atomic():
        make_line(places["team"], places[above], kind=kind)


def test_two_units_may_steer_each_other(places):
    make_line(places["two"], places["team"])
    assert FunctionalLine.objects.shown().count() == 2


def test_a_unit_without_a_place_in_the_organogram_is_refused(places):
    line = FunctionalLine(
        organogram=places["team"].organogram, unit=places["team"].unit, above=make_unit(name="Elders")
    )
    with pytest.raises(ValidationError, match="geen plaats in dat organogram"):
        line.full_clean()


def test_a_copy_of_an_organogram_has_the_same_lines(places, admin_client):
    source = places["team"].organogram
    page = reverse("admin:organisation_organogram_duplicate", args=[source.pk])
    admin_client.post(page, {"title": "Kopie", "valid_from": "2030-01-01"})
    draft = Organogram.objects.get(status="draft")
    ends = ("unit__slug", "above__slug", "kind")
    assert list(draft.lines.values_list(*ends)) == [("team", "twee", "steered")]
    assert source.lines.count() == 1


def test_an_editor_draws_a_line(places, admin_client, client):
    organogram = places["team"].organogram
    address = reverse("admin:organisation_organogram_change", args=[organogram.pk])
    values = form_data(admin_client.get(address))
    line = {
        "unit": places["one"].unit_id,
        "above": places["two"].unit_id,
        "kind": "reports",
        "basis": "derived",
    }
    added = {"lines-TOTAL_FORMS": "2", **{f"lines-1-{name}": str(value) for name, value in line.items()}}
    assert admin_client.post(address, {**values, **added}).status_code == 302
    drawn = client.get(f"{UNITS}/een").json()["alsoUnder"][0]
    assert (drawn["kindLabel"], drawn["basisLabel"]) == ("rapporteert ook aan", "afgeleid")


def test_the_diversity_manager_reports_to_the_chief_as_the_plan_says(client, plan):
    for day in ("2021-05-01", "2021-10-01"):
        unit = client.get(f"{UNITS}/diversiteitsmanager?asOf={day}").json()
        assert unit["parent"]["slug"] != "korpschef"
        (line,) = unit["alsoUnder"]
        assert (line["slug"], line["kind"], line["source"]["place"]) == ("korpschef", "reports", "13.5.2 d")


def test_the_information_officer_reports_to_two_as_the_plan_says(client, plan):
    lines = client.get(f"{UNITS}/information-officer").json()["alsoUnder"]
    assert {(line["slug"], line["kind"]) for line in lines} == {
        ("directeur-operaties", "reports"),
        ("korpschef", "reports"),
    }
