"""The opening hours of a schedule as an OpenStreetMap `opening_hours` expression, for other systems to evaluate."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from contact.models import Schedule, ScheduleException

DAY_CODES = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
MONTH_CODES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
MIDNIGHT = datetime.time()


def expression_of(schedule: Schedule) -> str:
    """The schedule as an `opening_hours` expression; empty when nothing is known. Needs slots and exceptions."""
    regular = regular_expression_of(schedule)
    exceptions = _exception_rules(schedule.exceptions.all())
    if not regular:
        return "; ".join(["24/7 unknown", *exceptions]) if exceptions else ""
    return "; ".join([regular, *exceptions])


def regular_expression_of(schedule: Schedule) -> str:
    """Write the regular week with its holidays as an expression, without exceptions; empty when nothing is known."""
    rules = [_weekly_rules(schedule)]
    if not rules[0]:
        return ""
    if schedule.closed_on_public_holidays:
        rules.append("PH off")
    if schedule.school_days_only:
        rules.append("PH,SH off" if not schedule.closed_on_public_holidays else "SH off")
    return "; ".join(rules)


def _weekly_rules(schedule: Schedule) -> str:
    """`Mo-Fr 08:30-12:00,13:00-16:30; Sa 09:00-12:00`: consecutive days with the same hours in one rule.

    Where a night runs into the next day the rules are additional ones, with commas: others would overrule it.
    """
    if schedule.always_open:
        return "24/7"
    slots = sorted(schedule.slots.all(), key=lambda slot: (slot.weekday, slot.opens))
    hours: dict[int, list[str]] = {}
    for slot in slots:
        hours.setdefault(slot.weekday, []).append(_span(slot.opens, slot.closes))
    runs: list[tuple[int, int, str]] = []
    for day, spans in sorted(hours.items()):
        text = ",".join(spans)
        if runs and runs[-1][1] == day - 1 and runs[-1][2] == text:
            runs[-1] = (runs[-1][0], day, text)
        else:
            runs.append((day, day, text))
    separator = ", " if any(MIDNIGHT < slot.closes < slot.opens for slot in slots) else "; "
    return separator.join(f"{_days(first, last)} {text}" for first, last, text in runs)


def _days(first: int, last: int) -> str:
    return DAY_CODES[first] if first == last else f"{DAY_CODES[first]}-{DAY_CODES[last]}"


def _span(opens: datetime.time, closes: datetime.time) -> str:
    return f"{opens:%H:%M}-{'24:00' if closes == datetime.time() else f'{closes:%H:%M}'}"


def _dates(first: datetime.date, last: datetime.date) -> str:
    """`2026 Dec 24` or `2026 Dec 24-2027 Jan 03`."""
    texts = [f"{day.year} {MONTH_CODES[day.month - 1]} {day.day:02d}" for day in (first, last)]
    return texts[0] if first == last else "-".join(texts)


def _exception_rules(exceptions: Iterable[ScheduleException]) -> list[str]:
    """The exceptions in the order of entry: a later rule overrules an earlier one."""
    rules: dict[str, tuple[str, str]] = {}
    for item in sorted(exceptions, key=lambda item: item.pk):
        dates = _dates(item.first_day, item.last_day)
        earlier, _reason = rules.pop(dates, ("off", ""))
        hours = "off"
        if item.opens is not None and item.closes is not None:
            hours = _span(item.opens, item.closes)
            hours = hours if earlier == "off" else f"{earlier},{hours}"
        rules[dates] = (hours, item.reason.replace('"', "'"))
    return [f'{dates} {hours} "{reason}"' for dates, (hours, reason) in rules.items()]
