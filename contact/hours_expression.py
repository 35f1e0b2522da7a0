"""Opening hours of a schedule as an OpenStreetMap `opening_hours` expression, for other systems to evaluate.

The expression lists every day explicitly, because evaluators differ in what `PH` and `SH` mean. Nights are cut at
midnight, because evaluators also differ in how they treat a night that runs into a day with another rule.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from contact.holidays import (
    LAST_PUBLIC_HOLIDAYS,
    ONE_DAY,
    PUBLIC_HOLIDAYS,
    SchoolCalendar,
    Stretch,
    doubt_about_public_holidays,
    stretches_of,
)
from contact.opening_hours import UNKNOWN, Held, Span, by_clock, each_day, held_of

if TYPE_CHECKING:
    from contact.models import Schedule

DAY_CODES = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
MONTH_CODES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
MIDNIGHT = datetime.time()
# First and last year that an expression may contain.
FIRST_DAY, LAST_DAY = datetime.date(1900, 1, 1), datetime.date(9999, 12, 31)


def regular_expression_of(schedule: Schedule) -> str:
    """Return the regular week and the holidays on which it does not apply; empty if nothing is known."""
    week = _Week(schedule)
    closed = {"PH": schedule.closed_on_public_holidays, "SH": schedule.school_days_only}
    return (
        "; ".join([week.text, *(f"{name} off" for name, is_closed in closed.items() if is_closed)])
        if week.rules
        else ""
    )


def expression_of(
    schedule: Schedule,
    calendar: SchoolCalendar,
    valid_from: datetime.date | None = None,
    valid_until: datetime.date | None = None,
) -> str:
    """Return the schedule between two days as an `opening_hours` expression. Needs slots and exceptions.

    Empty if nothing is known. A rule overrides the earlier ones, but a rule after a comma adds to them.
    """
    held = held_of(schedule, calendar)
    week = _Week(schedule)
    if not week.rules and not held:
        return ""
    rules = [week.text or "24/7 unknown", *_holiday_rules(schedule, calendar, week)]
    if week.nights or any(_is_night(*item.exception.times) for item in held if item.exception.times):
        rules += _rules_by_clock(schedule, calendar, held, valid_from)
    else:
        rules += _school_holiday_rules(schedule, calendar) + _exception_rules(held)
    if valid_from:
        rules.append(f"{_dates(FIRST_DAY, valid_from - ONE_DAY)} off")
    if valid_until:
        rules.append(f"{_dates(valid_until + ONE_DAY, LAST_DAY)} off")
    return "; ".join(rules)


def _is_night(opens: datetime.time, closes: datetime.time) -> bool:
    return MIDNIGHT < closes < opens


class _Week:
    """Regular week: consecutive days with the same hours form one rule, `Mo-Fr 08:30-12:00,13:00-16:30`.

    Nights are cut at midnight: `own` holds the hours that start on a day, `spilled` those that run over from the
    day before.
    """

    def __init__(self, schedule: Schedule) -> None:
        self.own: dict[int, list[str]] = {}
        self.spilled: dict[int, list[str]] = {}
        if schedule.always_open:
            self.rules = ["24/7"]
        else:
            for slot in sorted(schedule.slots.all(), key=lambda slot: (slot.weekday, slot.opens)):
                is_night = _is_night(slot.opens, slot.closes)
                closes = MIDNIGHT if is_night else slot.closes
                self.own.setdefault(slot.weekday, []).append(_span(slot.opens, closes))
                if is_night:
                    self.spilled.setdefault((slot.weekday + 1) % 7, []).append(_span(MIDNIGHT, slot.closes))
            self.rules = _by_weekday(
                {day: ",".join(self.spilled.get(day, []) + self.own.get(day, [])) for day in range(7)}
            )
        self.nights = bool(self.spilled)
        self.text = "; ".join(self.rules)

    def during(self, dates: str, state: str = "") -> str:
        """Return the regular hours, limited to some dates."""
        return "; ".join(f"{dates} {rule}{state}" for rule in self.rules)


def _by_weekday(hours: dict[int, str]) -> list[str]:
    """Return a rule for each run of weekdays with the same hours."""
    runs: list[tuple[list[int], str]] = []
    for day, text in sorted(hours.items()):
        if not text:
            continue
        if runs and runs[-1][0][-1] == day - 1 and runs[-1][1] == text:
            runs[-1][0].append(day)
        else:
            runs.append(([day], text))
    return [f"{_weekdays(days)} {text}" for days, text in runs]


def _holiday_rules(schedule: Schedule, calendar: SchoolCalendar, week: _Week) -> Iterator[str]:
    """Yield rules that close public holidays, and mark days as unknown that may or may not be holidays."""
    if not (schedule.closed_on_public_holidays or schedule.school_days_only) or not week.rules:
        return
    if schedule.school_days_only:
        for first, last in _gaps(calendar.known):
            yield week.during(_dates(first, last), f' unknown "{_quoted(calendar.doubt_on(first))}"')
    after = ",".join(PUBLIC_HOLIDAYS.values())
    yield from (
        f"{after} {rule}" for rule in _by_weekday({day: _spans(week.own, day) for day in week.spilled})
    )
    reason, dates = _quoted(_("public holiday")), ",".join(PUBLIC_HOLIDAYS)
    spilled = _by_weekday({day: ",".join(spans) for day, spans in week.spilled.items()})
    yield "".join([f'{dates} off "{reason}"', *(f", {dates} {rule}" for rule in spilled)])
    first = LAST_PUBLIC_HOLIDAYS + ONE_DAY
    doubt = (calendar.doubt_on(first) if schedule.school_days_only else "") or doubt_about_public_holidays(
        first
    )
    yield week.during(_dates(first, LAST_DAY), f' unknown "{_quoted(doubt)}"')


def _spans(hours: dict[int, list[str]], day: int) -> str:
    return ",".join(hours.get(day, [])) or "off"


def _school_holiday_rules(schedule: Schedule, calendar: SchoolCalendar) -> list[str]:
    return [
        f'{_dates(holiday.first_day, holiday.last_day)} off "{_quoted(holiday.translated.name)}"'
        for holiday in (calendar.holidays if schedule.school_days_only else ())
    ]


def _rules_by_clock(
    schedule: Schedule, calendar: SchoolCalendar, held: Iterable[Held], valid_from: datetime.date | None
) -> list[str]:
    """Return rules for each day affected by an exception or a school holiday, if nights run past midnight."""
    touched = {day for item in held for day in item.days}
    for holiday in calendar.holidays if schedule.school_days_only else ():
        touched.update(each_day(holiday.first_day, holiday.last_day))
    touched |= {day + ONE_DAY for day in touched}
    touched |= {valid_from} if valid_from else set()
    touched |= {LAST_PUBLIC_HOLIDAYS + ONE_DAY} if schedule.closed_on_public_holidays else set()
    holding = by_clock(schedule, calendar, valid_from)
    runs: list[tuple[list[datetime.date], tuple[list[Span], str, str]]] = []
    for day in sorted(touched):
        told = holding(day)
        if runs and runs[-1][0][-1] == day - ONE_DAY and runs[-1][1] == told:
            runs[-1][0].append(day)
        else:
            runs.append(([day], told))
    return [_rule_by_clock(_dates(days[0], days[-1]), *told) for days, told in runs]


def _rule_by_clock(dates: str, spans: list[Span], rest: str, reason: str) -> str:
    """Return the rules of one or more days: the state outside the spans, then each span."""
    base = f'{dates} off "{_quoted(reason)}"' if reason else f"{dates} off"
    rules = [f"{dates} unknown" if rest == UNKNOWN else base]
    for opens, closes, state, why in spans:
        rules.append(f"{dates} {_span(opens, closes)} {'unknown' if state == UNKNOWN else 'open'}")
        if why:
            rules[-1] += f' "{_quoted(why)}"'
    return ", ".join(rules)


def _gaps(known: Iterable[Stretch]) -> Iterator[Stretch]:
    """Yield the ranges before, between and after the known ones."""
    cursor = FIRST_DAY
    for first, last in known:
        if cursor < first:
            yield cursor, first - ONE_DAY
        cursor = last + ONE_DAY
    yield cursor, LAST_DAY


def _quoted(text: str) -> str:
    return str(text).replace('"', "'")


def _weekdays(days: Iterable[int]) -> str:
    """Format days of the week, as in `Mo-We,Fr`."""
    runs: list[list[int]] = []
    for day in sorted(days):
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    codes = [(DAY_CODES[run[0]], DAY_CODES[run[-1]]) for run in runs]
    return ",".join(first if first == last else f"{first}-{last}" for first, last in codes)


def _span(opens: datetime.time, closes: datetime.time) -> str:
    return f"{opens:%H:%M}-{'24:00' if closes == datetime.time() else f'{closes:%H:%M}'}"


def _date(day: datetime.date) -> str:
    return f"{day.year} {MONTH_CODES[day.month - 1]} {day.day:02d}"


def _dates(first: datetime.date, last: datetime.date) -> str:
    """Format a date range, as in `2026 Dec 24` or `2026 Dec 24-2027 Jan 03`."""
    return _date(first) if first == last else f"{_date(first)}-{_date(last)}"


def _dates_of(held: Held) -> str:
    """Format the days to which an exception applies: its date ranges and weekdays."""
    first, last, weekdays = held.exception.first_day, held.exception.last_day, held.weekdays
    left_out = set(held.left_out)
    kept = (day for day in each_day(first, last) if day not in left_out)
    dates = ",".join(_dates(*stretch) for stretch in stretches_of(kept))
    return f"{dates} {_weekdays(weekdays)}" if weekdays else dates


def _exception_rules(held: Iterable[Held]) -> list[str]:
    """Return the rules of the exceptions in order of entry; those with hours for the same days form one rule."""
    rules: dict[Stretch, str] = {}
    for item in held:
        exception = item.exception
        span = _span(*exception.times) if exception.times else "off"
        rule = f'{_dates_of(item)} {span} "{_quoted(exception.translated.reason)}"'
        days = (exception.first_day, exception.last_day)
        earlier = rules.pop(days, "")
        rules[days] = f"{earlier}, {rule}" if earlier else rule
    return list(rules.values())
