"""Contradictions: hours, exceptions and holidays that overlap."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import TYPE_CHECKING, Protocol

from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from contact.hours_sentences import hours_text

if TYPE_CHECKING:
    from contact.models import ScheduleException, SchoolYear, WeeklySlot

DAY, WEEK = 24 * 60, 7 * 24 * 60


class Days(Protocol):
    """Object that runs from a first day to a last day."""

    first_day: datetime.date
    last_day: datetime.date


def check_slots(slots: Iterable[WeeklySlot]) -> None:
    """Raise ValidationError if two weekly slots are open at the same minute."""
    for one, other in combinations(slots, 2):
        ahead = (_minute(other) - _minute(one)) % WEEK
        if ahead < _length(one.opens, one.closes) or WEEK - ahead < _length(other.opens, other.closes):
            names = {"one": _slot_text(one), "other": _slot_text(other)}
            text = _(
                "These hours overlap: %(one)s and %(other)s. Change one of them, or tick one for deletion."
            )
            raise ValidationError(text % names)


def check_exceptions(exceptions: Sequence[ScheduleException]) -> None:
    """Raise ValidationError for exceptions, in order of entry, that contradict each other.

    The same days may have several hours. Days within those of an earlier exception may differ: the later entry
    counts.
    """
    for earlier, later in combinations(exceptions, 2):
        if not _overlap(earlier, later) or _add_up(earlier, later) or _lies_within(later, earlier):
            continue
        text = _(
            "These exceptions overlap: %(one)s and %(other)s. Change the days of one of them. To make an exception "
            "to a longer one, enter the longer one first."
        )
        raise ValidationError(text % {"one": _days_text(earlier), "other": _days_text(later)})


def check_holidays(holidays: Sequence[Days]) -> None:
    """Raise ValidationError for school holidays, or school years, that overlap."""
    for one, other in combinations(holidays, 2):
        if _overlap(one, other):
            text = _("These days overlap: %(one)s and %(other)s. Change the days of one of them.")
            raise ValidationError(text % {"one": _days_text(one), "other": _days_text(other)})


def check_within(holidays: Iterable[Days], year: SchoolYear) -> None:
    """Raise ValidationError for school holidays outside their school year."""
    for holiday in holidays:
        if not year.first_day <= holiday.first_day <= holiday.last_day <= year.last_day:
            text = _("%(one)s is not within the school year: %(other)s.")
            raise ValidationError(text % {"one": _days_text(holiday), "other": _days_text(year)})


def _minute(slot: WeeklySlot) -> int:
    return slot.weekday * DAY + slot.opens.hour * 60 + slot.opens.minute


def _length(opens: datetime.time, closes: datetime.time) -> int:
    minutes = (closes.hour - opens.hour) * 60 + closes.minute - opens.minute
    return minutes if minutes > 0 else minutes + DAY


def _overlap(one: Days, other: Days) -> bool:
    return one.first_day <= other.last_day and other.first_day <= one.last_day


def _add_up(one: ScheduleException, other: ScheduleException) -> bool:
    """True if two exceptions give hours for the same days that do not overlap."""
    if (one.first_day, one.last_day) != (other.first_day, other.last_day) or not one.times or not other.times:
        return False
    ahead = _length(one.times[0], other.times[0]) % DAY
    return bool(ahead) and ahead >= _length(*one.times) and DAY - ahead >= _length(*other.times)


def _lies_within(one: Days, other: Days) -> bool:
    is_same = (one.first_day, one.last_day) == (other.first_day, other.last_day)
    return not is_same and other.first_day <= one.first_day and one.last_day <= other.last_day


def _slot_text(slot: WeeklySlot) -> str:
    return f"{slot.get_weekday_display()} {hours_text(slot.opens, slot.closes)}"


def _days_text(days: Days) -> str:
    name = getattr(days, "reason", "") or getattr(days, "name", "") or getattr(days, "title", "")
    first, last = (date_format(day, "DATE_FORMAT") for day in (days.first_day, days.last_day))
    return f"“{name}” ({first if first == last else f'{first} – {last}'})"
