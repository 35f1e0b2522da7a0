"""What a visitor is told at fixed moments: one row is one schedule, one moment, one answer."""

import datetime
import random

import pytest
from django.utils import translation
from opening_hours import OpeningHours

from contact.holidays import NO_CALENDAR, SchoolCalendar
from contact.hours_expression import expression_of
from contact.models import Channel, SchoolHoliday
from contact.opening_hours import BRUSSELS, intervals_of, status_of
from tests.make import make_channel, make_exception, make_schedule

pytestmark = pytest.mark.django_db

WORKDAYS = [(day, "08:30", "16:30") for day in range(5)]
OFFICE = [
    (day, opens, closes) for day in range(5) for opens, closes in (("08:30", "12:00"), ("13:00", "16:30"))
]
CHRISTMAS = SchoolHoliday(
    name="Kerstvakantie", first_day=datetime.date(2026, 12, 21), last_day=datetime.date(2027, 1, 3)
)
SPRING = SchoolHoliday(
    name="Krokusvakantie", first_day=datetime.date(2026, 2, 16), last_day=datetime.date(2026, 2, 22)
)
SCHOOL_YEARS = [(datetime.date(2025, 9, 1), datetime.date(2027, 8, 31))]
CLOSED_DAY = {"opens": None, "closes": None}
# name -> weekly slots, the schedule's fields, the exceptions in the order of entry, school holidays
SCHEDULES = {
    "office": (OFFICE, {"closed_on_public_holidays": True}, [], []),
    "open on holidays": (WORKDAYS, {}, [], []),
    "school": (
        WORKDAYS, {"closed_on_public_holidays": True, "school_days_only": True}, [], [SPRING, CHRISTMAS],
    ),
    "school without calendar": (WORKDAYS, {"school_days_only": True}, [], []),
    "round the clock": ([], {"always_open": True}, [], []),
    "round the clock, but": (
        [], {"always_open": True},
        [{"first_day": "2026-11-28", "last_day": "2026-11-28", "reason": "Onderhoud", **CLOSED_DAY}], [],
    ),
    "nothing known": ([], {}, [], []),
    "only an exception known": (
        [], {}, [{"first_day": "2026-12-24", "last_day": "2026-12-24", "opens": "10:00", "closes": "12:00",
                  "reason": "Kerstmarkt"}], [],
    ),
    "nights": ([(4, "20:00", "04:00"), (5, "22:00", "02:00"), (6, "10:00", "12:00")], {}, [], []),
    "every night": ([(day, "20:00", "03:00") for day in range(7)], {"closed_on_public_holidays": True}, [], []),
    "night closed": (
        [(day, "20:00", "03:00") for day in range(7)], {},
        [{"first_day": "2026-11-28", "last_day": "2026-11-28", "reason": "Opleiding", **CLOSED_DAY}], [],
    ),
    "evening event": (
        OFFICE, {},
        [{"first_day": "2026-12-31", "last_day": "2026-12-31", "opens": "20:00", "closes": "02:00",
          "reason": "Oudejaar"}], [],
    ),
    "until midnight": ([(1, "20:00", "00:00"), (2, "00:00", "04:00")], {}, [], []),
    "sunday morning": ([(6, "02:30", "05:00")], {}, [], []),
    "sunday night": ([(6, "01:00", "02:30")], {}, [], []),
    "leap day": (
        [], {"always_open": True},
        [{"first_day": "2028-02-29", "last_day": "2028-02-29", "reason": "Schrikkeldag", **CLOSED_DAY}], [],
    ),
    "two periods in one exception": (
        OFFICE, {},
        [
            {"first_day": "2026-11-24", "last_day": "2026-11-24", "opens": "09:00", "closes": "10:00",
             "reason": "Verkort"},
            {"first_day": "2026-11-24", "last_day": "2026-11-24", "opens": "18:00", "closes": "19:00",
             "reason": "Avond"},
        ], [],
    ),
    "overlapping exceptions": (
        OFFICE, {},
        [
            {"first_day": "2026-11-23", "last_day": "2026-11-27", "reason": "Verbouwing", **CLOSED_DAY},
            {"first_day": "2026-11-25", "last_day": "2026-11-25", "opens": "09:00", "closes": "11:00",
             "reason": "Toch open"},
            {"first_day": "2026-11-25", "last_day": "2026-11-26", "reason": "Staking", **CLOSED_DAY},
        ], [],
    ),
    "open on the holiday": (
        OFFICE, {"closed_on_public_holidays": True, "school_days_only": True},
        [{"first_day": "2026-12-25", "last_day": "2026-12-25", "opens": "10:00", "closes": "12:00",
          "reason": "Kerst"}], [CHRISTMAS],
    ),
    "over new year": (
        OFFICE, {},
        [{"first_day": "2026-12-24", "last_day": "2027-01-03", "reason": "Jaarwissel", **CLOSED_DAY}], [],
    ),
    "summer": (
        OFFICE, {"closed_on_public_holidays": True},
        [{"first_day": "2026-07-01", "last_day": "2026-08-31", "opens": "09:00", "closes": "12:00",
          "reason": "Zomeruren"}], [],
    ),
    "summer, also weekends": (
        OFFICE, {"closed_on_public_holidays": True},
        [{"first_day": "2026-07-01", "last_day": "2026-08-31", "opens": "09:00", "closes": "12:00",
          "also_when_closed": True, "reason": "Zomeruren"}], [],
    ),
    "overlapping slots": ([(0, "09:00", "13:00"), (0, "12:00", "17:00")], {}, [], []),
}  # fmt: skip
# schedule, moment, state, until, next opening, reason
CASES = [
    # The opening and the closing minute belong to the hours that start then.
    ("office", "2026-11-24 08:29", "closed", "2026-11-24 08:30", "2026-11-24 08:30", ""),
    ("office", "2026-11-24 08:29:59", "closed", "2026-11-24 08:30", "2026-11-24 08:30", ""),
    ("office", "2026-11-24 08:30", "open", "2026-11-24 12:00", None, ""),
    ("office", "2026-11-24 11:59:59", "open", "2026-11-24 12:00", None, ""),
    ("office", "2026-11-24 12:00", "closed", "2026-11-24 13:00", "2026-11-24 13:00", ""),
    ("office", "2026-11-24 13:00", "open", "2026-11-24 16:30", None, ""),
    ("office", "2026-11-24 16:29", "open", "2026-11-24 16:30", None, ""),
    ("office", "2026-11-24 16:30", "closed", "2026-11-25 08:30", "2026-11-25 08:30", ""),
    ("office", "2026-11-27 18:00", "closed", "2026-11-30 08:30", "2026-11-30 08:30", ""),
    # The ten public holidays of Belgium, in 2026 and where they fall on a working day in 2027.
    ("office", "2026-01-01 10:00", "closed", "2026-01-02 08:30", "2026-01-02 08:30", "public holiday"),
    ("office", "2026-04-06 10:00", "closed", "2026-04-07 08:30", "2026-04-07 08:30", "public holiday"),
    ("office", "2026-05-01 10:00", "closed", "2026-05-04 08:30", "2026-05-04 08:30", "public holiday"),
    ("office", "2026-05-14 10:00", "closed", "2026-05-15 08:30", "2026-05-15 08:30", "public holiday"),
    ("office", "2026-05-25 10:00", "closed", "2026-05-26 08:30", "2026-05-26 08:30", "public holiday"),
    ("office", "2026-07-21 10:00", "closed", "2026-07-22 08:30", "2026-07-22 08:30", "public holiday"),
    ("office", "2026-08-15 10:00", "closed", "2026-08-17 08:30", "2026-08-17 08:30", "public holiday"),
    ("office", "2026-11-01 10:00", "closed", "2026-11-02 08:30", "2026-11-02 08:30", "public holiday"),
    ("office", "2026-11-11 10:00", "closed", "2026-11-12 08:30", "2026-11-12 08:30", "public holiday"),
    ("office", "2026-12-25 10:00", "closed", "2026-12-28 08:30", "2026-12-28 08:30", "public holiday"),
    ("office", "2027-03-29 10:00", "closed", "2027-03-30 08:30", "2027-03-30 08:30", "public holiday"),
    ("office", "2027-05-06 10:00", "closed", "2027-05-07 08:30", "2027-05-07 08:30", "public holiday"),
    ("office", "2027-05-17 10:00", "closed", "2027-05-18 08:30", "2027-05-18 08:30", "public holiday"),
    ("office", "2027-11-01 10:00", "closed", "2027-11-02 08:30", "2027-11-02 08:30", "public holiday"),
    # No public holiday: Carnival Monday, and the day after Christmas.
    ("office", "2026-02-16 10:00", "open", "2026-02-16 12:00", None, ""),
    ("office", "2025-12-26 10:00", "open", "2025-12-26 12:00", None, ""),
    ("open on holidays", "2026-12-25 10:00", "open", "2026-12-25 16:30", None, ""),
    # The evening before a holiday, and the last minute of it.
    ("office", "2026-12-24 17:00", "closed", "2026-12-28 08:30", "2026-12-28 08:30", ""),
    ("office", "2026-11-11 23:59", "closed", "2026-11-12 08:30", "2026-11-12 08:30", "public holiday"),
    # The two nights in which the clock changes, in 2026 and 2027.
    ("nights", "2026-03-28 23:00", "open", "2026-03-29 03:00", None, ""),
    ("nights", "2026-03-29 01:59", "open", "2026-03-29 03:00", None, ""),
    ("nights", "2026-03-29 03:00", "closed", "2026-03-29 10:00", "2026-03-29 10:00", ""),
    ("nights", "2026-10-25 01:59", "open", "2026-10-25 02:00", None, ""),
    ("nights", "2026-10-25 02:00", "closed", "2026-10-25 10:00", "2026-10-25 10:00", ""),
    ("sunday morning", "2026-03-29 01:59", "closed", "2026-03-29 03:30", "2026-03-29 03:30", ""),
    ("sunday morning", "2026-03-29 03:29", "closed", "2026-03-29 03:30", "2026-03-29 03:30", ""),
    ("sunday morning", "2026-03-29 03:30", "open", "2026-03-29 05:00", None, ""),
    ("sunday morning", "2026-10-25 02:29", "closed", "2026-10-25 02:30", "2026-10-25 02:30", ""),
    ("sunday morning", "2026-10-25 02:30", "open", "2026-10-25 05:00", None, ""),
    ("sunday morning", "2026-10-25 02:10 again", "open", "2026-10-25 05:00", None, ""),
    ("sunday night", "2026-10-25 02:29", "open", "2026-10-25 02:30", None, ""),
    ("sunday night", "2026-10-25 02:29 again", "closed", "2026-11-01 01:00", "2026-11-01 01:00", ""),
    ("every night", "2026-10-25 02:45", "open", "2026-10-25 03:00", None, ""),
    ("every night", "2026-10-25 02:45 again", "open", "2026-10-25 03:00", None, ""),
    ("every night", "2027-03-28 03:00", "closed", "2027-03-28 20:00", "2027-03-28 20:00", ""),
    ("every night", "2027-10-31 02:59", "open", "2027-10-31 03:00", None, ""),
    ("office", "2026-03-30 08:30", "open", "2026-03-30 12:00", None, ""),
    ("office", "2026-10-26 08:29", "closed", "2026-10-26 08:30", "2026-10-26 08:30", ""),
    ("round the clock", "2026-03-29 03:00", "open", None, None, ""),
    ("round the clock", "2026-10-25 02:30 again", "open", None, None, ""),
    # A night runs past midnight, whatever the next day has.
    ("nights", "2026-11-27 23:59", "open", "2026-11-28 04:00", None, ""),
    ("nights", "2026-11-28 00:00", "open", "2026-11-28 04:00", None, ""),
    ("nights", "2026-11-28 03:59", "open", "2026-11-28 04:00", None, ""),
    ("nights", "2026-11-28 04:00", "closed", "2026-11-28 22:00", "2026-11-28 22:00", ""),
    ("nights", "2026-11-29 01:00", "open", "2026-11-29 02:00", None, ""),
    ("nights", "2026-11-29 02:00", "closed", "2026-11-29 10:00", "2026-11-29 10:00", ""),
    ("until midnight", "2026-11-24 23:59", "open", "2026-11-25 04:00", None, ""),
    ("until midnight", "2026-11-25 00:00", "open", "2026-11-25 04:00", None, ""),
    ("every night", "2026-12-25 01:00", "open", "2026-12-25 03:00", None, ""),
    ("every night", "2026-12-25 22:00", "closed", "2026-12-26 20:00", "2026-12-26 20:00", "public holiday"),
    ("every night", "2026-12-26 01:00", "closed", "2026-12-26 20:00", "2026-12-26 20:00", ""),
    ("night closed", "2026-11-28 02:59", "open", "2026-11-28 03:00", None, ""),
    ("night closed", "2026-11-28 21:00", "closed", "2026-11-29 20:00", "2026-11-29 20:00", "Opleiding"),
    ("night closed", "2026-11-29 01:00", "closed", "2026-11-29 20:00", "2026-11-29 20:00", ""),
    # School days and school holidays.
    ("school", "2026-11-24 10:00", "open", "2026-11-24 16:30", None, ""),
    ("school", "2026-02-13 17:00", "closed", "2026-02-23 08:30", "2026-02-23 08:30", ""),
    ("school", "2026-02-18 10:00", "closed", "2026-02-23 08:30", "2026-02-23 08:30", "Krokusvakantie"),
    ("school", "2026-12-21 08:30", "closed", "2027-01-04 08:30", "2027-01-04 08:30", "Kerstvakantie"),
    ("school", "2026-12-25 10:00", "closed", "2027-01-04 08:30", "2027-01-04 08:30", "Kerstvakantie"),
    ("school", "2027-01-04 08:30", "open", "2027-01-04 16:30", None, ""),
    ("school", "2026-11-11 10:00", "closed", "2026-11-12 08:30", "2026-11-12 08:30", "public holiday"),
    ("school without calendar", "2026-11-24 10:00", "unknown", None, None, "the school holidays are not known"),
    ("school without calendar", "2026-11-24 20:00", "closed", "2026-11-25 08:30", None, ""),
    ("school without calendar", "2026-05-01 10:00", "closed", "2026-05-04 08:30", None, "public holiday"),
    ("school", "2027-08-31 10:00", "open", "2027-08-31 16:30", None, ""),
    ("school", "2027-08-31 20:00", "closed", "2027-09-01 08:30", None, ""),
    ("school", "2027-09-01 10:00", "unknown", None, None,
     "the school holidays are known up to and including 31 August 2027"),
    ("school", "2025-08-29 10:00", "unknown", None, None, "the school holidays are known from 1 September 2025"),
    # The days of the law are not those of the library: Easter Sunday, and Whit Sunday.
    ("every night", "2026-04-05 22:00", "open", "2026-04-06 03:00", None, ""),
    ("every night", "2026-05-24 22:00", "open", "2026-05-25 03:00", None, ""),
    ("office", "2079-12-29 10:00", "open", "2079-12-29 12:00", None, ""),
    ("office", "2079-12-25 10:00", "closed", "2079-12-26 08:30", "2079-12-26 08:30", "public holiday"),
    ("office", "2080-01-02 10:00", "unknown", None, None,
     "the public holidays are known up to and including 31 December 2079"),
    ("office", "2080-01-02 12:30", "closed", "2080-01-02 13:00", None, ""),
    ("open on holidays", "2080-01-02 10:00", "open", "2080-01-02 16:30", None, ""),
    # Other hours for several days hold on days that are open otherwise.
    ("summer", "2026-07-01 10:00", "open", "2026-07-01 12:00", None, "Zomeruren"),
    ("summer", "2026-07-01 14:00", "closed", "2026-07-02 09:00", "2026-07-02 09:00", "Zomeruren"),
    ("summer", "2026-07-04 10:00", "closed", "2026-07-06 09:00", "2026-07-06 09:00", ""),
    ("summer", "2026-07-21 10:00", "closed", "2026-07-22 09:00", "2026-07-22 09:00", "public holiday"),
    ("summer, also weekends", "2026-07-04 10:00", "open", "2026-07-04 12:00", None, "Zomeruren"),
    ("summer, also weekends", "2026-07-21 10:00", "open", "2026-07-21 12:00", None, "Zomeruren"),
    # Exceptions, also over each other, over a holiday and over the year's end.
    ("overlapping exceptions", "2026-11-23 10:00", "closed", "2026-11-30 08:30", "2026-11-30 08:30", "Verbouwing"),
    ("overlapping exceptions", "2026-11-25 10:00", "closed", "2026-11-30 08:30", "2026-11-30 08:30", "Staking"),
    ("overlapping exceptions", "2026-11-27 10:00", "closed", "2026-11-30 08:30", "2026-11-30 08:30", "Verbouwing"),
    ("two periods in one exception", "2026-11-24 09:30", "open", "2026-11-24 10:00", None, "Verkort"),
    ("two periods in one exception", "2026-11-24 10:00", "closed", "2026-11-24 18:00", "2026-11-24 18:00", "Avond"),
    ("two periods in one exception", "2026-11-24 18:00", "open", "2026-11-24 19:00", None, "Avond"),
    ("two periods in one exception", "2026-11-25 10:00", "open", "2026-11-25 12:00", None, ""),
    ("open on the holiday", "2026-12-25 10:30", "open", "2026-12-25 12:00", None, "Kerst"),
    ("open on the holiday", "2026-12-24 10:30", "closed", "2026-12-25 10:00", "2026-12-25 10:00", "Kerstvakantie"),
    ("over new year", "2026-12-31 23:59:59", "closed", "2027-01-04 08:30", "2027-01-04 08:30", "Jaarwissel"),
    ("over new year", "2027-01-01 00:00", "closed", "2027-01-04 08:30", "2027-01-04 08:30", "Jaarwissel"),
    ("evening event", "2026-12-31 10:00", "closed", "2026-12-31 20:00", "2026-12-31 20:00", "Oudejaar"),
    ("evening event", "2026-12-31 23:59:59", "open", "2027-01-01 02:00", None, "Oudejaar"),
    ("evening event", "2027-01-01 01:59", "open", "2027-01-01 02:00", None, "Oudejaar"),
    ("evening event", "2027-01-01 02:00", "closed", "2027-01-01 08:30", "2027-01-01 08:30", ""),
    # Round the clock, also with a day off and on a leap day.
    ("round the clock", "2026-12-31 23:59", "open", None, None, ""),
    ("round the clock", "2028-02-29 12:00", "open", None, None, ""),
    ("round the clock, but", "2026-11-27 12:00", "open", "2026-11-28 00:00", None, ""),
    ("round the clock, but", "2026-11-28 12:00", "closed", "2026-11-29 00:00", "2026-11-29 00:00", "Onderhoud"),
    ("leap day", "2028-02-28 23:59", "open", "2028-02-29 00:00", None, ""),
    ("leap day", "2028-02-29 00:00", "closed", "2028-03-01 00:00", "2028-03-01 00:00", "Schrikkeldag"),
    ("office", "2028-02-29 08:30", "open", "2028-02-29 12:00", None, ""),
    # Nothing is known of the hours, or of one day only.
    ("nothing known", "2026-11-24 10:00", "unknown", None, None, ""),
    ("only an exception known", "2026-12-24 11:00", "open", "2026-12-24 12:00", None, "Kerstmarkt"),
    ("only an exception known", "2026-12-23 11:00", "unknown", None, None, ""),
    ("overlapping slots", "2026-11-30 12:30", "open", "2026-11-30 17:00", None, ""),
]  # fmt: skip


def moment(text):
    """The moment on the clock of Brussels; “again” is the second time the clock shows it that night."""
    clock = datetime.datetime.fromisoformat(text.removesuffix(" again")).replace(tzinfo=BRUSSELS)
    return clock.replace(fold=1 if text.endswith("again") else 0)


def make_named_schedule(name):
    """The schedule with this name, and its school calendar."""
    slots, fields, exceptions, holidays = SCHEDULES[name]
    schedule = make_schedule(*slots, **fields)
    for exception in exceptions:
        make_exception(schedule, **exception)
    return schedule, SchoolCalendar(holidays, SCHOOL_YEARS if holidays else ())


def judge(name, at, **changes):
    schedule, calendar = make_named_schedule(name)
    channel = make_channel(schedule=schedule, **changes)
    return status_of(Channel.objects.with_relations().get(pk=channel.pk), moment(at), calendar)


@pytest.mark.parametrize(("name", "at", "state", "until", "opens", "reason"), CASES)
def test_the_answer_at_a_moment(name, at, state, until, opens, reason):
    with translation.override("en"):
        found = judge(name, at)
    assert (found.state, found.until, found.next_opening, found.reason) == (
        state, until and moment(until), opens and moment(opens), reason,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "at", "state", "until"),
    [
        ("office", "2026-11-24 10:00", "by_appointment", "2026-11-24 12:00"),
        ("office", "2026-11-24 12:00", "closed", "2026-11-24 13:00"),
        ("office", "2026-12-25 10:00", "closed", "2026-12-28 08:30"),
        ("round the clock", "2026-12-25 10:00", "by_appointment", None),
        ("nothing known", "2026-11-24 10:00", "by_appointment", None),
        ("only an exception known", "2026-12-23 10:00", "by_appointment", None),
    ],
)
def test_the_answer_at_a_desk_by_appointment(name, at, state, until):
    found = judge(name, at, appointment_needed=True)
    assert (found.state, found.until) == (state, until and moment(until))


@pytest.mark.parametrize(
    ("day", "hours"), [(datetime.date(2026, 3, 29), 23), (datetime.date(2026, 10, 25), 25)]
)
def test_the_days_on_which_the_clock_changes_have_their_own_length(day, hours):
    schedule, _holidays = make_named_schedule("round the clock")
    [interval] = intervals_of(schedule, day, day, NO_CALENDAR)
    assert interval.end.astimezone(datetime.UTC) - interval.start.astimezone(datetime.UTC) == (
        datetime.timedelta(hours=hours)
    )


@pytest.mark.parametrize(
    "name",
    [
        name
        for name, (slots, _fields, exceptions, holidays) in SCHEDULES.items()
        if not holidays
        and not any(closes < opens for _day, opens, closes in slots)
        and not any(item["closes"] and item["closes"] < item["opens"] for item in exceptions)
        and name != "nothing known"
    ],
)
def test_the_published_expression_says_the_same_as_the_site(name):
    schedule, calendar = make_named_schedule(name)
    published = OpeningHours(expression_of(schedule, calendar), timezone=BRUSSELS, country="BE")
    chance = random.Random(5415)
    channel = Channel.objects.with_relations().get(pk=make_channel(schedule=schedule).pk)
    for _number in range(150):
        at = datetime.datetime(2026, 1, 1, 4, tzinfo=BRUSSELS) + datetime.timedelta(
            days=chance.randrange(800), minutes=chance.randrange(20 * 60)
        )
        assert status_of(channel, at, calendar).state == str(published.state(at)[0]), at


@pytest.mark.parametrize(
    "rule", ["2026 Nov 28 off", "Sa 10:00-12:00", "SH off; PH off; 2026 Nov 28 10:00-12:00"]
)
def test_evaluators_still_cut_a_night_at_midnight(rule):
    """Why schedules are read day by day. When this fails, the library can evaluate the expression itself."""
    night = OpeningHours(f"Fr 20:00-04:00; {rule}", timezone=BRUSSELS, country="BE")
    assert night.is_open(moment("2026-11-27 23:59"))
    assert not night.is_open(moment("2026-11-28 03:00"))


def test_evaluators_still_take_the_second_of_two_equal_times():
    """Why the library does not even evaluate single days: a calendar (RFC 5545) shows the first of the two."""
    night = OpeningHours("2026 Oct 25 01:00-02:30", timezone=BRUSSELS)
    assert night.is_open(moment("2026-10-25 02:10 again"))
    assert judge("sunday night", "2026-10-25 02:31").state == "closed"


def test_nights_are_published_as_rules_that_do_not_overrule_each_other():
    schedule, _holidays = make_named_schedule("nights")
    assert expression_of(schedule, NO_CALENDAR) == (
        "Fr 20:00-24:00; Sa 00:00-04:00,22:00-24:00; Su 00:00-02:00,10:00-12:00"
    )
    published = OpeningHours(expression_of(schedule, NO_CALENDAR), timezone=BRUSSELS, country="BE")
    assert published.is_open(moment("2026-11-28 03:00"))


def test_hours_of_one_day_only_leave_the_other_days_unknown_in_the_expression():
    schedule, _holidays = make_named_schedule("only an exception known")
    assert expression_of(schedule, NO_CALENDAR) == '24/7 unknown; 2026 Dec 24 10:00-12:00 "Kerstmarkt"'


def test_two_periods_of_one_day_add_up_in_the_expression():
    schedule, _holidays = make_named_schedule("two periods in one exception")
    assert expression_of(schedule, NO_CALENDAR).endswith(
        '; 2026 Nov 24 09:00-10:00 "Verkort", 2026 Nov 24 18:00-19:00 "Avond"'
    )
