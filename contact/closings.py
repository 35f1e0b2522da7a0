"""The days on which something is exceptionally closed or has other hours, as events of an iCalendar (RFC 5545)."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _

from contact.availability import public_schedule
from contact.downloads import ZONE, Address, Line, escaped, stamp
from contact.models import Channel, Schedule, ScheduleException, SchoolHoliday
from contact.opening_hours import DaysOff, days_off_of

ONE_DAY = datetime.timedelta(days=1)
# How many channels a title names; the description has them all.
MOST_NAMES = 2

# The rules of the European Union since 1996.
BRUSSELS_TIME: tuple[Line, ...] = (
    ("BEGIN", "VTIMEZONE"),
    ("TZID", ZONE),
    ("BEGIN", "DAYLIGHT"),
    ("TZNAME", "CEST"),
    ("DTSTART", "19960331T020000"),
    ("TZOFFSETFROM", "+0100"),
    ("TZOFFSETTO", "+0200"),
    ("RRULE", "FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU"),
    ("END", "DAYLIGHT"),
    ("BEGIN", "STANDARD"),
    ("TZNAME", "CET"),
    ("DTSTART", "19961027T030000"),
    ("TZOFFSETFROM", "+0200"),
    ("TZOFFSETTO", "+0100"),
    ("RRULE", "FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU"),
    ("END", "STANDARD"),
    ("END", "VTIMEZONE"),
)


def window_of(today: datetime.date) -> tuple[datetime.date, datetime.date]:
    """From December of last year to November of next year: no holiday is cut, so that each keeps its identity."""
    return datetime.date(today.year - 1, 12, 1), datetime.date(today.year + 1, 11, 30)


def closings_of(
    channels: Iterable[Channel], first: datetime.date, last: datetime.date, address: Address
) -> list[Line]:
    """The lines of an event for each stretch of days between two days; one query, and only when school days matter.
    Before them stands the time zone, which makes a calendar without events valid too.

    Channels that share their hours share the event, which keeps its UID for as long as there is such a closing.
    """
    shared: dict[object, tuple[Schedule, list[Channel]]] = {}
    for channel in channels:
        schedule = public_schedule(channel)
        if schedule:
            shared.setdefault(schedule.pk, (schedule, []))[1].append(channel)
    holidays: list[SchoolHoliday] = []
    if any(schedule.school_days_only for schedule, _channels in shared.values()):
        holidays = list(SchoolHoliday.objects.overlapping(first, last))
    lines = list(BRUSSELS_TIME)
    for schedule, found in shared.values():
        closings: list[ScheduleException | DaysOff] = [
            item for item in schedule.exceptions.all() if item.last_day >= first and item.first_day <= last
        ]
        for days in closings + days_off_of(schedule, first, holidays, last):
            # What is no longer there, or not yet, does not close either.
            concerned = [channel for channel in found if channel.part_between(days.first_day, days.last_day)]
            if concerned:
                lines += _event(schedule, concerned, days, address)
    return lines


def _event(
    schedule: Schedule, channels: list[Channel], days: ScheduleException | DaysOff, address: Address
) -> Iterator[Line]:
    """The lines of one event; an exception of which the days change stays the same event."""
    is_exception = isinstance(days, ScheduleException)
    identity = f"exception {days.pk}" if isinstance(days, ScheduleException) else f"holiday {days.first_day}"
    changed = stamp(max([schedule.modified, *(channel.modified for channel in channels)]))
    names = [channel.words.label for channel in channels]
    title = ", ".join(names[:MOST_NAMES])
    if len(names) > MOST_NAMES:
        title = _("%(names)s and %(count)s more") % {"names": title, "count": len(names) - MOST_NAMES}
    opens = days.opens if isinstance(days, ScheduleException) else None
    text = _("Other hours: %(name)s") if is_exception and opens else _("Closed: %(name)s")
    yield ("BEGIN", "VEVENT")
    yield ("UID", str(uuid.uuid5(schedule.pk, identity)))
    yield ("DTSTAMP", changed)
    yield ("LAST-MODIFIED", changed)
    yield from _when(days)
    yield ("SUMMARY", escaped(f"{text % {'name': title}} ({days.reason})"))
    yield ("DESCRIPTION", escaped("\n".join(names)))
    yield ("URL", address(channels[0].get_absolute_url()))
    yield ("TRANSP", "TRANSPARENT")
    yield ("END", "VEVENT")


def _when(days: ScheduleException | DaysOff) -> Iterator[Line]:
    """Whole days when closed; other hours in Brussels, once for each day."""
    if not isinstance(days, ScheduleException) or days.opens is None or days.closes is None:
        yield ("DTSTART;VALUE=DATE", f"{days.first_day:%Y%m%d}")
        yield ("DTEND;VALUE=DATE", f"{days.last_day + ONE_DAY:%Y%m%d}")
        return
    end = days.first_day if days.closes > days.opens else days.first_day + ONE_DAY
    yield (f"DTSTART;TZID={ZONE}", f"{days.first_day:%Y%m%d}T{days.opens:%H%M%S}")
    yield (f"DTEND;TZID={ZONE}", f"{end:%Y%m%d}T{days.closes:%H%M%S}")
    count = (days.last_day - days.first_day).days + 1
    if count > 1:
        yield ("RRULE", f"FREQ=DAILY;COUNT={count}")
