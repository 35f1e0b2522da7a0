"""Whether something is open: schedules read day by day, and published as an OpenStreetMap `opening_hours` expression.

A period belongs to the day on which it starts, also when it runs past midnight: a closed Saturday does not end
Friday night, and nobody is there after midnight when the evening before was closed. Evaluators of the expression
cut such a night at midnight, so it is only published; `opening-hours-py` gives the Belgian public holidays. It does not
judge single days either: of a time that comes twice it takes the second, and a year of days takes it 30 ms. Tests of
the moments tell when the library has changed. Times that the clock skips or repeats are read as RFC 5545 reads them,
so that a calendar shows the same.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _
from opening_hours import OpeningHours, State

if TYPE_CHECKING:
    from contact.models import Channel, Schedule, ScheduleException, SchoolHoliday

BRUSSELS = ZoneInfo("Europe/Brussels")
COUNTRY = "BE"
# How far ahead the next opening is looked for; a place closed for longer has no next opening to announce.
HORIZON = datetime.timedelta(days=366)
ONE_DAY = datetime.timedelta(days=1)
# How many days ahead holidays are announced.
DAYS_AHEAD = 28
MIDNIGHT = datetime.time()

OPEN, BY_APPOINTMENT, CLOSED, UNKNOWN = "open", "by_appointment", "closed", "unknown"


@dataclass(frozen=True)
class Status:
    """What a visitor is told at one moment; all times are in Brussels."""

    state: str
    evaluated_at: datetime.datetime
    until: datetime.datetime | None = None
    next_opening: datetime.datetime | None = None
    reason: str = ""
    # It holds on school days only, and nobody has entered which days those are.
    if_school_day: bool = False


@dataclass(frozen=True)
class Interval:
    """A stretch of time in one state; the end is not included."""

    start: datetime.datetime
    end: datetime.datetime
    state: str
    reason: str = ""


@dataclass(frozen=True)
class DaysOff:
    """Days on which it is closed for one reason; both days are included."""

    first_day: datetime.date
    last_day: datetime.date
    reason: str


def status_of(channel: Channel, at: datetime.datetime, school_holidays: Iterable[SchoolHoliday]) -> Status:
    """Whether a channel is open at a moment, until when, and when it opens next; nothing comes after its last day."""
    status = _status_by_hours(channel, at, school_holidays)
    if channel.schedule is None or channel.valid_until is None:
        return status
    end = _moment_of(channel.valid_until + ONE_DAY, MIDNIGHT)
    if status.next_opening and status.next_opening >= end:
        return replace(status, until=None, next_opening=None)
    if status.state in (OPEN, BY_APPOINTMENT) and end - status.evaluated_at < HORIZON:
        return replace(status, until=min(status.until or end, end))
    return status


def _status_by_hours(
    channel: Channel, at: datetime.datetime, school_holidays: Iterable[SchoolHoliday]
) -> Status:
    at = _on_the_clock(at)
    schedule = channel.schedule
    state = BY_APPOINTMENT if channel.appointment_needed else UNKNOWN
    if schedule is None:
        return Status(state, at)
    days = _Days(schedule, school_holidays)
    now, *later = list(islice(_merged(days.between(at, _on_the_clock(at + HORIZON))), 2))
    until = now.end if later else None
    if now.state == UNKNOWN:
        return Status(state, at)
    if now.state == OPEN:
        is_doubtful = not (now.reason or days.school_calendar_known)
        reason = _("only on school days") if is_doubtful else now.reason
        return Status(state if channel.appointment_needed else OPEN, at, until, None, reason, is_doubtful)
    following = next((item for item in later if item.state == OPEN), None)
    if following is None:
        return Status(now.state, at, until, reason=now.reason)
    is_doubtful = not (following.reason or days.school_calendar_known)
    return Status(now.state, at, until, following.start, now.reason, is_doubtful)


def intervals_of(
    schedule: Schedule, start: datetime.date, end: datetime.date, school_holidays: Iterable[SchoolHoliday]
) -> list[Interval]:
    """The schedule's intervals from the start of the first day to the end of the last, in order, without gaps.

    Empty when nothing is known of the hours.
    """
    days = _Days(schedule, school_holidays)
    if not days.known:
        return []
    return list(days.between(_moment_of(start, MIDNIGHT), _moment_of(end + ONE_DAY, MIDNIGHT)))


def days_off_of(
    schedule: Schedule,
    first: datetime.date,
    school_holidays: Iterable[SchoolHoliday],
    last: datetime.date | None = None,
) -> list[DaysOff]:
    """The public and school holidays on days when it would otherwise be open: those until a last day, or else those
    that start in the coming weeks, to their ends. Days that an exception is about are left out: it says what holds.
    """
    days = _Days(schedule, school_holidays)
    found: list[DaysOff] = []
    is_same_stretch = False
    for number in range((last - first).days + 1 if last else HORIZON.days):
        day = first + number * ONE_DAY
        reason = days.holiday_on(day)
        goes_on = bool(reason) and days.holiday_on(day - ONE_DAY) == reason
        if not last and number >= DAYS_AHEAD and not goes_on:
            break
        is_exceptional = any(days.exceptions_on(day))
        is_same_stretch = is_same_stretch and goes_on and not is_exceptional
        if not reason or is_exceptional or day.weekday() not in days.week:
            continue
        if is_same_stretch:
            found[-1] = DaysOff(found[-1].first_day, day, reason)
        else:
            found.append(DaysOff(day, day, reason))
        is_same_stretch = True
    return found


def _on_the_clock(moment: datetime.datetime) -> datetime.datetime:
    """The moment in Brussels; one in the hour that summer time skips becomes the hour after."""
    return moment.astimezone(datetime.UTC).astimezone(BRUSSELS)


@dataclass(frozen=True)
class _Day:
    """The periods that start on a day, what the rest of the day is, and why."""

    periods: list[tuple[datetime.time, datetime.time, str]]
    rest: str = CLOSED
    reason: str = ""


class _Days:
    """A schedule day by day: exceptions before school holidays, before public holidays, before the week."""

    def __init__(self, schedule: Schedule, school_holidays: Iterable[SchoolHoliday]) -> None:
        self.always_open = schedule.always_open
        self.week: dict[int, list[tuple[datetime.time, datetime.time, str]]] = {}
        for slot in schedule.slots.all():
            self.week.setdefault(slot.weekday, []).append((slot.opens, slot.closes, ""))
        self.exceptions = sorted(schedule.exceptions.all(), key=lambda item: item.pk, reverse=True)
        self.on_public_holidays = not (schedule.closed_on_public_holidays or schedule.school_days_only)
        self.school_holidays = list(school_holidays) if schedule.school_days_only else []
        self.school_calendar_known = bool(self.school_holidays) or not schedule.school_days_only
        self.known = bool(self.always_open or self.week or self.exceptions)

    def between(self, start: datetime.datetime, end: datetime.datetime) -> Iterator[Interval]:
        """The intervals between two moments, in order and without gaps; neighbours differ in state or reason."""
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
        """The days cut into pieces, in UTC: comparing local times goes wrong when the clock changes."""
        last = end.astimezone(datetime.UTC)
        cursor = _utc(day, MIDNIGHT)
        spilled = self._opened(day - ONE_DAY)
        while cursor < last:
            rules, opened = self._rules_of(day), self._opened(day)
            midnight = _utc(day + ONE_DAY, MIDNIGHT)
            for period in sorted(spilled + opened, key=lambda item: item.start):
                first, final = max(period.start, cursor), min(period.end, midnight)
                if first >= final:
                    continue
                if first > cursor:
                    yield Interval(cursor, first, rules.rest, rules.reason)
                yield Interval(first, final, OPEN, period.reason)
                cursor = final
            if cursor < midnight:
                yield Interval(cursor, midnight, rules.rest, rules.reason)
            cursor, day, spilled = midnight, day + ONE_DAY, opened

    def _opened(self, day: datetime.date) -> list[Interval]:
        """The periods that start on a day, to their ends on that day or the next, in UTC."""
        return [
            Interval(_utc(day, opens), _utc(day if closes > opens else day + ONE_DAY, closes), OPEN, reason)
            for opens, closes, reason in self._rules_of(day).periods
        ]

    def _rules_of(self, day: datetime.date) -> _Day:
        """What holds for what starts on a day."""
        covering = list(self.exceptions_on(day))
        if covering:
            return self._exceptional(covering)
        holiday = self.holiday_on(day)
        if holiday:
            return _Day([], reason=holiday)
        if self.always_open:
            return _Day([(MIDNIGHT, MIDNIGHT, "")])
        return _Day(self.week.get(day.weekday(), []), CLOSED if self.week else UNKNOWN)

    def exceptions_on(self, day: datetime.date) -> Iterator[ScheduleException]:
        """The exceptions that are about a day, the one entered last first."""
        return (item for item in self.exceptions if item.first_day <= day <= item.last_day)

    def holiday_on(self, day: datetime.date) -> str:
        """The school or public holiday for which it is closed on a day, or nothing."""
        names = (holiday.words.name for holiday in self.school_holidays if holiday.includes(day))
        name = next(names, "")
        if not name and not self.on_public_holidays and day in _public_holidays(day.year):
            return _("public holiday")
        return name

    def _exceptional(self, covering: Sequence[ScheduleException]) -> _Day:
        """The exception entered last counts, together with those before it that give hours for the same days."""
        newest = covering[0]
        periods: list[tuple[datetime.time, datetime.time, str]] = []
        for item in covering:
            if (item.first_day, item.last_day) != (newest.first_day, newest.last_day):
                continue
            if item.opens is None or item.closes is None:
                break
            periods.append((item.opens, item.closes, item.words.reason))
        return _Day(periods, reason=newest.words.reason)


@lru_cache(maxsize=64)
def _public_holidays(year: int) -> frozenset[datetime.date]:
    """The Belgian public holidays of a year."""
    first, last = datetime.datetime(year, 1, 1), datetime.datetime(year, 12, 31, 23, 59)
    return frozenset(
        start.date() + number * ONE_DAY
        for start, end, state, _comment in OpeningHours("PH", country=COUNTRY).intervals(first, last)
        if state == State.OPEN
        for number in range(((end or last) - start).days)
    )


def _moment_of(day: datetime.date, time: datetime.time) -> datetime.datetime:
    return _on_the_clock(datetime.datetime.combine(day, time, BRUSSELS))


def _utc(day: datetime.date, time: datetime.time) -> datetime.datetime:
    return datetime.datetime.combine(day, time, BRUSSELS).astimezone(datetime.UTC)


def _in_brussels(piece: Interval, start: datetime.datetime, end: datetime.datetime) -> Interval:
    """The piece on the clock of Brussels, cut to what was asked for."""
    first = max(piece.start, start.astimezone(datetime.UTC))
    last = min(piece.end, end.astimezone(datetime.UTC))
    return Interval(first.astimezone(BRUSSELS), last.astimezone(BRUSSELS), piece.state, piece.reason)


def _merged(intervals: Iterable[Interval]) -> Iterator[Interval]:
    """Intervals with neighbours in the same state joined; the first reason is kept."""
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
    """The present moment in Brussels."""
    return timezone.now().astimezone(BRUSSELS)
