"""Opening hours at fixed moments: breaks, holidays, exceptions, midnight and the nights the clock changes."""

import datetime

import pytest
from django.utils import translation

from contact.holidays import NO_CALENDAR, SchoolCalendar
from contact.hours_expression import expression_of
from contact.hours_sentences import sentence_of, week_of
from contact.models import Channel, Schedule, ScheduleException, SchoolHoliday, WeeklySlot
from contact.opening_hours import (
    BRUSSELS,
    by_clock,
    days_off_of,
    doubts_of,
    held_of,
    intervals_of,
    known_days_of,
    status_of,
)
from tests.make import make_channel, make_schedule

pytestmark = pytest.mark.django_db

OFFICE = [
    (day, opens, closes) for day in range(5) for opens, closes in (("08:30", "12:00"), ("13:00", "16:30"))
]
TEN_DAYS = "Jan 01,easter +1 day,May 01,easter +39 days,easter +50 days,Jul 21,Aug 15,Nov 01,Nov 11,Dec 25"
AUTUMN = SchoolHoliday(
    name="Herfstvakantie", first_day=datetime.date(2026, 11, 2), last_day=datetime.date(2026, 11, 8)
)
SCHOOL_YEAR = SchoolCalendar([AUTUMN], [(datetime.date(2025, 9, 1), datetime.date(2027, 8, 31))])


def at(text):
    return datetime.datetime.fromisoformat(text).replace(tzinfo=BRUSSELS)


def channel_with(schedule, **changes):
    channel = make_channel(schedule=schedule, **changes)
    return Channel.objects.with_relations().get(pk=channel.pk)


def status(schedule, moment, calendar=NO_CALENDAR, **changes):
    return status_of(channel_with(schedule, **changes), at(moment), calendar)


def office(**changes):
    return make_schedule(*OFFICE, **{"closed_on_public_holidays": True, **changes})


@pytest.mark.parametrize(
    ("moment", "state", "until", "opens"),
    [
        ("2026-11-24 08:29:59", "closed", "2026-11-24 08:30", "2026-11-24 08:30"),
        ("2026-11-24 08:30", "open", "2026-11-24 12:00", None),
        ("2026-11-24 11:59:59", "open", "2026-11-24 12:00", None),
        ("2026-11-24 12:00", "closed", "2026-11-24 13:00", "2026-11-24 13:00"),
        ("2026-11-24 12:59", "closed", "2026-11-24 13:00", "2026-11-24 13:00"),
        ("2026-11-24 13:00", "open", "2026-11-24 16:30", None),
        ("2026-11-24 16:30", "closed", "2026-11-25 08:30", "2026-11-25 08:30"),
        ("2026-11-27 16:30", "closed", "2026-11-30 08:30", "2026-11-30 08:30"),
        ("2026-11-28 10:00", "closed", "2026-11-30 08:30", "2026-11-30 08:30"),
        # 25 December 2026 is a Friday and a public holiday.
        ("2026-12-25 10:00", "closed", "2026-12-28 08:30", "2026-12-28 08:30"),
        ("2026-12-24 17:00", "closed", "2026-12-28 08:30", "2026-12-28 08:30"),
        # Easter Monday, Ascension Day and Whit Monday move with Easter.
        ("2026-04-06 10:00", "closed", "2026-04-07 08:30", "2026-04-07 08:30"),
        ("2026-05-14 10:00", "closed", "2026-05-15 08:30", "2026-05-15 08:30"),
        ("2026-05-25 10:00", "closed", "2026-05-26 08:30", "2026-05-26 08:30"),
        ("2026-07-21 10:00", "closed", "2026-07-22 08:30", "2026-07-22 08:30"),
        # The weekend in which summer time starts and the one in which it ends.
        ("2026-03-29 02:30", "closed", "2026-03-30 08:30", "2026-03-30 08:30"),
        ("2026-10-25 02:30", "closed", "2026-10-26 08:30", "2026-10-26 08:30"),
        ("2026-03-30 08:30", "open", "2026-03-30 12:00", None),
        ("2026-10-26 08:30", "open", "2026-10-26 12:00", None),
    ],
)
def test_office_hours(moment, state, until, opens):
    found = status(office(), moment)
    assert (found.state, found.until, found.next_opening) == (state, at(until), opens and at(opens))


def test_round_the_clock_never_closes():
    found = status(make_schedule(always_open=True), "2026-12-25 03:00")
    assert (found.state, found.until) == ("open", None)


def test_a_public_holiday_is_given_as_the_reason():
    with translation.override("en"):
        assert status(office(), "2026-12-25 10:00").reason == "public holiday"


def test_hours_that_are_not_published_are_unknown():
    found = status(None, "2026-11-24 10:00")
    assert (found.state, found.until, found.next_opening) == ("unknown", None, None)


def test_a_schedule_without_slots_is_unknown():
    assert status(make_schedule(), "2026-11-24 10:00").state == "unknown"


def test_a_desk_by_appointment_is_never_simply_open():
    assert status(None, "2026-11-24 10:00", appointment_needed=True).state == "by_appointment"
    assert status(office(), "2026-11-24 10:00", appointment_needed=True).state == "by_appointment"
    assert status(office(), "2026-11-24 20:00", appointment_needed=True).state == "closed"


@pytest.mark.parametrize(
    ("moment", "state"),
    [
        ("2026-11-28 21:59", "closed"),
        ("2026-11-28 22:00", "open"),
        ("2026-11-28 23:59", "open"),
        ("2026-11-29 00:00", "open"),
        ("2026-11-29 01:59", "open"),
        ("2026-11-29 02:00", "closed"),
    ],
)
def test_a_slot_may_run_past_midnight(moment, state):
    assert status(make_schedule((5, "22:00", "02:00")), moment).state == state


@pytest.mark.parametrize(
    ("moment", "until"),
    [("2026-03-28 23:00", "2026-03-29 04:00"), ("2026-10-24 23:00", "2026-10-25 04:00")],
)
def test_a_slot_over_the_night_the_clock_changes_ends_on_the_clock(moment, until):
    assert status(make_schedule((5, "22:00", "04:00")), moment).until == at(until)


def test_midnight_as_closing_time_is_the_end_of_the_day():
    schedule = make_schedule((1, "20:00", "00:00"))
    assert status(schedule, "2026-11-24 23:59").state == "open"
    assert status(schedule, "2026-11-25 00:00").state == "closed"


@pytest.mark.parametrize(
    ("moment", "state"),
    [("2026-11-03 10:00", "closed"), ("2026-11-09 10:00", "open"), ("2026-11-11 10:00", "closed")],
)
def test_school_days_are_no_school_holidays_and_no_public_holidays(moment, state):
    schedule = office(school_days_only=True)
    assert status(schedule, moment, SCHOOL_YEAR).state == state


def test_a_school_holiday_is_given_as_the_reason():
    found = status(office(school_days_only=True), "2026-11-03 10:00", SCHOOL_YEAR)
    assert (found.reason, found.next_opening) == ("Herfstvakantie", at("2026-11-09 08:30"))


@pytest.mark.parametrize(
    ("moment", "changes", "state", "sentence"),
    [
        (
            "2026-07-07 10:00",
            {},
            "unknown",
            "We do not know whether it is open now: the school holidays are not known.",
        ),
        (
            "2026-07-07 10:00",
            {"appointment_needed": True},
            "unknown",
            "We do not know whether it is open now: the school holidays are not known.",
        ),
        ("2026-07-07 20:00", {}, "closed", "Closed now."),
    ],
)
def test_without_a_school_calendar_nothing_is_promised(moment, changes, state, sentence):
    with translation.override("en"):
        found = status(office(school_days_only=True), moment, **changes)
        assert (found.state, found.next_opening, sentence_of(found)) == (state, None, sentence)
        assert status(office(school_days_only=True), moment, SCHOOL_YEAR, **changes).state != "unknown"


def test_one_holiday_does_not_make_other_days_certain():
    entered = SchoolCalendar.of([AUTUMN])
    assert status(office(school_days_only=True), "2026-11-03 10:00", entered).state == "closed"
    assert status(office(school_days_only=True), "2026-11-24 10:00", entered).state == "unknown"


def test_hours_of_an_exception_need_no_school_calendar():
    schedule = office(school_days_only=True)
    exception(schedule, "2026-07-07", "2026-07-07", "10:00", "16:00", reason="Zomerschool")
    with translation.override("en"):
        assert sentence_of(status(schedule, "2026-07-07 11:00")) == "Open now until 16.00 (Zomerschool)."
        assert sentence_of(status(schedule, "2026-07-06 20:00")) == "Closed now. Opens tomorrow at 10.00."


def exception(schedule, first, last, opens=None, closes=None, reason="Opleiding"):
    return ScheduleException.objects.create(
        schedule=schedule, first_day=first, last_day=last, opens=opens, closes=closes, reason=reason
    )


def test_an_exception_closes_the_day_with_its_reason():
    schedule = office()
    exception(schedule, "2026-11-24", "2026-11-25", reason='Dag "van" het korps')
    found = status(schedule, "2026-11-24 10:00")
    assert (found.state, found.reason, found.next_opening) == (
        "closed",
        'Dag "van" het korps',
        at("2026-11-26 08:30"),
    )


def test_an_exception_gives_other_hours():
    schedule = office()
    exception(schedule, "2026-11-24", "2026-11-24", "18:00", "20:00", "Avondopening")
    assert status(schedule, "2026-11-24 10:00").state == "closed"
    assert status(schedule, "2026-11-24 19:00").until == at("2026-11-24 20:00")


def test_an_exception_opens_on_a_public_holiday():
    schedule = office()
    exception(schedule, "2026-12-25", "2026-12-25", "10:00", "12:00", "Kerst")
    assert status(schedule, "2026-12-25 10:30").state == "open"


def test_of_overlapping_exceptions_the_later_entry_counts():
    schedule = office()
    exception(schedule, "2026-11-23", "2026-11-27", reason="Verbouwing")
    exception(schedule, "2026-11-24", "2026-11-24", "09:00", "11:00", "Toch open")
    assert status(schedule, "2026-11-24 10:00").state == "open"
    assert status(schedule, "2026-11-25 10:00").state == "closed"


def test_an_exception_over_new_year_is_one_stretch():
    schedule = office()
    exception(schedule, "2026-12-28", "2027-01-05", reason="Sluiting")
    assert status(schedule, "2026-12-28 10:00").next_opening == at("2027-01-06 08:30")


@pytest.mark.parametrize(
    ("slots", "flags", "expression"),
    [
        (
            OFFICE,
            {"closed_on_public_holidays": True},
            f'Mo-Fr 08:30-12:00,13:00-16:30; {TEN_DAYS} off "public holiday"; 2080 Jan 01-9999 Dec 31 '
            'Mo-Fr 08:30-12:00,13:00-16:30 unknown "the public holidays are known up to and including '
            '31 December 2079"',
        ),
        ([(0, "09:00", "17:00"), (2, "09:00", "17:00")], {}, "Mo 09:00-17:00; We 09:00-17:00"),
        ([(5, "22:00", "02:00")], {}, "Sa 22:00-24:00; Su 00:00-02:00"),
        ([(5, "20:00", "00:00")], {}, "Sa 20:00-24:00"),
        ([], {"always_open": True}, "24/7"),
        ([], {}, ""),
    ],
)
def test_the_expression_follows_openstreetmap(slots, flags, expression):
    with translation.override("en"):
        assert expression_of(make_schedule(*slots, **flags), NO_CALENDAR) == expression


def test_exceptions_are_part_of_the_expression():
    schedule = make_schedule((0, "09:00", "17:00"))
    exception(schedule, datetime.date(2026, 12, 28), datetime.date(2027, 1, 5))
    assert expression_of(schedule, NO_CALENDAR) == 'Mo 09:00-17:00; 2026 Dec 28-2027 Jan 05 off "Opleiding"'


def test_intervals_cover_the_days_without_gaps():
    found = intervals_of(office(), datetime.date(2026, 11, 24), datetime.date(2026, 11, 24), NO_CALENDAR)
    assert [(item.start.hour, item.end.hour, item.state) for item in found] == [
        (0, 8, "closed"),
        (8, 12, "open"),
        (12, 13, "closed"),
        (13, 16, "open"),
        (16, 0, "closed"),
    ]


def test_intervals_of_unknown_hours_are_empty():
    assert (
        intervals_of(make_schedule(), datetime.date(2026, 11, 24), datetime.date(2026, 11, 24), NO_CALENDAR)
        == []
    )


def test_the_week_lists_every_day():
    with translation.override("en"):
        week = week_of(office())
    assert week[0] == ("Monday", "8.30 – 12.00, 13.00 – 16.30")
    assert week[6] == ("Sunday", "closed")


def test_round_the_clock_has_no_week():
    assert week_of(make_schedule(always_open=True)) == []


@pytest.mark.parametrize(
    ("moment", "sentence"),
    [
        ("2026-11-24 10:00", "Open now until 12.00."),
        ("2026-11-24 12:30", "Closed now. Opens today at 13.00."),
        ("2026-11-24 20:00", "Closed now. Opens tomorrow at 8.30."),
        ("2026-11-28 10:00", "Closed now. Opens Monday at 8.30."),
        ("2026-12-25 10:00", "Closed now: public holiday. Opens Monday at 8.30."),
    ],
)
def test_the_status_is_told_in_a_sentence(moment, sentence):
    with translation.override("en"):
        assert sentence_of(status(office(), moment)) == sentence


@pytest.mark.parametrize(
    ("language", "date"), [("en", "7 December 2026 at 8.30"), ("de", "7. Dezember 2026 um 8.30 Uhr")]
)
def test_far_away_openings_are_told_by_date_as_the_language_writes_it(language, date):
    schedule = office()
    exception(schedule, "2026-11-24", "2026-12-04", reason="Verbouwing")
    with translation.override(language):
        found = sentence_of(status(schedule, "2026-11-24 10:00"))
    assert f"Verbouwing. {'Opens' if language == 'en' else 'Öffnet'} {date}." in found


def test_the_other_states_have_their_sentences():
    with translation.override("en"):
        assert sentence_of(status(None, "2026-11-24 10:00")) == "The opening hours are not in our source."
        assert (
            sentence_of(status(make_schedule(always_open=True), "2026-11-24 10:00")) == "Open day and night."
        )
        assert (
            sentence_of(status(None, "2026-11-24 10:00", appointment_needed=True)) == "By appointment only."
        )


def test_a_moment_in_another_time_zone_is_judged_in_brussels():
    found = status_of(
        channel_with(office()), datetime.datetime(2026, 11, 24, 11, 30, tzinfo=datetime.UTC), NO_CALENDAR
    )
    assert found.state == "closed"


# --- doubt, and the days of a channel itself: the rules alone, with rows that are not stored ---

NOON = "2026-06-10 12:00"  # a Wednesday
WEEKDAYS = [(day, "08:30", "16:30") for day in range(5)]
UNTIL_TUESDAY = SchoolCalendar([], [(datetime.date(2025, 9, 1), datetime.date(2026, 6, 9))])
DOUBT = "de schoolvakanties zijn bekend tot en met 9 juni 2026"


def unsaved(*slots, exceptions=(), **changes):
    """A schedule with its parts, as if they had been fetched."""
    made = Schedule(**changes)
    times = datetime.time.fromisoformat
    rows = [WeeklySlot(weekday=day, opens=times(opens), closes=times(closes)) for day, opens, closes in slots]
    made._prefetched_objects_cache = {"slots": rows, "exceptions": list(exceptions)}
    return made


def judged(schedule, moment, calendar=NO_CALENDAR, **changes):
    return status_of(Channel(schedule=schedule, **changes), at(moment), calendar)


def day(text):
    return datetime.date.fromisoformat(text)


@pytest.mark.parametrize("changes", [{}, {"appointment_needed": True}])
def test_nothing_is_open_while_it_may_be_a_holiday(changes):
    found = judged(unsaved(*WEEKDAYS, school_days_only=True), NOON, UNTIL_TUESDAY, **changes)
    assert (found.state, found.until, found.next_opening, found.reason) == ("unknown", None, None, DOUBT)


def test_an_opening_in_doubt_is_not_promised():
    hours = unsaved(*WEEKDAYS, school_days_only=True)
    found = judged(hours, "2026-06-09 17:00", UNTIL_TUESDAY)
    assert (found.state, found.next_opening, found.until) == ("closed", None, at("2026-06-10 08:30"))
    assert judged(hours, "2026-06-08 17:00", UNTIL_TUESDAY).next_opening == at("2026-06-09 08:30")


def test_without_doubt_the_days_known_are_no_limit():
    assert judged(unsaved(*WEEKDAYS), NOON, UNTIL_TUESDAY).state == "open"


def test_hours_that_are_not_known_are_by_appointment_where_one_is_needed():
    assert judged(unsaved(), NOON).state == "unknown"
    assert judged(unsaved(), NOON, appointment_needed=True).state == "by_appointment"
    assert judged(None, NOON, appointment_needed=True).state == "by_appointment"
    assert judged(None, NOON).state == "unknown"


ALWAYS = [(number, "00:00", "00:00") for number in range(7)]


@pytest.mark.parametrize(
    ("slots", "last", "until"),
    [
        (WEEKDAYS, "2026-06-10", "2026-06-10 16:30"),
        (ALWAYS, "2026-06-10", "2026-06-11 00:00"),
        (ALWAYS, "2026-06-12", "2026-06-13 00:00"),
        (ALWAYS, "2027-06-09", "2027-06-10 00:00"),
        (ALWAYS, "2027-06-12", None),  # further than anybody looks ahead
        ([(2, "08:30", "02:00")], "2026-06-10", "2026-06-11 00:00"),
    ],
)
def test_nothing_is_open_beyond_the_last_day_of_a_channel(slots, last, until):
    for changes, state in (({}, "open"), ({"appointment_needed": True}, "by_appointment")):
        found = judged(unsaved(*slots), NOON, valid_until=day(last), **changes)
        assert (found.state, found.until) == (state, until and at(until))


@pytest.mark.parametrize(
    ("last", "opens"),
    [("2026-06-10", None), ("2026-06-11", "2026-06-11 08:30"), ("2026-06-12", "2026-06-11 08:30")],
)
def test_no_opening_is_announced_after_the_last_day_of_a_channel(last, opens):
    found = judged(unsaved(*WEEKDAYS), "2026-06-10 17:00", valid_until=day(last))
    assert (found.state, found.next_opening, found.until) == (
        "closed",
        opens and at(opens),
        opens and at(opens),
    )


def test_an_opening_at_the_midnight_after_the_last_day_is_not_announced():
    found = judged(unsaved((3, "00:00", "08:00")), NOON, valid_until=day("2026-06-10"))
    assert (found.next_opening, found.until) == (None, None)


@pytest.mark.parametrize(
    ("first", "opens"),
    [("2026-06-10", None), ("2026-06-11", "2026-06-11 08:30"), ("2026-06-13", "2026-06-15 08:30")],
)
def test_a_channel_opens_on_its_first_day_and_not_before(first, opens):
    found = judged(unsaved(*WEEKDAYS), NOON, valid_from=day(first))
    assert (found.state == "open", found.next_opening) == (opens is None, opens and at(opens))


def test_a_night_before_the_first_day_of_a_channel_does_not_count():
    nights = unsaved(*((number, "22:00", "06:00") for number in range(7)))
    assert judged(nights, "2026-06-10 03:00").state == "open"
    assert judged(nights, "2026-06-10 03:00", valid_from=day("2026-06-10")).state == "closed"
    spans, _rest, _reason = by_clock(nights, NO_CALENDAR, day("2026-06-10"))(day("2026-06-10"))
    assert [str(opens) for opens, *_others in spans] == ["22:00:00"]
    assert len(by_clock(nights, NO_CALENDAR, day("2026-06-10"))(day("2026-06-11"))[0]) == 2


HOLIDAY = SchoolHoliday(name="vakantie", first_day=day("2026-06-09"), last_day=day("2026-06-10"))
JUNE = SchoolCalendar([HOLIDAY], [(day("2026-06-01"), day("2026-06-30"))])


def test_days_off_hold_both_ends_and_leave_out_days_that_are_closed_anyhow():
    hours = unsaved(*WEEKDAYS, school_days_only=True)
    (found,) = days_off_of(hours, day("2026-06-08"), JUNE)
    assert (found.first_day, found.last_day, found.reason) == (
        day("2026-06-09"),
        day("2026-06-10"),
        "vakantie",
    )
    assert days_off_of(hours, day("2026-06-08"), JUNE, day("2026-06-08")) == []
    (cut,) = days_off_of(hours, day("2026-06-08"), JUNE, day("2026-06-09"))
    assert cut.last_day == day("2026-06-09")
    assert days_off_of(unsaved((0, "08:30", "12:00"), school_days_only=True), day("2026-06-08"), JUNE) == []


@pytest.mark.parametrize(("from_day", "announced"), [("2026-09-08", []), ("2026-09-09", ["2026-10-07"])])
def test_days_off_are_announced_four_weeks_ahead_and_to_their_end(from_day, announced):
    autumn_break = SchoolHoliday(name="vakantie", first_day=day("2026-10-06"), last_day=day("2026-10-07"))
    calendar = SchoolCalendar([autumn_break], [(day("2026-09-01"), day("2027-08-31"))])
    found = days_off_of(unsaved(*WEEKDAYS, school_days_only=True), day(from_day), calendar)
    assert [str(item.last_day) for item in found] == announced


def test_an_exception_parts_the_days_off():
    hours = unsaved(*WEEKDAYS, exceptions=[closed_on("2026-06-10")], school_days_only=True)
    long = SchoolHoliday(name="vakantie", first_day=day("2026-06-09"), last_day=day("2026-06-11"))
    found = days_off_of(hours, day("2026-06-08"), SchoolCalendar([long], JUNE.known))
    assert [(item.first_day, item.last_day) for item in found] == [
        (day("2026-06-09"), day("2026-06-09")),
        (day("2026-06-11"), day("2026-06-11")),
    ]


def closed_on(first, last=None, **changes):
    days = {"first_day": day(first), "last_day": day(last or first)}
    return ScheduleException(**{"reason": "opleiding", **days, **changes})


def test_doubts_are_told_once_for_each_stretch_of_days():
    hours = unsaved(*WEEKDAYS, school_days_only=True)
    (found,) = doubts_of(hours, day("2026-06-08"), day("2026-06-12"), UNTIL_TUESDAY)
    assert (found.first_day, found.last_day) == (day("2026-06-10"), day("2026-06-12"))
    assert (found.reason, found.state) == (DOUBT, "unknown")
    assert doubts_of(unsaved(*WEEKDAYS), day("2026-06-08"), day("2026-06-12"), UNTIL_TUESDAY) == []


def test_each_reason_for_doubt_has_its_own_days():
    years = SchoolCalendar([], [*UNTIL_TUESDAY.known, (day("2026-06-12"), day("2026-06-12"))])
    found = doubts_of(unsaved(*WEEKDAYS, school_days_only=True), day("2026-06-08"), day("2026-06-15"), years)
    assert [(item.first_day, item.last_day, item.reason) for item in found] == [
        (day("2026-06-10"), day("2026-06-11"), DOUBT),
        (day("2026-06-13"), day("2026-06-15"), DOUBT.replace("9 juni", "12 juni")),
    ]


def test_the_days_known_are_those_of_the_school_years_or_of_the_law():
    years = SchoolCalendar(
        [], [(day("2026-09-01"), day("2027-08-31")), (day("2080-09-01"), day("2081-08-31"))]
    )
    assert known_days_of(unsaved(school_days_only=True), years) == [(day("2026-09-01"), day("2027-08-31"))]
    assert known_days_of(unsaved(closed_on_public_holidays=True), years) == [(None, day("2079-12-31"))]
    assert known_days_of(unsaved(), years) == []
    last = SchoolCalendar([], [(day("2079-12-31"), day("2080-08-31"))])
    assert known_days_of(unsaved(school_days_only=True), last) == [(day("2079-12-31"), day("2079-12-31"))]


def test_an_exception_is_told_with_the_days_on_which_it_holds():
    (held,) = held_of(unsaved(*WEEKDAYS, exceptions=[closed_on("2026-06-08", "2026-06-14")]), NO_CALENDAR)
    assert len(held.days) == 7
    assert (held.weekdays, held.left_out) == ([], [])
