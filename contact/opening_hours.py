"""Whether something is open: schedules compiled to an OpenStreetMap `opening_hours` expression and evaluated.

The expression follows the OpenStreetMap specification of the key `opening_hours`; `opening-hours-py` evaluates it
in the time zone of Brussels with the Belgian public holidays. That library knows no school holidays, so these are
written out as dates for the evaluation, while the published expression says `SH off`.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from opening_hours import OpeningHours, State

if TYPE_CHECKING:
    from contact.models import Channel, Schedule, ScheduleException, SchoolHoliday

BRUSSELS = ZoneInfo("Europe/Brussels")
COUNTRY = "BE"
# How far ahead the next opening is looked for; a place closed for longer has no next opening to announce.
HORIZON = datetime.timedelta(days=366)
DAY_CODES = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
MONTH_CODES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
PUBLIC_HOLIDAY = "public holiday"

OPEN, BY_APPOINTMENT, CLOSED, UNKNOWN = "open", "by_appointment", "closed", "unknown"


@dataclass(frozen=True)
class Status:
    """What a visitor is told at one moment; all times are in Brussels."""

    state: str
    evaluated_at: datetime.datetime
    until: datetime.datetime | None = None
    next_opening: datetime.datetime | None = None
    reason: str = ""


@dataclass(frozen=True)
class Interval:
    """A stretch of time in one state; the end is not included."""

    start: datetime.datetime
    end: datetime.datetime
    state: str
    reason: str = ""


def expression_of(schedule: Schedule) -> str:
    """The schedule as an `opening_hours` expression; empty when nothing is known. Needs slots and exceptions."""
    rules = _weekly_rules(schedule)
    if schedule.closed_on_public_holidays:
        rules.append("PH off")
    if schedule.school_days_only:
        rules.append("PH,SH off" if not schedule.closed_on_public_holidays else "SH off")
    return "; ".join(rules + _exception_rules(schedule.exceptions.all()))


def status_of(channel: Channel, at: datetime.datetime, school_holidays: Iterable[SchoolHoliday]) -> Status:
    """Whether a channel is open at a moment, until when, and when it opens next."""
    at = _on_the_clock(at)
    schedule = channel.schedule
    state = BY_APPOINTMENT if channel.appointment_needed else UNKNOWN
    if schedule is None:
        return Status(state, at)
    holidays = list(school_holidays)
    expression = _evaluated_expression(schedule, holidays)
    if not expression:
        return Status(state, at)
    now, *later = list(_merged(_intervals(expression, at, _on_the_clock(at + HORIZON))))[:2]
    until = now.end if later else None
    if now.state == OPEN:
        reason = now.reason or (
            _("only on school days") if schedule.school_days_only and not holidays else ""
        )
        return Status(BY_APPOINTMENT if channel.appointment_needed else OPEN, at, until, reason=reason)
    return Status(now.state, at, until, until if later and later[0].state == OPEN else None, now.reason)


def intervals_of(
    schedule: Schedule, start: datetime.date, end: datetime.date, school_holidays: Iterable[SchoolHoliday]
) -> list[Interval]:
    """The schedule's intervals from the start of the first day to the end of the last, in order, without gaps."""
    expression = _evaluated_expression(schedule, list(school_holidays))
    if not expression:
        return []
    first = datetime.datetime.combine(start, datetime.time(), BRUSSELS)
    last = datetime.datetime.combine(end + datetime.timedelta(days=1), datetime.time(), BRUSSELS)
    return list(_intervals(expression, first, last))


def week_of(schedule: Schedule) -> list[tuple[str, str]]:
    """The regular week as (day, hours) texts, Monday first; a day without hours is closed."""
    from contact.models.hours import Weekday

    hours: dict[int, list[str]] = {}
    for slot in sorted(schedule.slots.all(), key=lambda slot: (slot.weekday, slot.opens)):
        hours.setdefault(slot.weekday, []).append(
            f"{_clock(slot.opens)} – {_clock(slot.closes, closing=True)}"
        )
    if schedule.always_open or not hours:
        return []
    return [(str(Weekday(day).label), ", ".join(hours.get(day, [])) or _("closed")) for day in range(7)]


def sentence_of(status: Status) -> str:
    """The status as a sentence in the reader's language."""
    if status.state == UNKNOWN:
        return _("The opening hours are not published.")
    if status.state == CLOSED:
        return _closed_sentence(status)
    if status.state == BY_APPOINTMENT:
        return _("By appointment only.")
    if status.until is None:
        return _("Open day and night.")
    text = _("Open now until %(moment)s.") % {"moment": _moment(status.until, status.evaluated_at)}
    return f"{text} {_in_brackets(status.reason)}".strip()


def _closed_sentence(status: Status) -> str:
    text = _("Closed now.")
    if status.reason:
        text = _("Closed now: %(reason)s.") % {"reason": status.reason}
    if status.next_opening is None:
        return text
    opening = _moment(status.next_opening, status.evaluated_at)
    return f"{text} {_('Opens %(moment)s.') % {'moment': opening}}"


def _on_the_clock(moment: datetime.datetime) -> datetime.datetime:
    """The moment in Brussels; one in the hour that summer time skips becomes the hour after."""
    return moment.astimezone(datetime.UTC).astimezone(BRUSSELS)


def _in_brackets(text: str) -> str:
    return f"({text})" if text else ""


def _moment(moment: datetime.datetime, now: datetime.datetime) -> str:
    """A moment as near as a person would say it: a time today, tomorrow, a weekday, or a date."""
    days = (moment.date() - now.date()).days
    clock = _clock(moment.time())
    if days == 0:
        return _("today at %(time)s") % {"time": clock}
    if days == 1 and moment.time() == datetime.time():
        return _("midnight")
    if days == 1:
        return _("tomorrow at %(time)s") % {"time": clock}
    day = date_format(moment, "l") if days < 7 else date_format(moment, "j F Y")
    return _("%(day)s at %(time)s") % {"day": day, "time": clock}


def _clock(time: datetime.time, closing: bool = False) -> str:
    """A time the Belgian way, `16.30`; a closing time of midnight is 24.00."""
    return "24.00" if closing and time == datetime.time() else f"{time:%H.%M}"


def _weekly_rules(schedule: Schedule) -> list[str]:
    """`Mo-Fr 08:30-12:00,13:00-16:30`: consecutive days with the same hours in one rule."""
    if schedule.always_open:
        return ["24/7"]
    hours: dict[int, list[str]] = {}
    for slot in sorted(schedule.slots.all(), key=lambda slot: (slot.weekday, slot.opens)):
        hours.setdefault(slot.weekday, []).append(_span(slot.opens, slot.closes))
    runs: list[tuple[int, int, str]] = []
    for day, spans in sorted(hours.items()):
        text = ",".join(spans)
        if runs and runs[-1][1] == day - 1 and runs[-1][2] == text:
            runs[-1] = (runs[-1][0], day, text)
        else:
            runs.append((day, day, text))
    return [f"{_days(first, last)} {text}" for first, last, text in runs]


def _days(first: int, last: int) -> str:
    return DAY_CODES[first] if first == last else f"{DAY_CODES[first]}-{DAY_CODES[last]}"


def _span(opens: datetime.time, closes: datetime.time) -> str:
    return f"{opens:%H:%M}-{'24:00' if closes == datetime.time() else f'{closes:%H:%M}'}"


def _dates(first: datetime.date, last: datetime.date) -> str:
    """`2026 Dec 24` or `2026 Dec 24-2027 Jan 03`."""
    texts = [f"{day.year} {MONTH_CODES[day.month - 1]} {day.day:02d}" for day in (first, last)]
    return texts[0] if first == last else "-".join(texts)


def _exception_rules(exceptions: Iterable[ScheduleException]) -> list[str]:
    """One rule per exception in the order of entry: a later rule overrules an earlier one."""
    rules = []
    for item in sorted(exceptions, key=lambda item: item.pk):
        hours = (
            _span(item.opens, item.closes) if item.opens is not None and item.closes is not None else "off"
        )
        reason = item.reason.replace('"', "'")
        rules.append(f'{_dates(item.first_day, item.last_day)} {hours} "{reason}"')
    return rules


def _evaluated_expression(schedule: Schedule, school_holidays: Sequence[SchoolHoliday]) -> str:
    """The expression with reasons, and with school holidays as dates."""
    rules = _weekly_rules(schedule)
    if not rules and not schedule.exceptions.all():
        return ""
    if schedule.closed_on_public_holidays or schedule.school_days_only:
        rules.append(f'PH off "{PUBLIC_HOLIDAY}"')
    if schedule.school_days_only:
        for holiday in school_holidays:
            name = holiday.name.replace('"', "'")
            rules.append(f'{_dates(holiday.first_day, holiday.last_day)} off "{name}"')
    return "; ".join(rules + _exception_rules(schedule.exceptions.all()))


@lru_cache(maxsize=512)
def _parsed(expression: str) -> OpeningHours:
    return OpeningHours(expression, timezone=BRUSSELS, country=COUNTRY)


def _intervals(expression: str, start: datetime.datetime, end: datetime.datetime) -> Iterator[Interval]:
    states = {State.OPEN: OPEN, State.CLOSED: CLOSED, State.UNKNOWN: UNKNOWN}
    for first, last, state, comment in _parsed(expression).intervals(start, end):
        reason = _("public holiday") if comment == PUBLIC_HOLIDAY else comment
        yield Interval(first, last or end, states[state], reason)


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
