"""The opening hours at any moment, as a sentence with the rule that decides it; for editors who check their hours."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from contact.holidays import SchoolCalendar, doubt_about_public_holidays, public_holiday_on
from contact.hours_sentences import clock_text, hours_text, week_of
from contact.models import Channel, Schedule
from contact.opening_hours import (
    BRUSSELS,
    CLOSED,
    MIDNIGHT,
    OPEN,
    Status,
    by_clock,
    held_of,
    status_of,
)

ONE_DAY = datetime.timedelta(days=1)


@dataclass(frozen=True)
class HoursAt:
    """State of a schedule at a moment: the sentence, and the rule behind it."""

    sentence: str
    why: str


def hours_at(
    schedule: Schedule, day: datetime.date, time: datetime.time, calendar: SchoolCalendar
) -> HoursAt:
    """Return the state at a day and a time in Brussels; a time that the clock skips counts as one hour later."""
    moment = datetime.datetime.combine(day, time, BRUSSELS)
    status = status_of(Channel(schedule=schedule), moment, calendar)
    return HoursAt(
        f"{capfirst(moment_text(status.evaluated_at))}: {_state(status)}.", _rule(schedule, status, calendar)
    )


def _state(status: Status) -> str:
    if status.state == OPEN:
        return _("open day and night") if status.until is None else _open_until(status, status.until)
    if status.state != CLOSED:
        reason = status.reason or _("no hours are filled in")
        return _("not known whether it is open: %(reason)s") % {"reason": reason}
    if status.next_opening is None:
        return _("closed, without a next opening in sight")
    if status.next_opening.date() == status.evaluated_at.date():
        return _("closed; opens at %(time)s") % {"time": clock_text(status.next_opening.time())}
    return _("closed; opens %(moment)s") % {"moment": moment_text(status.next_opening)}


def _open_until(status: Status, until: datetime.datetime) -> str:
    days = (until.date() - status.evaluated_at.date()).days
    if days == 0:
        clock = pgettext("until", "%(time)s") % {"time": clock_text(until.time())}
        return _("open until %(moment)s") % {"moment": clock}
    is_midnight = days == 1 and until.time() == MIDNIGHT
    return _("open until %(moment)s") % {"moment": _("midnight") if is_midnight else moment_text(until)}


def moment_text(moment: datetime.datetime) -> str:
    """Return a day and a time in words."""
    values = {"day": _day(moment), "time": clock_text(moment.time())}
    return _("%(day)s at %(time)s") % values


def _day(day: datetime.date) -> str:
    """Return a day with its day of the week, as the language writes a date."""
    return f"{date_format(day, 'l')} {date_format(day)}"


def _rule(schedule: Schedule, status: Status, calendar: SchoolCalendar) -> str:
    """Return the rule that decides about a moment; after midnight that may be the rule of the evening before."""
    day, time = status.evaluated_at.date(), status.evaluated_at.time()
    if status.state == OPEN and not _opens_itself(schedule, day, time, calendar):
        evening = day - ONE_DAY
        values = {"day": _day(evening), "rule": _rule_of(schedule, evening, calendar)}
        return _("it belongs to the night of %(day)s. %(rule)s") % values
    return _rule_of(schedule, day, calendar)


def _opens_itself(
    schedule: Schedule, day: datetime.date, time: datetime.time, calendar: SchoolCalendar
) -> bool:
    """True if a period of the day itself, not of the night before, includes the time."""
    spans, _rest, _reason = by_clock(schedule, calendar, day)(day)
    return any(opens <= time and (closes == MIDNIGHT or time < closes) for opens, closes, *_more in spans)


def _rule_of(schedule: Schedule, day: datetime.date, calendar: SchoolCalendar) -> str:
    """Return the rule for the periods that start on a day, in the order in which rules override each other."""
    applying = [held.exception for held in held_of(schedule, calendar) if day in held.days]
    if applying:
        last = applying[-1]
        values = {"reason": last.translated.reason, "days": days_text(last.first_day, last.last_day)}
        return _("The exception “%(reason)s” decides (%(days)s).") % values
    holiday = calendar.holiday_on(day) if schedule.school_days_only else None
    if holiday:
        values = {"name": holiday.translated.name, "days": days_text(holiday.first_day, holiday.last_day)}
        return _("It is a school holiday: %(name)s (%(days)s).") % values
    skips = schedule.closed_on_public_holidays or schedule.school_days_only
    public = public_holiday_on(day)
    if skips and public:
        return _("It is a public holiday: %(name)s.") % {"name": public}
    doubt = calendar.doubt_on(day) if schedule.school_days_only else ""
    doubt = doubt or (doubt_about_public_holidays(day) if skips else "")
    if doubt:
        return f"{capfirst(doubt)}."
    if schedule.always_open:
        return _("The hours are round the clock.")
    return _regular_rule(schedule, day)


def _regular_rule(schedule: Schedule, day: datetime.date) -> str:
    week = week_of(schedule)
    if not week:
        return _("No hours are filled in.")
    name, hours = week[day.weekday()]
    public = public_holiday_on(day)
    text = _("The regular week decides: %(day)s %(hours)s.") % {"day": name, "hours": hours}
    if public and not schedule.closed_on_public_holidays:
        note = _("It is a public holiday (%(name)s), but these hours do not close on public holidays.")
        text = f"{text} {note % {'name': public}}"
    return text


def days_text(first: datetime.date, last: datetime.date) -> str:
    """Return a range of days in words."""
    start, end = (date_format(day) for day in (first, last))
    return start if first == last else _("from %(first)s to %(last)s") % {"first": start, "last": end}


def times_text(times: tuple[datetime.time, datetime.time] | None) -> str:
    """Return the hours of an exception in words."""
    return hours_text(*(times or (None, None)))
