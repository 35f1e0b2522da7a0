"""Partners outside the police, on pages, in the API, the files, the search and the admin."""

import csv
import io

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse

from organisation.models import Partner, PartnerKind, Unit
from organisation.search import Partners
from tests.browser import form_data
from tests.make import MAKERS, make_organogram, make_placement, make_unit
from tests.pages import body_of, count_queries, faults_of, text_of

pytestmark = pytest.mark.django_db
PARTNERS = "/api/v1/partners"


def make_partner(*units, **changes):
    partner = MAKERS[Partner](**{"kind": PartnerKind.CITY, **changes})
    partner.units.set(units)
    return partner


@pytest.fixture
def service(db):
    """A service of a force, that works with a partner."""
    organogram = make_organogram()
    top = make_placement(organogram, unit=make_unit(slug="korps", name="Korps"))
    service = make_placement(organogram, top, unit=make_unit(slug="wijk", name="Wijkdienst")).unit
    make_partner(
        service,
        slug="burgerzaken",
        name="Burgerzaken",
        summary="Zij krijgen advies.",
        url="https://stad.example",
    )
    return service


def test_the_list_names_each_partner_under_its_kind_with_its_units(client, service):
    make_partner(slug="parket", name="Parket", kind=PartnerKind.JUSTICE)
    answer = client.get("/partners")
    text, html = text_of(answer), answer.content.decode()
    assert "Stad en stadsdiensten (1)" in text
    assert 'href="/eenheden/wijk">Wijkdienst</a>' in html
    assert 'href="https://stad.example" rel="external noopener"' in html
    assert text.index("Burgerzaken") < text.rindex("Gerecht (1)") < text.rindex("Parket")
    assert faults_of(html) == []


def test_the_page_of_a_unit_names_whom_it_works_with(client, service):
    answer = client.get("/eenheden/wijk")
    assert "Werkt samen met Burgerzaken" in text_of(answer)
    assert 'href="/partners#burgerzaken"' in answer.content.decode()
    assert "Werkt samen met" not in text_of(client.get("/eenheden/korps"))


def test_a_unit_with_partners_costs_no_query_more(client, service):
    plain = count_queries(client, "/eenheden/korps")
    assert count_queries(client, "/eenheden/wijk") == plain


def test_the_api_has_partners_of_units_and_units_of_partners(client, service):
    make_partner(slug="parket", name="Parket", kind=PartnerKind.JUSTICE)
    item = client.get(f"{PARTNERS}/burgerzaken").json()
    assert (item["kind"], item["kindLabel"], item["url"]) == (
        "city",
        "stad en stadsdiensten",
        "https://stad.example",
    )
    assert [unit["slug"] for unit in item["units"]] == ["wijk"]
    assert [each["slug"] for each in client.get("/api/v1/units/wijk").json()["partners"]] == ["burgerzaken"]
    for query in ("kind=city", "unit=wijk", "q=advies"):
        found = client.get(f"{PARTNERS}?{query}").json()["items"]
        assert [each["slug"] for each in found] == ["burgerzaken"], query
    embedded = client.get(f"{PARTNERS}/burgerzaken?embed=units").json()["embedded"]
    assert [each["slug"] for each in embedded.values()] == ["wijk"]


def test_the_files_have_a_table_of_partners_and_units(client, service):
    file = io.StringIO(body_of(client.get("/api/v1/exports/partnerUnits.csv")).decode(), newline="")
    assert [(row["partner.slug"], row["unit.slug"]) for row in csv.DictReader(file)] == [
        ("burgerzaken", "wijk")
    ]


def test_nothing_is_told_of_hidden_units_and_drafts(client, service):
    make_partner(service, slug="geheim", name="Geheime dienst", status="draft")
    assert "Geheime dienst" not in text_of(client.get("/eenheden/wijk"))
    assert "Geheime dienst" not in text_of(client.get("/partners"))
    Unit.objects.filter(pk=service.pk).update(publication_level="withheld")
    assert "Wijkdienst" not in text_of(client.get("/partners"))
    assert "units" not in client.get(f"{PARTNERS}/burgerzaken").json()
    assert client.get(f"{PARTNERS}?unit=wijk").status_code == 400


def test_the_search_finds_a_partner(service):
    (text,) = Partners().texts("nl")
    assert (text.item.slug, text.item.get_absolute_url()) == ("burgerzaken", "/partners#burgerzaken")


def test_an_editor_adds_a_partner(admin_client, client, service):
    page = reverse("admin:organisation_partner_add")
    values = form_data(admin_client.get(page))
    filled = {"name": "Brandweer", "kind": "care", "units": [str(service.pk)], "status": "published"}
    assert admin_client.post(page, {**values, **filled}).status_code == 302
    assert "Werkt samen met Brandweer Burgerzaken" in text_of(client.get("/eenheden/wijk"))


@pytest.mark.parametrize("wrong", [{"name": ""}, {"kind": "vijand"}])
def test_the_database_refuses_a_partner_without_name_or_of_another_kind(db, wrong):
    partner = make_partner()
    with pytest.raises(ValidationError):
        Partner(slug="x", **{"name": "X", "kind": "city", **wrong}).full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        Partner.objects.filter(pk=partner.pk).update(**wrong)


def test_the_partners_of_the_plan_are_there(client, plan):
    assert client.get(PARTNERS).json()["total"] == 51
    ward = {item["slug"] for item in client.get(f"{PARTNERS}?unit=wijkdienst").json()["items"]}
    assert {
        "dienst-gemeenschapswacht",
        "milieutoezicht",
        "dienst-wonen",
        "dienst-burgerzaken",
        "dienst-burenbemiddeling",
        "horecacoach",
        "vlaamse-wooninspectie",
        "fod-volksgezondheid",
        "sociale-inspectiediensten",
    } < ward
