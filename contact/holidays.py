"""Days off: the ten public holidays of Belgium, and the holidays of Flemish schools as far as they are known.

The public holidays are those of the law of 4 January 1974 and the royal decree of 18 April 1974. The calendar `PH`
of `opening-hours-py` is not used, because it counts Easter Sunday as a holiday.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from opening_hours import OpeningHours, State

if TYPE_CHECKING:
    from contact.models import SchoolHoliday

ONE_DAY = datetime.timedelta(days=1)
# Names in the order of the year; the keys are those of `PUBLIC_HOLIDAYS`.
PUBLIC_HOLIDAY_NAMES = {
    "Jan 01": gettext_lazy("New Year's Day"),
    "easter +1 day": gettext_lazy("Easter Monday"),
    "May 01": gettext_lazy("Labour Day"),
    "easter +39 days": gettext_lazy("Ascension Day"),
    "easter +50 days": gettext_lazy("Whit Monday"),
    "Jul 21": gettext_lazy("National Day"),
    "Aug 15": gettext_lazy("Assumption Day"),
    "Nov 01": gettext_lazy("All Saints' Day"),
    "Nov 11": gettext_lazy("Armistice Day"),
    "Dec 25": gettext_lazy("Christmas Day"),
}
# In `opening_hours` syntax; each with the day after it, which no night of the holiday runs into.
PUBLIC_HOLIDAYS = {
    "Jan 01": "Jan 02",
    "easter +1 day": "easter +2 days",
    "May 01": "May 02",
    "easter +39 days": "easter +40 days",
    "easter +50 days": "easter +51 days",
    "Jul 21": "Jul 22",
    "Aug 15": "Aug 16",
    "Nov 01": "Nov 02",
    "Nov 11": "Nov 12",
    "Dec 25": "Dec 26",
}
# Laws change: the public holidays of later years cannot be known today.
LAST_PUBLIC_HOLIDAYS = datetime.date(2079, 12, 31)
Stretch = tuple[datetime.date, datetime.date]


@lru_cache(maxsize=64)
def public_holidays(year: int) -> frozenset[datetime.date]:
    """Return the public holidays of a year, computed from the published rule."""
    first, last = datetime.datetime(year, 1, 1), datetime.datetime(year, 12, 31, 23, 59)
    return frozenset(
        start.date() + number * ONE_DAY
        for start, end, state, _comment in OpeningHours(",".join(PUBLIC_HOLIDAYS)).intervals(first, last)
        if state == State.OPEN
        for number in range(((end or last) - start).days or 1)
    )


@lru_cache(maxsize=64)
def _keys_by_day(year: int) -> dict[datetime.date, list[str]]:
    """Return the keys of `PUBLIC_HOLIDAYS` by day; two may fall on the same day, as in 2008."""
    first, last = datetime.datetime(year, 1, 1), datetime.datetime(year, 12, 31, 23, 59)
    found: dict[datetime.date, list[str]] = {}
    for key in PUBLIC_HOLIDAYS:
        for start, _end, state, _comment in OpeningHours(key).intervals(first, last):
            if state == State.OPEN:
                found.setdefault(start.date(), []).append(key)
    return dict(sorted(found.items()))


def named_public_holidays(year: int) -> dict[datetime.date, str]:
    """Return the names of the public holidays of a year by day, in order; empty for years that cannot be known."""
    if year > LAST_PUBLIC_HOLIDAYS.year:
        return {}
    return {
        day: " / ".join(str(PUBLIC_HOLIDAY_NAMES[key]) for key in keys)
        for day, keys in _keys_by_day(year).items()
    }


def public_holiday_on(day: datetime.date) -> str:
    """Return the name of the public holiday on a day; empty if there is none or it cannot be known."""
    return named_public_holidays(day.year).get(day, "")


@dataclass(frozen=True)
class SchoolCalendar:
    """School holidays, and the ranges of days (both ends included) in which all holidays are known."""

    holidays: Sequence[SchoolHoliday] = ()
    known: Sequence[Stretch] = ()

    @classmethod
    def of(cls, holidays: Iterable[SchoolHoliday]) -> SchoolCalendar:
        """Create the calendar of these holidays; a school year without any of them is unknown."""
        listed = sorted(holidays, key=lambda holiday: holiday.first_day)
        years = {holiday.school_year for holiday in listed if holiday.school_year}
        return cls(listed, _joined((year.first_day, year.last_day) for year in years))

    def holiday_on(self, day: datetime.date) -> SchoolHoliday | None:
        """Return the holiday that includes a day."""
        return next((holiday for holiday in self.holidays if holiday.includes(day)), None)

    def doubt_on(self, day: datetime.date) -> str:
        """Return why it is unknown whether a day is a school day; empty if it is known."""
        if any(first <= day <= last for first, last in self.known):
            return ""
        past = [last for _first, last in self.known if last < day]
        if past:
            last = date_format(max(past), "DATE_FORMAT")
            return _("the school holidays are known up to and including %(day)s") % {"day": last}
        if self.known:
            first = date_format(self.known[0][0], "DATE_FORMAT")
            return _("the school holidays are known from %(day)s") % {"day": first}
        return _("the school holidays are not known")


NO_CALENDAR = SchoolCalendar()


def doubt_about_public_holidays(day: datetime.date) -> str:
    """Return why it is unknown whether a day is a public holiday; empty if it is known."""
    if day <= LAST_PUBLIC_HOLIDAYS:
        return ""
    last = date_format(LAST_PUBLIC_HOLIDAYS, "DATE_FORMAT")
    return _("the public holidays are known up to and including %(day)s") % {"day": last}


def stretches_of(days: Iterable[datetime.date]) -> list[Stretch]:
    """Group the sorted days into ranges without gaps."""
    return list(_joined((day, day) for day in days))


def _joined(stretches: Iterable[Stretch]) -> tuple[Stretch, ...]:
    """Return the ranges in order, merging those that touch or overlap."""
    found: list[Stretch] = []
    for first, last in sorted(stretches):
        if found and first <= found[-1][1] + ONE_DAY:
            found[-1] = (found[-1][0], max(found[-1][1], last))
        else:
            found.append((first, last))
    return tuple(found)
