"""Staffing tables, policies, figures, statements, documents and terms in the API."""

import datetime
from decimal import Decimal

import pytest

from tests.make import (
    make_document,
    make_grade,
    make_key_figure,
    make_organogram,
    make_placement,
    make_policy,
    make_policy_action,
    make_policy_domain,
    make_staffing_table,
    make_statement,
    make_unit,
)

pytestmark = pytest.mark.django_db


def get(client, path):
    answer = client.get(f"/api/v1/{path}")
    assert answer.status_code == 200
    return answer.json()


def test_a_staffing_table_gives_totals_and_lines_as_numbers(client):
    table = make_staffing_table(slug="f", total_ops=1181, total_calog=Decimal("241.50"))
    grade = make_grade(code="HCP", name="Hoofdcommissaris", category="OPS", rank=1)
    table.lines.create(grade=grade, count=7)
    body = get(client, "staffingTables/f")
    assert body["totals"] == {"OPS": 1181, "CALOG": 241.5}
    assert body["lines"] == [
        {
            "grade": {"code": "HCP", "name": "Hoofdcommissaris", "category": "OPS"},
            "count": 7,
            "measure": "posts",
        }
    ]


def test_a_total_that_is_not_split_stands_alone(client):
    make_staffing_table(slug="norm", kind="norm", total=1000)
    body = get(client, "staffingTables/norm")
    assert body["total"] == 1000
    assert "totals" not in body


def test_a_count_that_is_not_published_is_left_out(client):
    make_staffing_table(slug="f").lines.create(grade=make_grade(), count=None)
    assert "count" not in get(client, "staffingTables/f")["lines"][0]


def test_lines_stand_from_the_highest_grade_of_the_operational_staff_down(client):
    table = make_staffing_table(slug="f")
    for code, category, rank in (("B", "CALOG", 2), ("HCP", "OPS", 1), ("INP", "OPS", 4), ("A", "CALOG", 1)):
        table.lines.create(grade=make_grade(code=code, category=category, rank=rank), count=1)
    codes = [line["grade"]["code"] for line in get(client, "staffingTables/f")["lines"]]
    assert codes == ["HCP", "INP", "A", "B"]


def test_the_line_of_a_hidden_unit_is_not_shown(client):
    table, grade, organogram = make_staffing_table(slug="f"), make_grade(), make_organogram()
    top = make_placement(organogram)
    secret = make_placement(organogram, top, unit=make_unit(publication_level="withheld"))
    for place in (top, secret):
        table.lines.create(grade=grade, unit=place.unit, count=1)
    assert [line["unit"]["slug"] for line in get(client, "staffingTables/f")["lines"]] == [top.unit.slug]


def test_as_of_gives_the_table_in_force_of_each_kind(client):
    for slug, kind, year in (("old", "formation", 2018), ("new", "formation", 2021), ("norm", "norm", 2001)):
        make_staffing_table(slug=slug, kind=kind, valid_from=datetime.date(year, 1, 1))
    assert {item["slug"] for item in get(client, "staffingTables?asOf=2022-01-01")["items"]} == {
        "new",
        "norm",
    }
    assert [
        item["slug"] for item in get(client, "staffingTables?asOf=2020-01-01&kind=formation")["items"]
    ] == ["old"]


def test_the_formation_of_the_plan_adds_up(client, plan):
    body = get(client, "staffingTables/formatie-2021")
    sums = {"OPS": 0, "CALOG": 0}
    for line in body["lines"]:
        sums[line["grade"]["category"]] += line["count"]
    assert sums == body["totals"] == {"OPS": 1181, "CALOG": 241}


def test_a_policy_gives_its_domains_and_actions_in_order(client):
    policy = make_policy(slug="eco", stated_actions=12, period="2020-2025")
    for position, title in ((2, "Water"), (1, "Energie")):
        make_policy_domain(policy, title=title, position=position)
    domain = policy.domains.get(title="Energie")
    for position, title in ((2, "Tweede"), (1, "Eerste")):
        make_policy_action(domain, title=title, position=position)
    body = get(client, "policies/eco")
    assert [part["title"] for part in body["domains"]] == ["Energie", "Water"]
    assert body["domains"][0]["actions"] == [
        {"position": 1, "title": "Eerste"},
        {"position": 2, "title": "Tweede"},
    ]
    assert (body["statedActions"], body["period"]) == (12, "2020-2025")


def test_a_policy_found_by_many_of_its_actions_stands_there_once(client):
    domain = make_policy_domain(make_policy())
    make_policy_action(domain, title="Fietsen kopen")
    make_policy_action(domain, title="Fietsen herstellen")
    assert get(client, "policies?q=fietsen")["total"] == 1


@pytest.mark.parametrize(
    ("precision", "date"), [("year", "2021"), ("month", "2021-04"), ("day", "2021-04-01")]
)
def test_a_date_is_as_precise_as_it_is_known(client, precision, date):
    make_key_figure(slug="f", reference_date=datetime.date(2021, 4, 1), reference_precision=precision)
    assert get(client, "keyFigures/f")["referenceDate"] == date


def test_a_figure_without_a_value_has_none(client):
    make_key_figure(slug="f", value=None)
    assert not {"value", "valueMax", "referenceDate"} & set(get(client, "keyFigures/f"))


def test_a_range_has_two_values(client):
    make_key_figure(slug="f", value=10, value_max=Decimal("12.5"), qualifier="about", group="vehicles")
    body = get(client, "keyFigures/f")
    assert (body["value"], body["valueMax"], body["qualifier"], body["group"]) == (
        10,
        12.5,
        "about",
        "vehicles",
    )


def test_figures_can_be_limited_to_groups(client):
    for group in ("zone", "city", "vehicles"):
        make_key_figure(group=group)
    assert get(client, "keyFigures?group=zone&group=city")["total"] == 2


def test_statements_can_be_limited_to_a_kind(client):
    make_statement(kind="mission", text="Wij helpen.")
    make_statement(kind="slogan", text="Samen.")
    assert [item["text"] for item in get(client, "statements?kind=slogan")["items"]] == ["Samen."]


def test_a_document_for_staff_gives_its_address_and_says_so(client):
    make_document(
        slug="d", url="https://intern.example/d", access="internal", issued_on=datetime.date(2020, 1, 2)
    )
    body = get(client, "documents/d")
    assert (body["url"], body["access"], body["issuedOn"]) == (
        "https://intern.example/d",
        "internal",
        "2020-01-02",
    )


def test_a_stored_file_of_staff_is_not_offered(client):
    make_document(slug="staff", file="documents/a.pdf", access="internal")
    document = make_document(slug="open", file="documents/b.pdf")
    assert "fileUrl" not in get(client, "documents/staff")
    address = f"http://testserver/bestanden/document/{document.pk}/file"
    assert get(client, "documents/open")["fileUrl"] == address


def test_notes_for_editors_are_never_shown(client):
    make_document(slug="d", editor_note="Twijfel over de datum.")
    assert "Twijfel" not in client.get("/api/v1/documents/d").content.decode()
