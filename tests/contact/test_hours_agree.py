"""What every output says of one moment: the state, the intervals, the expression, the calendar, the linked data."""

import datetime
from contextlib import suppress
from datetime import date, time, timedelta

from django.core.exceptions import ValidationError
from django.utils import translation
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from icalendar import Calendar
from opening_hours import OpeningHours

from contact.api.hours import HoursSerializer
from contact.api.linked import hours_of_place
from contact.downloads import calendar_of
from contact.holidays import SchoolCalendar, public_holidays
from contact.hours_expression import expression_of
from contact.hours_sentences import sentence_of
from contact.models import Channel, Schedule, ScheduleException, SchoolHoliday, Topic, WeeklySlot
from contact.opening_hours import BRUSSELS, intervals_of, status_of
from contact.overlaps import check_exceptions, check_slots
from pzgent.kernel.rest.fields import show_all

ONE_DAY = timedelta(days=1)
FEW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
FIRST, LAST = date(2026, 9, 1), date(2028, 8, 31)
CALENDAR = SchoolCalendar(
    [
        SchoolHoliday(name=name, first_day=date.fromisoformat(first), last_day=date.fromisoformat(last))
        for name, first, last in (
            ("Herfstvakantie", "2026-11-02", "2026-11-08"),
            ("Kerstvakantie", "2026-12-21", "2027-01-03"),
            ("Paasvakantie", "2027-03-29", "2027-04-11"),
            ("Zomervakantie", "2027-07-01", "2027-08-31"),
        )
    ],
    [(FIRST, LAST)],
)
# Days on which something changes: the clock, the year, what is known, holidays.
TURNS = [
    date(2026, 3, 29), date(2026, 10, 25), date(2026, 8, 31), FIRST, date(2026, 11, 1), date(2026, 11, 11),
    date(2026, 12, 25), date(2027, 1, 1), date(2027, 3, 28), date(2027, 3, 29), date(2027, 5, 16), date(2027, 5, 17),
    date(2027, 7, 15), date(2027, 7, 21), date(2027, 9, 1), LAST, date(2028, 9, 1), date(2079, 12, 31),
    date(2080, 1, 2),
]  # fmt: skip
CHANGES_OF_THE_CLOCK = {
    date(2026, 3, 29),
    date(2026, 10, 25),
    date(2027, 3, 28),
    date(2027, 10, 31),
    date(2028, 3, 26),
}
RULES = [
    {},
    {"closed_on_public_holidays": True},
    {"school_days_only": True},
    {"closed_on_public_holidays": True, "school_days_only": True},
]
clocks = st.builds(time, st.integers(0, 23), st.sampled_from([0, 30]))
days = st.one_of(
    st.builds(lambda day, more: day + more * ONE_DAY, st.sampled_from(TURNS), st.integers(-2, 2)),
    st.dates(date(2026, 1, 1), date(2028, 12, 31)),
)


@st.composite
def schedules(draw, nights=True):
    """Opening hours that a form accepts."""
    rules = draw(st.sampled_from(RULES))
    schedule = Schedule(title="Uren", slug="uren", **rules)
    slots: list[WeeklySlot] = []
    for weekday, opens, closes in draw(st.lists(st.tuples(st.integers(0, 6), clocks, clocks), max_size=8)):
        is_night = time() < closes < opens
        if opens == closes or (is_night and (not nights or schedule.school_days_only)):
            continue
        slot = WeeklySlot(schedule=schedule, weekday=weekday, opens=opens, closes=closes)
        with suppress(ValidationError):
            check_slots([*slots, slot])
            slots.append(slot)
    exceptions: list[ScheduleException] = []
    for number in range(draw(st.integers(0, 3))):
        first = draw(days)
        exception = ScheduleException(
            pk=number + 1,
            schedule=schedule,
            first_day=first,
            last_day=first + draw(st.sampled_from([0, 0, 1, 6, 62])) * ONE_DAY,
            also_when_closed=draw(st.booleans()),
            reason="Anders",
        )
        if draw(st.booleans()):
            exception.opens, exception.closes = draw(clocks), draw(clocks)
            if exception.opens == exception.closes or (
                time() < exception.closes < exception.opens and (not nights or schedule.school_days_only)
            ):
                continue
        with suppress(ValidationError):
            check_exceptions([*exceptions, exception])
            exceptions.append(exception)
    assume(slots)
    schedule._prefetched_objects_cache = {"slots": slots, "exceptions": exceptions}
    return schedule


def channel_of(schedule, **changes):
    topic = Topic(title="Onderwerp", slug="onderwerp", status="published")
    return Channel(label="Loket", slug="loket", topic=topic, kind="phone", schedule=schedule, **changes)


def moment_on(day, clock):
    return datetime.datetime.combine(day, clock, BRUSSELS).astimezone(datetime.UTC).astimezone(BRUSSELS)


def said_by_intervals(schedule, at):
    found = intervals_of(schedule, at.date(), at.date(), CALENDAR)
    [state] = [item.state for item in found if item.start <= at < item.end]
    return state


def said_by_calendar(schedule, at):
    channel = channel_of(schedule, modified=at)
    schedule.modified = at
    found = intervals_of(schedule, at.date() - ONE_DAY, at.date() + ONE_DAY, CALENDAR, channel)
    text = calendar_of(channel, found, lambda path: f"https://example.org{path}")
    for event in Calendar.from_ical(text).walk("VEVENT"):
        if isinstance(event.start, datetime.datetime) and event.start <= at < event.end:
            return "unknown" if event.get("STATUS") == "TENTATIVE" else "open"
    return "closed"


def said_by_linked_data(schedule, at):
    """Open or not, as schema.org reads it: special hours come before the week, public holidays among it."""
    [hours] = show_all(HoursSerializer, [schedule], {"calendar": CALENDAR})
    told = hours_of_place(hours)
    week = told.get("schema:openingHoursSpecification", [])
    special = told.get("schema:specialOpeningHoursSpecification", [])
    today, clock = at.date(), at.time()
    evening = [(*part, True) for part in periods_on(today - ONE_DAY, week, special)]
    for opens, closes, is_eve in [*evening, *((*part, False) for part in periods_on(today, week, special))]:
        is_open = (
            closes < opens and clock < closes
            if is_eve
            else opens <= clock and (clock < closes or closes < opens)
        )
        if is_open:
            return True
    return False


def periods_on(day, week, special):
    """The hours that start on a day; equal times mean closed."""
    found = [part for part in special if covers(part, day)]
    if not found:
        holidays = [part for part in week if "PublicHolidays" in str(part["schema:dayOfWeek"])]
        if holidays and day in public_holidays(day.year):
            return []
        found = [part for part in week if covers(part, day)]
    hours = [
        tuple(time.fromisoformat(part[name]["@value"]) for name in ("schema:opens", "schema:closes"))
        for part in found
    ]
    return [(opens, closes) for opens, closes in hours if opens != closes]


def covers(part, day):
    first = part.get("schema:validFrom", {"@value": "0001-01-01"})["@value"]
    last = part.get("schema:validThrough", {"@value": "9999-12-31"})["@value"]
    return first <= day.isoformat() <= last and (
        "schema:dayOfWeek" not in part or f"schema:{day:%A}" in str(part["schema:dayOfWeek"])
    )


SENTENCES = {"open": "Open", "closed": "Closed now", "unknown": "We do not know"}


@FEW
@given(schedules(), days, clocks)
def test_all_outputs_say_the_same_at_any_moment(schedule, day, clock):
    at = moment_on(day, clock)
    with translation.override("en"):
        status = status_of(channel_of(schedule), at, CALENDAR)
        assert said_by_intervals(schedule, at) == status.state
        assert said_by_calendar(schedule, at) == status.state
        assert said_by_linked_data(schedule, at) == (status.state == "open")
        assert sentence_of(status).startswith(SENTENCES[status.state])
        # Evaluators judge the nights in which the clock changes in their own way.
        if not {day, day - ONE_DAY} & CHANGES_OF_THE_CLOCK:
            published = OpeningHours(expression_of(schedule, CALENDAR), timezone=BRUSSELS)
            assert str(published.state(at)[0]) == status.state


@FEW
@given(schedules(), days, clocks)
def test_the_state_lasts_until_it_says(schedule, day, clock):
    at = moment_on(day, clock)
    channel = channel_of(schedule)
    status = status_of(channel, at, CALENDAR)
    if status.until:
        before = (status.until.astimezone(datetime.UTC) - timedelta(seconds=1)).astimezone(BRUSSELS)
        assert status_of(channel, before, CALENDAR).state == status.state
        assert status_of(channel, status.until, CALENDAR).state != status.state
    if status.next_opening:
        assert status.state == "closed"
        assert status.until == status.next_opening
        assert status_of(channel, status.next_opening, CALENDAR).state == "open"


@FEW
@given(schedules(nights=False), days, st.integers(0, 20), days, clocks)
def test_nothing_is_said_of_days_on_which_a_channel_is_not_there(schedule, first, length, day, clock):
    last = first + length * ONE_DAY
    channel = channel_of(schedule, valid_from=first, valid_until=last)
    expression = expression_of(schedule, CALENDAR, first, last)
    at = moment_on(day, clock)
    assume(not {day, day - ONE_DAY} & CHANGES_OF_THE_CLOCK)
    published = str(OpeningHours(expression, timezone=BRUSSELS).state(at)[0])
    if not first <= day <= last:
        assert published == "closed"
        return
    status = status_of(channel, at, CALENDAR)
    assert published == status.state
    end = moment_on(last + ONE_DAY, time())
    assert status.next_opening is None or status.next_opening < end
    assert status.state != "open" or status.until is None or status.until <= end


def test_a_night_before_its_first_day_does_not_open_a_channel():
    schedule = Schedule(title="Nacht", slug="nacht")
    slots = [WeeklySlot(schedule=schedule, weekday=day, opens=time(20), closes=time(4)) for day in range(7)]
    schedule._prefetched_objects_cache = {"slots": slots, "exceptions": []}
    channel = channel_of(schedule, valid_from=date(2026, 12, 1))
    assert status_of(channel, moment_on(date(2026, 12, 1), time(1)), CALENDAR).state == "closed"
    assert status_of(channel, moment_on(date(2026, 12, 2), time(1)), CALENDAR).state == "open"
