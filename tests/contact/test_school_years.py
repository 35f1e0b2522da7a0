"""The shipped school years: against the rules of the decree, against known days, and in every output."""

import datetime
import json
from datetime import date, timedelta

import pytest
from icalendar import Calendar
from opening_hours import OpeningHours

from contact.models import Channel, SchoolHoliday, SchoolYear
from contact.opening_hours import BRUSSELS
from tests.pages import text_of

pytestmark = pytest.mark.django_db
YEARS = range(2021, 2030)
ONE_DAY = timedelta(days=1)
PHONE = "bas-telefoon"


def easter_of(year):
    found = OpeningHours("easter").intervals(datetime.datetime(year, 1, 1), datetime.datetime(year, 12, 31))
    return next(start.date() for start, _end, state, _comment in found if str(state) == "open")


def monday_of(day):
    return day - timedelta(days=day.weekday())


def first_monday_from(day):
    return day + timedelta(days=-day.weekday() % 7)


def autumn(year):
    """The week of 1 November; from 2 November when that is a Sunday."""
    first = date(year, 11, 1)
    return first_monday_from(first) if first.weekday() == 6 else monday_of(first)


def christmas(year):
    """Two weeks from the Monday of the week of 25 December, or of the week after when that is in a weekend."""
    day = date(year, 12, 25)
    return first_monday_from(day) if day.weekday() > 4 else monday_of(day)


def spring(year):
    """The seventh Monday before Easter."""
    return monday_of(easter_of(year)) - 6 * 7 * ONE_DAY


def easter_holidays(year):
    """The first Monday of April; the one after Easter in March, the second one before Easter after 15 April."""
    easter = easter_of(year)
    if easter.month == 3:
        return easter + ONE_DAY
    return (
        monday_of(easter) - 7 * ONE_DAY if easter > date(year, 4, 15) else first_monday_from(date(year, 4, 1))
    )


def expected(year):
    """The holidays of the school year that starts in a year, as (name, first day, number of days)."""
    after = year + 1
    return [
        ("Herfstvakantie", autumn(year), 7),
        ("Kerstvakantie", christmas(year), 14),
        ("Krokusvakantie", spring(after), 7),
        ("Paasvakantie", easter_holidays(after), 14),
        ("Hemelvaart", easter_of(after) + 39 * ONE_DAY, 2),
        ("Zomervakantie", date(after, 7, 1), 62),
    ]


def test_the_shipped_days_follow_from_the_decree(plan):
    years = SchoolYear.objects.prefetch_related("holidays")
    found = {
        year.first_day.year: [
            (item.name, item.first_day, (item.last_day - item.first_day).days + 1)
            for item in year.holidays.all()
        ]
        for year in years
    }
    assert found == {year: expected(year) for year in YEARS}
    assert [(year.first_day, year.last_day) for year in years] == [
        (date(year, 9, 1), date(year + 1, 8, 31)) for year in YEARS
    ]
    assert {year.source.slug for year in years} == {"vakantieregeling-1991"}


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("2021-12-27", "2022-01-09"),
        ("2022-10-31", "2022-11-06"),
        ("2024-04-01", "2024-04-14"),
        ("2025-04-07", "2025-04-20"),
        ("2026-11-02", "2026-11-08"),
        ("2026-12-21", "2027-01-03"),
        ("2027-02-08", "2027-02-14"),
        ("2027-03-29", "2027-04-11"),
        ("2027-05-06", "2027-05-07"),
        ("2027-07-01", "2027-08-31"),
        ("2028-04-03", "2028-04-16"),
    ],
)
def test_days_that_schools_have_published_are_there(plan, first, last):
    assert SchoolHoliday.objects.filter(first_day=first, last_day=last).exists()


def status(client, at):
    items = client.get(f"/api/v1/channels?topic=scholen&kind=phone&at={at}").json()["items"]
    return items[0]["status"]


@pytest.mark.parametrize(
    ("at", "reason", "opens"),
    [
        ("2027-07-15T10:00", "Zomervakantie", "2027-09-01T08:30:00+02:00"),
        ("2026-12-23T10:00", "Kerstvakantie", "2027-01-04T08:30:00+01:00"),
        ("2027-05-07T10:00", "Hemelvaart", "2027-05-10T08:30:00+02:00"),
        ("2027-05-17T10:00", "feestdag", "2027-05-18T08:30:00+02:00"),
    ],
)
def test_in_the_holidays_the_answer_is_certain(client, plan, at, reason, opens):
    found = status(client, at)
    assert (found["state"], found["reason"], found["nextOpening"]) == ("closed", reason, opens)
    assert found["fallback"]["label"]


@pytest.mark.parametrize(
    ("at", "reason"),
    [
        ("2030-09-02T10:00", "de schoolvakanties zijn bekend tot en met 31 augustus 2030"),
        ("2035-07-16T10:00", "de schoolvakanties zijn bekend tot en met 31 augustus 2030"),
        ("2021-06-01T10:00", "de schoolvakanties zijn bekend vanaf 1 september 2021"),
    ],
)
def test_outside_the_known_days_the_answer_is_unknown(client, plan, at, reason):
    found = status(client, at)
    assert (found["state"], found["reason"]) == ("unknown", reason)
    assert found["fallback"]["label"]
    assert "nextOpening" not in found
    assert reason in found["sentence"]


def test_one_more_holiday_does_not_make_other_days_certain(client, plan):
    SchoolHoliday.objects.create(name="Herfst", first_day="2031-10-27", last_day="2031-11-02")
    assert status(client, "2031-10-28T10:00")["state"] == "closed"
    assert status(client, "2031-11-04T10:00")["state"] == "unknown"


@pytest.mark.parametrize(
    ("first", "last", "states"),
    [
        ("2027-07-12", "2027-07-18", {"closed"}),
        ("2026-12-21", "2026-12-31", {"closed"}),
        ("2030-09-02", "2030-09-08", {"closed", "unknown"}),
        ("2026-11-23", "2026-11-27", {"closed", "open"}),
    ],
)
def test_the_intervals_say_the_same(client, plan, first, last, states):
    phone = Channel.objects.get(slug=PHONE)
    items = client.get(
        f"/api/v1/channels/{phone.pk}/openingHours?from={first}&to={last}&pageSize=100"
    ).json()["items"]
    assert {item["state"] for item in items} == states
    assert all(item["reason"] for item in items if item["state"] == "unknown")


@pytest.fixture
def at(monkeypatch):
    """Sets the clock of the pages."""

    def set_clock(text):
        moment = datetime.datetime.fromisoformat(text).replace(tzinfo=BRUSSELS)
        for module in ("views", "availability"):
            monkeypatch.setattr(f"contact.{module}.now_in_brussels", lambda: moment)
        monkeypatch.setattr("django.utils.timezone.now", lambda: moment.astimezone(datetime.UTC))

    return set_clock


def events(client):
    answer = client.get(f"/contact/scholen/{PHONE}.ics")
    assert answer.status_code == 200
    return Calendar.from_ical(answer.content).walk("VEVENT")


def test_the_calendar_file_has_no_opening_in_the_holidays(client, plan, at):
    at("2026-12-01 10:00")
    opened = {event.start.date() for event in events(client) if str(event["SUMMARY"]).startswith("Open")}
    assert date(2026, 12, 18) in opened
    assert date(2027, 1, 4) in opened
    assert not any(date(2026, 12, 21) <= day <= date(2027, 1, 3) for day in opened)


def test_the_calendar_file_says_what_is_not_known(client, plan, at):
    at("2030-08-20 10:00")
    later = [event for event in events(client) if event.get("STATUS") == "TENTATIVE"]
    assert later[0].start == datetime.datetime(2030, 9, 2, 8, 30, tzinfo=BRUSSELS)
    assert "de schoolvakanties zijn bekend tot en met 31 augustus 2030" in str(later[0]["SUMMARY"])
    assert "266 61 11" in str(later[0]["DESCRIPTION"])
    assert not any(str(event["SUMMARY"]).startswith("Open") for event in events(client))


def test_the_calendar_of_closings_says_what_is_not_known(client, plan, at):
    at("2029-12-03 10:00")
    found = Calendar.from_ical(client.get("/contact/scholen/bas-telefoon/sluitingen.ics").content)
    [doubt] = [event for event in found.walk("VEVENT") if event.get("STATUS") == "TENTATIVE"]
    assert doubt.start == date(2030, 9, 1)


@pytest.mark.parametrize("address", ["/contact/scholen", "/insluiten/contact/scholen", "/zoeken?q=scholen"])
def test_pages_say_that_it_is_not_known(client, plan, at, address):
    at("2030-09-02 10:00")
    text = text_of(client.get(address))
    assert (
        "We weten niet of het nu open is: de schoolvakanties zijn bekend tot en met 31 augustus 2030." in text
    )


def test_pages_say_that_it_is_closed_in_the_holidays(client, plan, at):
    at("2027-07-15 10:00")
    text = text_of(client.get("/contact/scholen"))
    assert "Nu gesloten: Zomervakantie. Opent 1 september 2027 om 8.30 uur." in text


def test_linked_data_ends_the_week_where_the_days_end(client, plan):
    phone = Channel.objects.get(slug=PHONE)
    told = client.get(f"/api/v1/channels/{phone.pk}", headers={"accept": "application/ld+json"}).json()
    parts = json.dumps(told)
    assert '"2030-08-31"' in parts
    assert '"2021-09-01"' in parts
    assert "Zomervakantie" in parts
