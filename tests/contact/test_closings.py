"""The calendar of days on which it is exceptionally closed, read as a calendar program reads it."""

import datetime
import re
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from icalendar import Calendar

from contact.holidays import NO_CALENDAR, SchoolCalendar
from contact.opening_hours import days_off_of
from pzgent.worker import bring_up_to_date
from tests.make import (
    make_channel,
    make_exception,
    make_location,
    make_schedule,
    make_school_holiday,
    make_topic,
)
from tests.pages import count_queries

pytestmark = pytest.mark.django_db
BRUSSELS = ZoneInfo("Europe/Brussels")
ALL = "/contact/sluitingen.ics"
YEAR = 2026
WEEK = [(weekday, "09:00", "12:00") for weekday in range(5)]


@pytest.fixture(autouse=True)
def _in_june(monkeypatch):
    """The day on which the calendar is asked for."""
    moment = datetime.datetime(YEAR, 6, 10, 12, tzinfo=BRUSSELS).astimezone(datetime.UTC)
    monkeypatch.setattr(timezone, "now", lambda: moment)


def events_of(client, address=ALL):
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    calendar = Calendar.from_ical(answer.content)
    assert calendar["VERSION"] == "2.0"
    assert calendar.errors == []
    return calendar.events


def day(month, number):
    return datetime.date(YEAR, month, number)


def open_on(first, last=None, **changes):
    """The one exception of the one channel."""
    hours = make_schedule(*WEEK)
    make_exception(hours, first_day=first, last_day=last or first, **changes)
    return make_channel(schedule=hours, label="Loket")


def test_a_closed_stretch_is_whole_days_with_its_reason(client):
    open_on(day(5, 4), day(5, 6), reason="verbouwing; alles, ook dit")
    (event,) = events_of(client)
    assert (event.start, event.end) == (day(5, 4), day(5, 7))
    assert event["SUMMARY"] == "Gesloten: Loket (verbouwing; alles, ook dit)"
    assert event["URL"].startswith("http://testserver/contact/")


def test_other_hours_are_in_brussels_on_each_of_the_days(client):
    open_on(day(7, 1), day(7, 3), opens=datetime.time(10), closes=datetime.time(11, 30))
    (event,) = events_of(client)
    assert event.start == datetime.datetime(YEAR, 7, 1, 10, tzinfo=BRUSSELS)
    assert event.start.utcoffset() == datetime.timedelta(hours=2)
    assert event.end - event.start == datetime.timedelta(hours=1.5)
    assert event["RRULE"] == {"FREQ": ["DAILY"], "COUNT": [3]}
    assert "Andere uren: Loket" in event["SUMMARY"]


def test_a_holiday_that_goes_on_from_a_free_day_is_not_glued_to_an_earlier_one():
    """Easter Monday follows a public holiday, Easter Sunday, on which it is closed anyway."""
    hours = make_schedule(*WEEK, closed_on_public_holidays=True)
    found = days_off_of(hours, datetime.date(2027, 1, 1), NO_CALENDAR, datetime.date(2027, 4, 30))
    assert [(days.first_day, days.last_day) for days in found] == [
        (datetime.date(2027, 1, 1), datetime.date(2027, 1, 1)),
        (datetime.date(2027, 3, 29), datetime.date(2027, 3, 29)),
    ]


def test_an_exception_takes_its_days_out_of_a_holiday():
    hours = make_schedule(*WEEK, school_days_only=True)
    holiday = make_school_holiday(first_day="2026-12-21", last_day="2026-12-25")
    make_exception(hours, first_day="2026-12-22", last_day="2026-12-22", opens="10:00", closes="11:00")
    hours.refresh_from_db()
    holiday.refresh_from_db()
    found = days_off_of(
        hours, datetime.date(2026, 12, 1), SchoolCalendar([holiday]), datetime.date(2026, 12, 31)
    )
    assert [(days.first_day.day, days.last_day.day) for days in found] == [(21, 21), (23, 25)]


def test_hours_past_midnight_end_on_the_next_day(client):
    open_on(day(1, 5), opens=datetime.time(22), closes=datetime.time(2))
    (event,) = events_of(client)
    assert event.end == datetime.datetime(YEAR, 1, 6, 2, tzinfo=BRUSSELS)
    assert "RRULE" not in event


def test_holidays_are_there_for_who_is_closed_then(client):
    make_channel(schedule=make_schedule(*WEEK, closed_on_public_holidays=True), label="Loket")
    make_channel(schedule=make_schedule(always_open=True), label="Altijd")
    days = {event.start for event in events_of(client)}
    assert {day(5, 1), day(12, 25)} <= days
    assert all(
        "Loket" in event["SUMMARY"] and "Altijd" not in event["SUMMARY"] for event in events_of(client)
    )


def test_a_school_holiday_is_one_stretch(client):
    first = day(2, 10) + datetime.timedelta(days=(7 - day(2, 10).weekday()) % 7)
    make_school_holiday(name="krokusvakantie", first_day=first, last_day=first + datetime.timedelta(days=6))
    make_channel(schedule=make_schedule(*WEEK, school_days_only=True, closed_on_public_holidays=True))
    (event,) = [event for event in events_of(client) if "krokusvakantie" in event["SUMMARY"]]
    assert event.start == first
    assert event.end - event.start == datetime.timedelta(days=5)


def test_an_exception_takes_the_place_of_a_holiday(client):
    hours = make_schedule(
        *[(weekday, "09:00", "12:00") for weekday in range(7)], closed_on_public_holidays=True
    )
    make_exception(
        hours, first_day=day(5, 1), last_day=day(5, 1), opens="09:00", closes="10:00", reason="toch open"
    )
    make_channel(schedule=hours)
    found = [event for event in events_of(client) if str(event.start).startswith(f"{YEAR}-05-01")]
    assert [event["SUMMARY"].rsplit("(")[-1] for event in found] == ["toch open)"]


def test_channels_with_the_same_hours_share_their_events(client):
    hours = make_schedule(*WEEK)
    make_exception(hours, first_day=day(3, 3), last_day=day(3, 3))
    topic = make_topic()
    for number in range(4):
        make_channel(schedule=hours, label=f"Loket {number}", topic=topic)
    (event,) = events_of(client)
    assert event["SUMMARY"] == "Gesloten: Loket 0, Loket 1 en nog 2 (opleiding)"
    assert event["DESCRIPTION"].splitlines() == [f"Loket {number}" for number in range(4)]


def test_a_closing_keeps_its_identity_when_its_days_change(client):
    hours = open_on(day(3, 3)).schedule
    (before,) = events_of(client)
    hours.exceptions.update(first_day=day(3, 4), last_day=day(3, 5), reason="anders")
    (after,) = events_of(client)
    assert before["UID"] == after["UID"]
    assert before.start != after.start


def test_identities_are_unique_and_the_same_in_every_language(client, plan):
    identities = [event["UID"] for event in events_of(client)]
    assert len(identities) == len(set(identities)) > 20
    assert [event["UID"] for event in events_of(client, f"/fr{ALL}")] == identities


def test_every_line_keeps_to_the_grammar(client, plan):
    text = client.get(ALL).content
    assert text.endswith(b"END:VCALENDAR\r\n")
    assert text.count(b"\n") == text.count(b"\r\n")
    assert max(map(len, text.split(b"\r\n"))) <= 75
    lines = text.decode().replace("\r\n ", "").split("\r\n")[:-1]
    assert all(re.fullmatch(r"[A-Z-]+(;[A-Z-]+=[^;:]+)*:.*", line) for line in lines)
    assert len(re.findall("BEGIN:VEVENT", text.decode())) == len(
        re.findall("\nDTSTAMP:\\d{8}T\\d{6}Z", text.decode())
    )


def test_a_calendar_without_closings_is_valid(client):
    assert events_of(client) == []
    assert [part.name for part in Calendar.from_ical(client.get(ALL).content).subcomponents] == ["VTIMEZONE"]


def test_one_channel_and_one_place_have_their_own(client):
    place = make_location(slug="hier")
    open_on(day(3, 3))
    channel = open_on(day(4, 4))
    channel.location = place
    channel.save()
    own = f"/contact/{channel.topic.slug}/{channel.slug}/sluitingen.ics"
    assert [event.start for event in events_of(client, own)] == [day(4, 4)]
    assert [event.start for event in events_of(client, "/commissariaten/hier/sluitingen.ics")] == [day(4, 4)]


@pytest.mark.parametrize("address", ["/contact/x/y/sluitingen.ics", "/commissariaten/x/sluitingen.ics"])
def test_what_does_not_exist_has_no_calendar(client, address):
    assert client.get(address).status_code == 404


def test_a_hidden_schedule_says_nothing(client):
    channel = open_on(day(3, 3))
    channel.schedule.status = "draft"
    channel.schedule.save()
    assert events_of(client) == []


def test_the_calendar_takes_as_many_queries_for_many_channels(client):
    open_on(day(3, 3))
    few = count_queries(client, ALL)
    for _number in range(10):
        open_on(day(3, 4))
    assert count_queries(client, ALL) == few <= 5


CARD_LINE = re.compile(r"[A-Z]+(;[A-Z]+=[a-z,]+)*:.*")


@pytest.mark.parametrize("address", ["/eenheden/politiezone-gent.vcf", "/contact/scholen/{slug}.vcf"])
def test_a_contact_card_keeps_to_the_grammar(client, plan, address):
    channels = client.get("/api/v1/channels?topic=scholen&kind=phone").json()["items"]
    answer = client.get(address.format(slug=channels[0]["slug"]))
    assert answer.status_code == 200
    text = answer.content
    lines = text.decode().replace("\r\n ", "").split("\r\n")[:-1]
    names = [re.split("[;:]", line)[0] for line in lines]
    assert all(CARD_LINE.fullmatch(line) for line in lines)
    # RFC 6350: VERSION right after BEGIN; FN at least once; UID, REV and KIND at most once.
    assert (lines[0], lines[1], lines[-1]) == ("BEGIN:VCARD", "VERSION:4.0", "END:VCARD")
    assert names.count("FN") == names.count("UID") == names.count("REV") == names.count("KIND") == 1
    assert re.fullmatch(r"REV:\d{8}T\d{6}Z", lines[names.index("REV")])
    assert max(map(len, text.split(b"\r\n"))) <= 75


def test_what_is_there_no_longer_does_not_close(client):
    hours = make_schedule(*WEEK)
    make_exception(hours, first_day=day(5, 4), last_day=day(5, 6))
    make_channel(schedule=hours, label="Vroeg", valid_until=day(5, 3))
    assert events_of(client) == []
    make_channel(schedule=hours, label="Laat", valid_from=day(5, 6))
    (event,) = events_of(client)
    assert event["DESCRIPTION"] == "Laat"


def test_the_date_of_an_event_never_goes_back(client):
    """A calendar program keeps what it has where the other copy seems older."""
    channel = open_on(day(3, 3))
    newer = make_channel(schedule=channel.schedule)
    bring_up_to_date()
    (before,) = events_of(client)
    assert before["LAST-MODIFIED"].dt == newer.modified.replace(microsecond=0)
    newer.status = "withdrawn"
    newer.save()
    bring_up_to_date()
    (after,) = events_of(client)
    assert before["UID"] == after["UID"]
    assert after["LAST-MODIFIED"].dt > before["LAST-MODIFIED"].dt
    assert events_of(client)[0]["LAST-MODIFIED"].dt == after["LAST-MODIFIED"].dt
