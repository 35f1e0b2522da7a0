"""Evaluate schedules day by day: state at a moment, next opening, intervals and days off.

The schedule is also published as an OpenStreetMap `opening_hours` expression (see `contact.hours_expression`).

A period belongs to the day on which it starts, even if it runs past midnight: a closed Saturday does not end Friday
night, and nobody is there after midnight if the evening before was closed. Evaluators of the expression cut such a
night at midnight, so the expression is only published, not evaluated here. `opening-hours-py` does not evaluate
single days either: of a time that occurs twice it takes the second, and a year of days takes it 30 ms. Tests of
these moments show when the library changes. Times that the clock skips or repeats are read as in RFC 5545, so that
a calendar shows the same.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice, takewhile
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from contact.holidays import (
    LAST_PUBLIC_HOLIDAYS,
    SchoolCalendar,
    doubt_about_public_holidays,
    public_holidays,
)
from pzgent.kernel import clock
from pzgent.kernel.validity import holds_until, is_for_any_time

if TYPE_CHECKING:
    from contact.models import Channel, Schedule, ScheduleException

BRUSSELS = ZoneInfo("Europe/Brussels")
# How far ahead to look for the next opening; a place that is closed for longer has no next opening to announce.
HORIZON = datetime.timedelta(days=366)
ONE_DAY = datetime.timedelta(days=1)
# Number of days ahead for which holidays are announced.
DAYS_AHEAD = 28
MIDNIGHT = datetime.time()

OPEN, BY_APPOINTMENT, CLOSED, UNKNOWN = "open", "by_appointment", "closed", "unknown"


@dataclass(frozen=True)
class Status:
    """State shown to a visitor at one moment; all times are in Brussels time."""

    state: str
    evaluated_at: datetime.datetime
    until: datetime.datetime | None = None
    next_opening: datetime.datetime | None = None
    reason: str = ""


@dataclass(frozen=True)
class Interval:
    """Time range in one state; the end is exclusive."""

    start: datetime.datetime
    end: datetime.datetime
    state: str
    reason: str = ""


@dataclass(frozen=True)
class DaysOff:
    """Range of days, both ends included, that are closed or of unknown state for one reason."""

    first_day: datetime.date
    last_day: datetime.date
    reason: str
    state: str = CLOSED


def status_of(channel: Channel, at: datetime.datetime, calendar: SchoolCalendar) -> Status:
    """Return whether a channel is open at a moment, until when, and its next opening, up to the channel's last day."""
    status = _within_days(channel, _status_by_hours(channel, at, calendar))
    changes = [moment for moment in (status.until, status.next_opening) if moment]
    if not changes:
        return status
    if is_for_any_time():
        return Status(UNKNOWN, status.evaluated_at, reason=_("see all opening hours"))
    # At midnight “tomorrow” becomes another day.
    midnight = _moment_of(status.evaluated_at.date() + ONE_DAY, MIDNIGHT)
    holds_until(min(*changes, midnight))
    return status


def _within_days(channel: Channel, status: Status) -> Status:
    if channel.schedule is None or channel.valid_until is None:
        return status
    end = _moment_of(channel.valid_until + ONE_DAY, MIDNIGHT)
    if status.next_opening and status.next_opening >= end:
        return replace(status, until=None, next_opening=None)
    if status.state in (OPEN, BY_APPOINTMENT) and end - status.evaluated_at < HORIZON:
        return replace(status, until=min(status.until or end, end))
    return status


def _status_by_hours(channel: Channel, at: datetime.datetime, calendar: SchoolCalendar) -> Status:
    """Return the status from the hours alone; no next opening is given if it may open before."""
    at = _on_the_clock(at)
    schedule = channel.schedule
    if schedule is None:
        return Status(BY_APPOINTMENT if channel.appointment_needed else UNKNOWN, at)
    days = _Days(schedule, calendar, channel.valid_from)
    now, *later = list(islice(_merged(days.between(at, _on_the_clock(at + HORIZON))), 2))
    until = now.end if later else None
    if now.state == UNKNOWN:
        by_appointment = channel.appointment_needed and not now.reason
        return Status(BY_APPOINTMENT if by_appointment else UNKNOWN, at, reason=now.reason)
    if now.state == OPEN:
        return Status(open_state_of(channel), at, until, reason=now.reason)
    opens = later[0].start if later and later[0].state == OPEN else None
    return Status(CLOSED, at, until, opens, now.reason)


def open_state_of(channel: Channel) -> str:
    """Return the state of a channel during its hours."""
    return BY_APPOINTMENT if channel.appointment_needed else OPEN


def intervals_of(
    schedule: Schedule,
    start: datetime.date,
    end: datetime.date,
    calendar: SchoolCalendar,
    channel: Channel | None = None,
) -> list[Interval]:
    """Return the intervals from the start of the first day to the end of the last, in order and without gaps.

    Empty if nothing is known of the hours. With a channel, the intervals are those of the channel.
    """
    days = _Days(schedule, calendar, channel.valid_from if channel else None)
    open_state = open_state_of(channel) if channel else OPEN
    if not days.known:
        return []
    found = days.between(_moment_of(start, MIDNIGHT), _moment_of(end + ONE_DAY, MIDNIGHT))
    return [replace(item, state=open_state) if item.state == OPEN else item for item in found]


def days_off_of(
    schedule: Schedule,
    first: datetime.date,
    calendar: SchoolCalendar,
    last: datetime.date | None = None,
) -> list[DaysOff]:
    """Return the public and school holidays on days that would otherwise be open.

    With a last day: those up to that day. Without: those that start in the coming weeks, up to their ends. Days
    with an exception are left out, because the exception determines them.
    """
    days = _Days(schedule, calendar)
    found: list[DaysOff] = []
    is_same_stretch = False
    for number in range((last - first).days + 1 if last else HORIZON.days):
        day = first + number * ONE_DAY
        reason = days.holiday_on(day)
        goes_on = bool(reason) and days.holiday_on(day - ONE_DAY) == reason
        if not last and number >= DAYS_AHEAD and not goes_on:
            break
        is_exceptional = bool(days.exceptions_on(day))
        is_same_stretch = is_same_stretch and goes_on and not is_exceptional
        if not reason or is_exceptional or day.weekday() not in days.week:
            continue
        if is_same_stretch:
            found[-1] = DaysOff(found[-1].first_day, day, reason)
        else:
            found.append(DaysOff(day, day, reason))
        is_same_stretch = True
    return found


def doubts_of(
    schedule: Schedule, first: datetime.date, last: datetime.date, calendar: SchoolCalendar
) -> list[DaysOff]:
    """Return the days between two dates for which it is unknown whether it is open, grouped by reason."""
    days = _Days(schedule, calendar)
    found: list[DaysOff] = []
    for day in each_day(first, last):
        reason = days.doubt_on(day)
        if reason and found and found[-1].reason == reason:
            found[-1] = replace(found[-1], last_day=day)
        elif reason:
            found.append(DaysOff(day, day, reason, UNKNOWN))
    return found


def known_days_of(
    schedule: Schedule, calendar: SchoolCalendar
) -> list[tuple[datetime.date | None, datetime.date]]:
    """Return the ranges of days with known hours, if these have a first or a last day; else an empty list."""
    if schedule.school_days_only:
        known = [(first, min(last, LAST_PUBLIC_HOLIDAYS)) for first, last in calendar.known]
        return [(first, last) for first, last in known if first <= last]
    return [(None, LAST_PUBLIC_HOLIDAYS)] if schedule.closed_on_public_holidays else []


@dataclass(frozen=True)
class Held:
    """Exception with the days to which it applies: at least one."""

    exception: ScheduleException
    days: list[datetime.date]

    @property
    def translated(self) -> Any:
        """Return the texts of the exception in the language of the page."""
        return self.exception.translated

    @property
    def weekdays(self) -> list[int]:
        """Return the weekdays to which it applies; empty if it applies to all of its days."""
        has_all = len(self.days) > (self.exception.last_day - self.exception.first_day).days
        return [] if has_all else sorted({day.weekday() for day in self.days})

    @property
    def left_out(self) -> list[datetime.date]:
        """Return the days to which it does not apply, although it applies to that weekday."""
        held, weekdays = set(self.days), self.weekdays
        days = each_day(self.exception.first_day, self.exception.last_day) if weekdays else ()
        return [day for day in days if day.weekday() in weekdays and day not in held]


def held_of(schedule: Schedule, calendar: SchoolCalendar) -> list[Held]:
    """Return the exceptions of a schedule in order of entry, without those that apply to no day."""
    days = _Days(schedule, calendar)
    found = [
        Held(item, [day for day in each_day(item.first_day, item.last_day) if item in days.ruling_on(day)])
        for item in reversed(days.exceptions)
    ]
    return [held for held in found if held.days]


# One day from midnight to midnight: its spans (24:00 is midnight), the state of the rest, and the reason for that.
Span = tuple[datetime.time, datetime.time, str, str]
ByClock = Callable[[datetime.date], tuple[list[Span], str, str]]


def by_clock(schedule: Schedule, calendar: SchoolCalendar, first: datetime.date | None = None) -> ByClock:
    """Return a function that maps a day to its spans between two midnights; nights are cut in two."""
    days = _Days(schedule, calendar, first)

    def holding(day: datetime.date) -> tuple[list[Span], str, str]:
        evening, today = days.rules_of(day - ONE_DAY), days.rules_of(day)
        spilled: list[Span] = [
            (MIDNIGHT, closes, state, reason)
            for opens, closes, state, reason in evening.periods
            if MIDNIGHT < closes < opens and (first is None or day > first)
        ]
        own = [
            (opens, closes if closes > opens else MIDNIGHT, state, reason)
            for opens, closes, state, reason in today.periods
        ]
        return [*spilled, *own], today.rest, today.reason

    return holding


def each_day(first: datetime.date, last: datetime.date) -> Iterator[datetime.date]:
    """Return each day from the first to the last."""
    return (first + number * ONE_DAY for number in range((last - first).days + 1))


def _on_the_clock(moment: datetime.datetime) -> datetime.datetime:
    """Return the moment in Brussels time; a time skipped by summer time moves one hour later."""
    return moment.astimezone(datetime.UTC).astimezone(BRUSSELS)


# Opening and closing time, the state in between, and the reason.
Period = tuple[datetime.time, datetime.time, str, str]


@dataclass(frozen=True)
class _Day:
    """Periods that start on a day, the state of the rest of the day, and the reason for that."""

    periods: list[Period]
    rest: str = CLOSED
    reason: str = ""

    @property
    def is_closed(self) -> bool:
        """True if it is known not to open."""
        return self.rest == CLOSED and all(state != OPEN for _opens, _closes, state, _reason in self.periods)


class _Days:
    """Evaluate a schedule by day; precedence: exceptions, school holidays, public holidays, regular week."""

    def __init__(
        self, schedule: Schedule, calendar: SchoolCalendar, first: datetime.date | None = None
    ) -> None:
        self.first = first
        self.always_open = schedule.always_open
        self.week: dict[int, list[tuple[datetime.time, datetime.time]]] = {}
        for slot in schedule.slots.all():
            self.week.setdefault(slot.weekday, []).append((slot.opens, slot.closes))
        self.exceptions = sorted(schedule.exceptions.all(), key=lambda item: item.pk, reverse=True)
        self.on_public_holidays = not (schedule.closed_on_public_holidays or schedule.school_days_only)
        self.calendar = calendar if schedule.school_days_only else None
        is_regular = self.on_public_holidays and not self.exceptions
        self.never_closes = self.always_open and is_regular and first is None
        self.known = bool(self.always_open or self.week or self.exceptions)

    def between(self, start: datetime.datetime, end: datetime.datetime) -> Iterator[Interval]:
        """Yield the intervals between two moments, in order and without gaps; neighbours differ in state or reason."""
        if self.never_closes:
            yield _in_brussels(Interval(start, end, OPEN), start, end)
            return
        current: Interval | None = None
        for piece in self._pieces(start.date(), end):
            if piece.end <= start.astimezone(datetime.UTC):
                continue
            if current and (current.state, current.reason) == (piece.state, piece.reason):
                current = Interval(current.start, piece.end, piece.state, piece.reason)
                continue
            if current:
                yield _in_brussels(current, start, end)
            current = piece
        if current:
            yield _in_brussels(current, start, end)

    def _pieces(self, day: datetime.date, end: datetime.datetime) -> Iterator[Interval]:
        """Yield the days cut into pieces, in UTC: comparing local times fails when the clock changes."""
        last = end.astimezone(datetime.UTC)
        cursor = _utc(day, MIDNIGHT)
        spilled = self._opened(day - ONE_DAY)
        while cursor < last:
            rules, opened = self.rules_of(day), self._opened(day)
            midnight = _utc(day + ONE_DAY, MIDNIGHT)
            for period in sorted(spilled + opened, key=lambda item: item.start):
                first, final = max(period.start, cursor), min(period.end, midnight)
                if first >= final:
                    continue
                if first > cursor:
                    yield Interval(cursor, first, rules.rest, rules.reason)
                yield Interval(first, final, period.state, period.reason)
                cursor = final
            if cursor < midnight:
                yield Interval(cursor, midnight, rules.rest, rules.reason)
            cursor, day, spilled = midnight, day + ONE_DAY, opened

    def _opened(self, day: datetime.date) -> list[Interval]:
        """Return the periods that start on a day, up to their ends on that day or the next, in UTC.

        None before the first day.
        """
        if self.first and day < self.first:
            return []
        return [
            Interval(_utc(day, opens), _utc(day if closes > opens else day + ONE_DAY, closes), state, reason)
            for opens, closes, state, reason in self.rules_of(day).periods
        ]

    def rules_of(self, day: datetime.date) -> _Day:
        """Return the rules for the periods that start on a day."""
        ruling = self.ruling_on(day)
        if not ruling:
            return self._ordinary(day)
        periods: list[Period] = [(*item.times, OPEN, item.translated.reason) for item in ruling if item.times]
        return _Day(periods, reason=ruling[0].translated.reason)

    def _ordinary(self, day: datetime.date) -> _Day:
        """Return the regular hours without exceptions; unknown if they depend on unknown holidays."""
        holiday = self.holiday_on(day)
        if holiday:
            return _Day([], reason=holiday)
        if self.always_open:
            return _Day([(MIDNIGHT, MIDNIGHT, OPEN, "")])
        doubt = self.doubt_on(day)
        state = UNKNOWN if doubt else OPEN
        periods = [(opens, closes, state, doubt) for opens, closes in self.week.get(day.weekday(), [])]
        return _Day(periods, CLOSED if self.week else UNKNOWN)

    def exceptions_on(self, day: datetime.date) -> list[ScheduleException]:
        """Return the exceptions that apply to a day, the latest entry first."""
        covering = [item for item in self.exceptions if item.first_day <= day <= item.last_day]
        if all(item.is_for_every_day for item in covering) or not self._ordinary(day).is_closed:
            return covering
        return [item for item in covering if item.is_for_every_day]

    def ruling_on(self, day: datetime.date) -> list[ScheduleException]:
        """Return the latest exception, and the ones before it that give other hours for the same days."""
        holding = self.exceptions_on(day)
        if not holding or holding[0].is_closed:
            return holding[:1]
        days = (holding[0].first_day, holding[0].last_day)
        same_days = (item for item in holding if (item.first_day, item.last_day) == days)
        return list(takewhile(lambda item: not item.is_closed, same_days))

    def holiday_on(self, day: datetime.date) -> str:
        """Return the school or public holiday that closes it on a day; empty if there is none."""
        holiday = self.calendar.holiday_on(day) if self.calendar else None
        if holiday:
            return holiday.translated.name
        is_off = (
            not self.on_public_holidays and day in public_holidays(day.year) and day <= LAST_PUBLIC_HOLIDAYS
        )
        return _("public holiday") if is_off else ""

    def doubt_on(self, day: datetime.date) -> str:
        """Return why it is unknown whether a day is a holiday; empty if it is known or makes no difference."""
        if self.on_public_holidays:
            return ""
        return (self.calendar.doubt_on(day) if self.calendar else "") or doubt_about_public_holidays(day)


def _moment_of(day: datetime.date, time: datetime.time) -> datetime.datetime:
    return _on_the_clock(datetime.datetime.combine(day, time, BRUSSELS))


def _utc(day: datetime.date, time: datetime.time) -> datetime.datetime:
    return datetime.datetime.combine(day, time, BRUSSELS).astimezone(datetime.UTC)


def _in_brussels(piece: Interval, start: datetime.datetime, end: datetime.datetime) -> Interval:
    """Return the piece in Brussels time, clipped to the requested range."""
    first = max(piece.start, start.astimezone(datetime.UTC))
    last = min(piece.end, end.astimezone(datetime.UTC))
    return Interval(first.astimezone(BRUSSELS), last.astimezone(BRUSSELS), piece.state, piece.reason)


def _merged(intervals: Iterable[Interval]) -> Iterator[Interval]:
    """Merge neighbouring intervals in the same state, keeping the first reason."""
    current: Interval | None = None
    for interval in intervals:
        if current is not None and interval.state == current.state:
            current = Interval(current.start, interval.end, current.state, current.reason)
            continue
        if current is not None:
            yield current
        current = interval
    if current is not None:
        yield current


def now_in_brussels() -> datetime.datetime:
    """Return the current time in Brussels."""
    return clock.now().astimezone(BRUSSELS)
