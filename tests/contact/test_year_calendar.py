"""The calendar of a year: holidays, exceptions, what is missing, and each day of one schedule."""

import datetime

import pytest
from django.urls import reverse

from contact.availability import get_calendar
from contact.models import Schedule
from contact.year_calendar import months_of
from tests.make import make_exception, make_schedule, make_school_year
from tests.pages import text_of

pytestmark = pytest.mark.django_db
PAGE = reverse("admin:contact_schedule_year")
OFFICE = [(day, "09:00", "17:00") for day in range(5)]


def days(schedule, year=2027):
    stored = Schedule.objects.with_parts().get(pk=schedule.pk)
    months = months_of(stored, year, get_calendar([stored]))
    return {
        datetime.date(year, number, day.number): (day.state, day.text)
        for number, (_name, found) in enumerate(months, 1)
        for day in found
    }


def test_the_page_shows_the_public_holidays_by_name(admin_client):
    text = text_of(admin_client.get(PAGE, {"year": "2027"}))
    assert "29 maart 2027 paasmaandag" in text
    assert "17 mei 2027 pinkstermaandag" in text


def test_the_page_marks_the_days_of_which_the_school_holidays_are_missing(admin_client):
    make_school_year(("Herfst", "2026-11-02", "2026-11-08"), ("Krokus", "2027-02-08", "2027-02-14"))
    text = text_of(admin_client.get(PAGE, {"year": "2027"}))
    assert "van 8 februari 2027 tot en met 14 februari 2027 Schoolvakantie: Krokus" in text
    assert "van 1 september 2027 tot en met 31 december 2027 Ontbreekt:" in text
    assert "Herfst" not in text


def test_the_page_shows_the_exceptions_of_each_schedule(admin_client):
    schedule = make_schedule(*OFFICE, title="Balie", closed_on_public_holidays=True)
    make_exception(schedule, first_day="2027-03-01", last_day="2027-03-01", reason="Opleiding")
    make_exception(schedule, first_day="2026-03-02", last_day="2026-03-02", reason="Vorig jaar")
    text = text_of(admin_client.get(PAGE, {"year": "2027"}))
    assert "Gesloten op feestdagen." in text
    assert "1 maart 2027: gesloten (Opleiding)" in text
    assert "Vorig jaar" not in text


def test_each_day_of_a_schedule_has_its_state():
    make_school_year(("Herfst", "2026-11-02", "2026-11-08"), ("Krokus", "2027-02-08", "2027-02-14"))
    schedule = make_schedule(*OFFICE, school_days_only=True)
    make_exception(schedule, first_day="2027-03-02", last_day="2027-03-02", reason="Dicht")
    make_exception(
        schedule, first_day="2027-03-03", last_day="2027-03-03", opens="10:00", closes="11:00", reason="Kort"
    )
    found = days(schedule)
    states = {
        "2027-03-01": "open",
        "2027-03-06": "closed",
        "2027-02-10": "school",
        "2027-03-29": "holiday",
        "2027-03-02": "shut",
        "2027-03-03": "other",
        "2027-09-06": "unknown",
    }
    assert {day: found[datetime.date.fromisoformat(day)][0] for day in states} == states
    assert found[datetime.date(2027, 3, 3)][1] == "Kort: 10.00 – 11.00"
    assert found[datetime.date(2027, 3, 29)][1] == "paasmaandag"
    assert len(found) == 365


def test_the_page_shows_the_days_and_a_moment_of_the_chosen_schedule(admin_client):
    schedule = make_schedule(*OFFICE)
    data = {"year": "2027", "schedule": schedule.pk, "check_day": "13/7/2027", "check_time": "10"}
    html = admin_client.get(PAGE, data).content.decode()
    assert "Dinsdag 13 juli 2027 om 10.00 uur: open tot 17.00 uur." in html
    assert html.count('<td class="day-') == 365


@pytest.mark.parametrize("year", ["", "x", "99999", "-1", "1", "٢٠٢٧"])
def test_a_senseless_year_is_no_error(admin_client, year):
    assert admin_client.get(PAGE, {"year": year, "schedule": "x"}).status_code == 200


def test_many_schedules_ask_no_more_questions_than_few(admin_client, django_assert_max_num_queries):
    for _number in range(12):
        make_exception(make_schedule(*OFFICE))
    with django_assert_max_num_queries(14):
        admin_client.get(PAGE)
