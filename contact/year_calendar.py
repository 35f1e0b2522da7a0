"""A year of holidays and exceptions: what is known, what is missing, and each day of one schedule."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.dates import MONTHS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contact.holidays import SchoolCalendar, named_public_holidays, stretches_of
from contact.hours_at import days_text, times_text
from contact.hours_sentences import week_of
from contact.models import Schedule, ScheduleException
from contact.opening_hours import days_off_of, doubts_of, each_day, held_of

# The states of a day, by the letter that stands for it in the grid.
OPEN, CLOSED, HOLIDAY, SCHOOL = "open", "closed", "holiday", "school"
SHUT, OTHER, UNKNOWN = "shut", "other", "unknown"
LETTERS = {
    OPEN: ("O", gettext_lazy("open as in any week")),
    CLOSED: ("", gettext_lazy("closed as in any week")),
    HOLIDAY: ("F", gettext_lazy("closed: public holiday")),
    SCHOOL: ("S", gettext_lazy("closed: school holiday")),
    SHUT: ("X", gettext_lazy("closed: exception")),
    OTHER: ("A", gettext_lazy("other hours: exception")),
    UNKNOWN: ("?", gettext_lazy("not known")),
}


@dataclass(frozen=True)
class Entry:
    """A line of the calendar: the days, what they are, and whether something is missing."""

    first_day: datetime.date
    days: str
    name: str
    hours: str = ""
    is_missing: bool = False


@dataclass(frozen=True)
class Day:
    """One day of the grid."""

    number: int
    state: str
    letter: str
    text: str


def bounds_of(year: int) -> tuple[datetime.date, datetime.date]:
    """Return the first and the last day of a year."""
    return datetime.date(year, 1, 1), datetime.date(year, 12, 31)


def holidays_of(year: int, calendar: SchoolCalendar) -> list[Entry]:
    """Return the public and school holidays of a year by date, and the days of which they are not known."""
    first, last = bounds_of(year)
    found = [Entry(day, days_text(day, day), name) for day, name in named_public_holidays(year).items()]
    if not found:
        found.append(Entry(first, str(year), _("The public holidays are not known."), is_missing=True))
    for holiday in calendar.holidays:
        if holiday.first_day <= last and first <= holiday.last_day:
            text = _("School holiday: %(name)s") % {"name": holiday.translated.name}
            found.append(Entry(holiday.first_day, days_text(holiday.first_day, holiday.last_day), text))
    missing = _("The school holidays are not known: add and publish the school year.")
    unknown = [day for day in each_day(first, last) if calendar.doubt_on(day)]
    found += [
        Entry(start, days_text(start, end), missing, is_missing=True) for start, end in stretches_of(unknown)
    ]
    return sorted(found, key=lambda entry: (entry.first_day, entry.is_missing))


def exceptions_of(schedule: Schedule, year: int) -> list[Entry]:
    """Return the exceptions of a schedule in a year by date. Needs the prefetched exceptions."""
    first, last = bounds_of(year)
    items: Iterable[ScheduleException] = schedule.exceptions.all()
    listed = sorted(items, key=lambda item: (item.first_day, item.pk))
    return [
        Entry(
            item.first_day,
            days_text(item.first_day, item.last_day),
            item.translated.reason,
            times_text(item.times),
        )
        for item in listed
        if item.first_day <= last and first <= item.last_day
    ]


def months_of(schedule: Schedule, year: int, calendar: SchoolCalendar) -> list[tuple[str, list[Day]]]:
    """Return the days of a year by month, each with its state and the reason for it."""
    found: dict[int, list[Day]] = {month: [] for month in MONTHS}
    for day, (state, text) in _states(schedule, year, calendar).items():
        letter, meaning = LETTERS[state]
        found[day.month].append(Day(day.day, state, str(letter), text or str(meaning)))
    return [(str(MONTHS[month]), days) for month, days in found.items()]


def _states(schedule: Schedule, year: int, calendar: SchoolCalendar) -> dict[datetime.date, tuple[str, str]]:
    """Return the state and the reason of each day; a later rule overrides an earlier one."""
    first, last = bounds_of(year)
    week = {slot.weekday for slot in schedule.slots.all()}
    found = {
        day: (OPEN if schedule.always_open or day.weekday() in week else CLOSED, "")
        for day in each_day(first, last)
    }
    if not (week or schedule.always_open):
        found = dict.fromkeys(found, (UNKNOWN, _("No hours are filled in.")))
    for doubt in doubts_of(schedule, first, last, calendar):
        found |= dict.fromkeys(each_day(doubt.first_day, doubt.last_day), (UNKNOWN, doubt.reason))
    public = named_public_holidays(year)
    for off in days_off_of(schedule, first, calendar, last):
        for day in each_day(off.first_day, off.last_day):
            if found.get(day, (CLOSED, ""))[0] != CLOSED:
                is_public = day in public and not calendar.holiday_on(day)
                found[day] = (HOLIDAY, public[day]) if is_public else (SCHOOL, off.reason)
    for held in held_of(schedule, calendar):
        text = f"{held.translated.reason}: {times_text(held.exception.times)}"
        state = SHUT if held.exception.is_closed else OTHER
        found |= {day: (state, text) for day in held.days if day in found}
    return found


def rules_text(schedule: Schedule) -> str:
    """Return what the schedule does on holidays."""
    if schedule.always_open:
        return _("Round the clock, holidays included.")
    if not week_of(schedule):
        return _("No regular hours.")
    if schedule.school_days_only:
        return _("Closed on public holidays and in the school holidays.")
    if schedule.closed_on_public_holidays:
        return _("Closed on public holidays.")
    return _("Open on public holidays too.")
