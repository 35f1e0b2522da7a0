"""Why a number is not published: only where there is none, in words on the pages and as a code in the API."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse

from organisation.formation import get_formation
from organisation.models import KeyFigure, StaffingLine, StaffingTable
from pzgent.kernel.publishing import MissingReason
from tests.browser import form_data
from tests.make import make_grade, make_key_figure, make_shown_unit, make_staffing_table
from tests.pages import text_of

pytestmark = pytest.mark.django_db
GERMAN = "zu klein: Es würde etwas über einzelne Personen verraten"


def table_with(*lines, **changes):
    """A table with a line of its own grade for each (count, reason)."""
    table = make_staffing_table(**changes)
    for count, reason in lines:
        table.lines.create(grade=make_grade(), count=count, count_missing=reason)
    return table


@pytest.mark.parametrize("values", [{"value": 3}, {"value": None, "value_missing": "zomaar"}])
def test_the_database_refuses_a_reason_beside_a_value_or_one_it_does_not_know(values):
    with pytest.raises(IntegrityError), transaction.atomic():
        make_key_figure(**{"value_missing": "confidential", **values})
    with pytest.raises(IntegrityError), transaction.atomic():
        table_with((values["value"], values.get("value_missing", "confidential")))


@pytest.mark.parametrize("total", ["total", "total_ops", "total_calog"])
def test_the_database_refuses_a_reason_beside_a_total(total):
    with pytest.raises(IntegrityError), transaction.atomic():
        make_staffing_table(**{total: 5, "totals_missing": "not_counted"})


def test_the_form_says_so_in_words(admin_client):
    figure = make_key_figure(value=3)
    figure.value_missing = "too_small"
    with pytest.raises(ValidationError, match="alleen waarom er geen getal"):
        figure.full_clean()


def test_the_page_of_figures_says_why_there_is_no_number(client):
    make_key_figure(value=None, value_missing="not_counted")
    assert "niet in onze bron: niemand heeft het geteld" in text_of(client.get("/cijfers"))
    assert GERMAN not in text_of(client.get("/de/cijfers"))
    KeyFigure.objects.update(value_missing="too_small")
    assert f"nicht in unserer Quelle: {GERMAN}" in text_of(client.get("/de/cijfers"))


def test_without_a_reason_it_says_no_more_than_not_in_our_source(client):
    make_key_figure(value=None)
    text = text_of(client.get("/cijfers"))
    assert "niet in onze bron" in text
    assert "niet in onze bron:" not in text


def test_the_formation_says_why_a_grade_has_no_number(client):
    table = table_with((5, ""), (None, "confidential"), (None, ""))
    text = text_of(client.get("/formatie"))
    assert text.count("niet in onze bron: vertrouwelijk") == 1
    shown = client.get(f"/api/v1/staffingTables/{table.slug}").json()["lines"]
    reasons = [line.get("countMissing") for line in shown]
    assert reasons == [None, "confidential", None]
    assert [line.get("count") for line in shown] == [5, None, None]


def test_a_table_beside_another_says_why_too(client):
    grade = make_grade()
    tables = [make_staffing_table(valid_from=datetime.date(year, 1, 1)) for year in (2021, 2019)]
    tables[0].lines.create(grade=grade, count=5)
    tables[1].lines.create(grade=grade, count_missing="confidential")
    text = text_of(client.get(f"/formatie?versie={tables[0].slug}&met={tables[1].slug}"))
    assert text.count("niet in onze bron: vertrouwelijk") == 1


@pytest.mark.parametrize(
    ("reasons", "told"),
    [(["confidential", "confidential"], "confidential"), (["confidential", ""], ""), (["", ""], "")],
)
def test_a_sum_has_the_reason_that_all_its_missing_parts_share(reasons, told):
    table, grade = make_staffing_table(), make_grade()
    table.lines.create(grade=grade, unit=make_shown_unit(), count=4)
    for reason in reasons:
        table.lines.create(grade=grade, unit=make_shown_unit(), count_missing=reason)
    (category,) = get_formation(StaffingTable.objects.with_lines().get()).categories
    assert [(row.count, row.missing) for row in category.rows] == [(None, told)]


def test_the_plan_gives_no_numbers_for_2017_and_the_site_says_so(client, plan):
    table = client.get("/api/v1/staffingTables/formatie-2017").json()
    assert table["totalsMissing"] == "not_stated"
    assert table["totalsMissingLabel"] == "de bron geeft het niet"
    assert {"totals", "total"}.isdisjoint(table)
    assert "niet in onze bron: de bron geeft het niet" in text_of(client.get("/formatie"))


def test_the_api_lists_the_reasons_and_finds_figures_by_them(client):
    codes = client.get("/api/v1/refData/missingReasons").json()["items"]
    assert [code["code"] for code in codes] == MissingReason.values
    make_key_figure(value=1)
    make_key_figure(label="Geheim", value=None, value_missing="confidential")
    (figure,) = client.get("/api/v1/keyFigures?valueMissing=confidential").json()["items"]
    assert (figure["label"], figure["valueMissing"]) == ("Geheim", "confidential")
    assert figure["valueMissingLabel"] == "vertrouwelijk"
    assert "value" not in figure
    assert client.get("/api/v1/keyFigures?valueMissing=zomaar").status_code == 400


def test_an_editor_gives_the_reason(admin_client):
    table = table_with((None, ""))
    address = reverse("admin:organisation_staffingtable_change", args=[table.pk])
    values = form_data(admin_client.get(address))
    assert admin_client.post(address, {**values, "lines-0-count_missing": "too_small"}).status_code == 302
    assert StaffingLine.objects.get().count_missing == "too_small"
    values = form_data(admin_client.get(address))
    refused = admin_client.post(address, {**values, "lines-0-count": "3"})
    assert refused.status_code == 200
    assert StaffingLine.objects.get().count is None
