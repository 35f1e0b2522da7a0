"""The opening hours of a schedule as an OpenStreetMap `opening_hours` expression, for other systems to evaluate.

It names every day itself: what `PH` and `SH` stand for differs between evaluators. Where a night runs into a day that
has another rule, the rule of the evening before is repeated after it, as evaluators would cut it at midnight.
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
from contact.opening_hours import Held, Nights, each_day, held_of, nights_of

if TYPE_CHECKING:
    from contact.models import Schedule

DAY_CODES = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
MONTH_CODES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
MIDNIGHT = datetime.time()
# The years that an expression may name.
FIRST_DAY, LAST_DAY = datetime.date(1900, 1, 1), datetime.date(9999, 12, 31)


def expression_of(
    schedule: Schedule,
    calendar: SchoolCalendar,
    valid_from: datetime.date | None = None,
    valid_until: datetime.date | None = None,
) -> str:
    """The schedule between two days as an `opening_hours` expression. Needs slots and exceptions.

    Empty when nothing is known. A rule overrules those before it, but one after a comma adds to them.
    """
    week = _Week(schedule)
    nights = nights_of(schedule, calendar)
    exceptions = _exception_rules(held_of(schedule, calendar), nights)
    if not week.rules and not exceptions:
        return ""
    rules = [week.text or "24/7 unknown", *_holiday_rules(schedule, calendar, week, nights), *exceptions]
    if valid_from:
        rules.append(f"{_dates(FIRST_DAY, valid_from - ONE_DAY)} off")
    if valid_until:
        rules.append(f"{_dates(valid_until + ONE_DAY, LAST_DAY)} off")
    return "; ".join(rules)


class _Week:
    """The regular week: consecutive days with the same hours in one rule, `Mo-Fr 08:30-12:00,13:00-16:30`.

    Where a night runs into the next day they are additional rules, with commas: others would overrule it.
    """

    def __init__(self, schedule: Schedule) -> None:
        slots = sorted(schedule.slots.all(), key=lambda slot: (slot.weekday, slot.opens))
        self.nights = not schedule.always_open and any(MIDNIGHT < slot.closes < slot.opens for slot in slots)
        self.separator = ", " if self.nights else "; "
        spans: dict[int, list[str]] = {}
        for slot in slots:
            spans.setdefault(slot.weekday, []).append(_span(slot.opens, slot.closes))
        runs: list[tuple[list[int], str]] = []
        for day, texts in sorted(spans.items()):
            text = ",".join(texts)
            if runs and runs[-1][0][-1] == day - 1 and runs[-1][1] == text:
                runs[-1][0].append(day)
            else:
                runs.append(([day], text))
        self.rules = (
            ["24/7"] if schedule.always_open else [f"{_weekdays(days)} {text}" for days, text in runs]
        )
        self.text = self.separator.join(self.rules)

    def during(self, dates: str, state: str = "") -> str:
        """The regular hours on some days only."""
        return self.separator.join(f"{dates} {rule}{state}" for rule in self.rules)


def _holiday_rules(
    schedule: Schedule, calendar: SchoolCalendar, week: _Week, nights: Nights
) -> Iterator[str]:
    """Closed on holidays, and unknown on the days of which nobody can say whether they are holidays."""
    if not (schedule.closed_on_public_holidays or schedule.school_days_only) or not week.rules:
        return
    if schedule.school_days_only:
        for first, last in _gaps(calendar.known):
            yield week.during(_dates(first, last), f' unknown "{_quoted(calendar.doubt_on(first))}"')
    reason = _quoted(_("public holiday"))
    closed = f'{",".join(PUBLIC_HOLIDAYS)} off "{reason}"'
    yield f"{closed}, {week.during(','.join(PUBLIC_HOLIDAYS.values()))}" if week.nights else closed
    for holiday in calendar.holidays if schedule.school_days_only else ():
        rule = f'{_dates(holiday.first_day, holiday.last_day)} off "{_quoted(holiday.words.name)}"'
        yield rule + _eves([holiday.first_day], nights)
    first = LAST_PUBLIC_HOLIDAYS + ONE_DAY
    doubt = (calendar.doubt_on(first) if schedule.school_days_only else "") or doubt_about_public_holidays(
        first
    )
    yield week.during(_dates(first, LAST_DAY), f' unknown "{_quoted(doubt)}"')


def _gaps(known: Iterable[Stretch]) -> Iterator[Stretch]:
    """The stretches between, before and after those that are known."""
    cursor = FIRST_DAY
    for first, last in known:
        if cursor < first:
            yield cursor, first - ONE_DAY
        cursor = last + ONE_DAY
    yield cursor, LAST_DAY


def _quoted(text: str) -> str:
    return str(text).replace('"', "'")


def _weekdays(days: Iterable[int]) -> str:
    """`Mo-We,Fr`."""
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
    """`2026 Dec 24` or `2026 Dec 24-2027 Jan 03`."""
    return _date(first) if first == last else f"{_date(first)}-{_date(last)}"


def _dates_of(held: Held) -> str:
    """The days on which an exception holds: its stretches, and the days of the week."""
    first, last, weekdays = held.exception.first_day, held.exception.last_day, held.weekdays
    left_out = set(held.left_out)
    kept = (day for day in each_day(first, last) if day not in left_out)
    dates = ",".join(_dates(*stretch) for stretch in stretches_of(kept))
    return f"{dates} {_weekdays(weekdays)}" if weekdays else dates


def _exception_rules(held: Iterable[Held], nights: Nights) -> list[str]:
    """The exceptions in the order of entry; those that give hours for the same days together."""
    rules: dict[Stretch, str] = {}
    for item in held:
        exception, dates = item.exception, _dates_of(item)
        span = _span(*exception.times) if exception.times else "off"
        rule = f'{dates} {span} "{_quoted(exception.words.reason)}"'
        rule += _eves((first for first, _last in stretches_of(item.days)), nights)
        days = (exception.first_day, exception.last_day)
        earlier = rules.pop(days, "")
        rules[days] = f"{earlier}, {rule}" if earlier else rule
    return list(rules.values())


def _eves(first_days: Iterable[datetime.date], nights: Nights) -> str:
    """Additional rules for the nights that end on the first day of a rule."""
    eves = (day - ONE_DAY for day in first_days)
    return "".join(f", {_date(eve)} {_span(*night)}" for eve in eves for night in nights(eve))
