"""Exceptional closings and days with different hours as iCalendar events (RFC 5545)."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from contact.availability import get_calendar, public_schedule
from contact.downloads import ZONE, Address, Line, escaped, ical_datetime
from contact.holidays import SchoolCalendar, stretches_of
from contact.models import Channel, Schedule
from contact.opening_hours import CLOSED, UNKNOWN, DaysOff, Held, days_off_of, doubts_of, each_day, held_of
from pzgent.kernel.watermarks import State, changed_at

ONE_DAY = datetime.timedelta(days=1)
# Maximum number of channels in a title; the description lists all of them.
MOST_NAMES = 2

# Rules of the European Union since 1996.
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


@dataclass(frozen=True)
class Closing:
    """Range of days to announce: closed for a reason, unknown, or with different hours (`held`)."""

    first_day: datetime.date
    last_day: datetime.date
    reason: str
    identity: str
    state: str = CLOSED
    held: Held | None = None

    @classmethod
    def of(cls, days: DaysOff) -> Closing:
        """Create a closing from holidays or days in doubt."""
        kind = "holiday" if days.state == CLOSED else days.state
        return cls(days.first_day, days.last_day, days.reason, f"{kind} {days.first_day}", days.state)


def window_of(today: datetime.date) -> tuple[datetime.date, datetime.date]:
    """Return 1 December of last year to 30 November of next year: no holiday is cut, so that each keeps its UID."""
    return datetime.date(today.year - 1, 12, 1), datetime.date(today.year + 1, 11, 30)


def closings_of(
    channels: Iterable[Channel], first: datetime.date, last: datetime.date, address: Address
) -> list[Line]:
    """Return the lines of one event per range of days between two dates, in a few queries.

    The time zone comes first, so that a calendar without events is valid too.

    Channels that share a schedule share the event, which keeps its UID for as long as the closing exists.
    """
    shared: dict[object, tuple[Schedule, list[Channel]]] = {}
    for channel in channels:
        schedule = public_schedule(channel)
        if schedule:
            shared.setdefault(schedule.pk, (schedule, []))[1].append(channel)
    calendar = get_calendar(schedule for schedule, _channels in shared.values())
    changed = changed_at(hours_states([schedule for schedule, _channels in shared.values()]))
    lines = list(BRUSSELS_TIME)
    for schedule, found in shared.values():
        for days in _closings(schedule, first, last, calendar):
            # A channel that does not exist yet, or no longer, is not closed.
            concerned = [channel for channel in found if channel.part_between(days.first_day, days.last_day)]
            if concerned:
                lines += _event(
                    schedule, concerned, days, ical_datetime(changed[_name_of(schedule.pk)]), address
                )
    return lines


def _closings(
    schedule: Schedule, first: datetime.date, last: datetime.date, calendar: SchoolCalendar
) -> Iterator[Closing]:
    """Yield the exceptions, the holidays, and the days that may or may not be holidays."""
    for held in held_of(schedule, calendar):
        if held.days[-1] >= first and held.days[0] <= last:
            yield from _stretches(held)
    yield from map(Closing.of, days_off_of(schedule, first, calendar, last))
    yield from map(Closing.of, doubts_of(schedule, first, last, calendar))


def _stretches(held: Held) -> Iterator[Closing]:
    """Yield different hours once for all days, a closing once per range of days; the first keeps its identity."""
    exception = held.exception
    if not exception.is_closed:
        yield Closing(
            held.days[0], held.days[-1], exception.translated.reason, f"exception {exception.pk}", held=held
        )
        return
    for number, (first, last) in enumerate(stretches_of(held.days)):
        identity = f"exception {exception.pk}" if number == 0 else f"exception {exception.pk} {first}"
        yield Closing(first, last, exception.translated.reason, identity)


def hours_states(schedules: Iterable[Schedule]) -> dict[str, State]:
    """Return, by schedule, its key and those of its channels, and when one of these last changed. One query."""
    parts: dict[object, list[tuple[object, datetime.datetime]]] = {
        schedule.pk: [(schedule.pk, schedule.modified)] for schedule in schedules
    }
    known = Channel.objects.published().filter(schedule__in=list(parts)).order_by("pk")
    for schedule, channel, modified in known.values_list("schedule", "pk", "modified"):
        parts[schedule].append((channel, modified))
    return {_name_of(key): (found, max(moment for _pk, moment in found)) for key, found in parts.items()}


def _name_of(schedule: object) -> str:
    return f"hours {schedule}"


def _event(
    schedule: Schedule, channels: list[Channel], closing: Closing, changed: str, address: Address
) -> Iterator[Line]:
    """Yield the lines of one event; an exception keeps its UID if its days change."""
    names = [channel.translated.label for channel in channels]
    title = ", ".join(names[:MOST_NAMES])
    if len(names) > MOST_NAMES:
        title = _("%(names)s and %(count)s more") % {"names": title, "count": len(names) - MOST_NAMES}
    text = _("Other hours: %(name)s") if closing.held else _("Closed: %(name)s")
    if closing.state == UNKNOWN:
        text = _("Not known whether open: %(name)s")
    yield ("BEGIN", "VEVENT")
    yield ("UID", str(uuid.uuid5(schedule.pk, closing.identity)))
    yield ("DTSTAMP", changed)
    yield ("LAST-MODIFIED", changed)
    times = closing.held.exception.times if closing.held else None
    yield from _times(closing.held, times) if closing.held and times else _whole_days(closing)
    yield ("SUMMARY", escaped(f"{text % {'name': title}} ({closing.reason})"))
    yield ("DESCRIPTION", escaped("\n".join(names)))
    yield ("URL", address(channels[0].get_absolute_url()))
    yield ("TRANSP", "TRANSPARENT")
    if closing.state == UNKNOWN:
        yield ("STATUS", "TENTATIVE")
    yield ("END", "VEVENT")


def _whole_days(closing: Closing) -> Iterator[Line]:
    yield ("DTSTART;VALUE=DATE", f"{closing.first_day:%Y%m%d}")
    yield ("DTEND;VALUE=DATE", f"{closing.last_day + ONE_DAY:%Y%m%d}")


def _times(held: Held, times: tuple[datetime.time, datetime.time]) -> Iterator[Line]:
    """Yield the different hours in Brussels time, on each day to which they apply."""
    opens, closes = times
    first = held.days[0]
    end = first if closes > opens else first + ONE_DAY
    yield (f"DTSTART;TZID={ZONE}", f"{first:%Y%m%d}T{opens:%H%M%S}")
    yield (f"DTEND;TZID={ZONE}", f"{end:%Y%m%d}T{closes:%H%M%S}")
    repeated = (held.days[-1] - first).days + 1
    if repeated > 1:
        yield ("RRULE", f"FREQ=DAILY;COUNT={repeated}")
    kept = set(held.days)
    left_out = [day for day in each_day(first, held.days[-1]) if day not in kept]
    if left_out:
        yield (f"EXDATE;TZID={ZONE}", ",".join(f"{day:%Y%m%d}T{opens:%H%M%S}" for day in left_out))
