"""Downloads: contact cards (vCard 4.0, RFC 6350) and calendars of opening hours (iCalendar, RFC 5545)."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Callable, Iterable, Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contact.availability import public_channel
from contact.models import Channel
from contact.models.kinds import ChannelKind
from contact.opening_hours import BY_APPOINTMENT, CLOSED, OPEN, UNKNOWN, Interval
from organisation.models import Unit
from pzgent.kernel.cleaning import clean_text
from pzgent.kernel.zone import get_zone

# How far ahead a calendar reaches; subscribers get later days in a later refresh.
CALENDAR_DAYS = 92
MOST_OCTETS = 75
MIDNIGHT = datetime.time()
# Titles of events in which the channel is certainly or possibly usable.
_TITLES = {
    OPEN: gettext_lazy("Open: %(name)s"),
    BY_APPOINTMENT: gettext_lazy("Open by appointment: %(name)s"),
    UNKNOWN: gettext_lazy("Not known whether open: %(name)s"),
}
Address = Callable[[str], str]
Line = tuple[str, str]
ZONE = "Europe/Brussels"


def card_of(channel: Channel, address: Address) -> str:
    """Return the vCard of one channel; `address` makes a path of the site absolute."""
    name = f"{get_zone().name}: {channel.translated.label}"
    extra = list(_ways([channel]))
    place = channel.location
    if place and place.is_published and place.address:
        extra.append(
            ("ADR", f";;{escaped(place.street)};{escaped(place.city)};;{escaped(place.postal_code)};")
        )
    if channel.note:
        extra.append(("NOTE", escaped(channel.translated.note)))
    return _card(channel, name, extra, address)


def unit_card_of(unit: Unit, channels: Iterable[Channel], address: Address) -> str:
    """Return the vCard of a unit with all its channels."""
    extra = list(_ways(channels))
    if unit.summary:
        extra.append(("NOTE", escaped(unit.summary)))
    return _card(unit, f"{get_zone().name}: {unit.name}", extra, address)


def calendar_of(channel: Channel, intervals: Iterable[Interval], address: Address) -> str:
    """Return the iCalendar of a channel: an event for each opening, and one for each period closed for a reason."""
    schedule = channel.schedule
    changed = max(channel.modified, schedule.modified) if schedule else channel.modified
    events: list[Line] = []
    night: Interval | None = None
    for interval in intervals:
        events += _event(channel, interval, night, ical_datetime(changed), address)
        night = interval if interval.start.date() < interval.end.date() and interval.state != CLOSED else None
    return calendar(channel.translated.label, events)


def calendar(name: str, events: Iterable[Line]) -> str:
    """Return an iCalendar with its name and refresh interval."""
    lines = [
        ("BEGIN", "VCALENDAR"),
        ("VERSION", "2.0"),
        ("PRODID", f"-//{get_zone().name}//Openingsuren//NL"),
        ("CALSCALE", "GREGORIAN"),
        ("NAME", escaped(name)),
        ("X-WR-CALNAME", escaped(name)),
        ("X-WR-TIMEZONE", ZONE),
        ("REFRESH-INTERVAL;VALUE=DURATION", "P1D"),
    ]
    return written([*lines, *events, ("END", "VCALENDAR")])


def _event(
    channel: Channel, interval: Interval, night: Interval | None, changed: str, address: Address
) -> list[Line]:
    """Return the lines of one event; none for an ordinary night or weekend.

    `night` is a preceding opening that runs past midnight.
    """
    more: list[Line] = []
    if interval.state != CLOSED and (interval.state != UNKNOWN or interval.reason):
        title = _TITLES[interval.state] % {"name": channel.translated.label}
        when = [("DTSTART", ical_datetime(interval.start)), ("DTEND", ical_datetime(interval.end))]
        if interval.state == UNKNOWN:
            more = [("STATUS", "TENTATIVE"), *_instead(channel)]
    elif interval.state == CLOSED and interval.reason:
        title = _("Closed: %(name)s") % {"name": channel.translated.label}
        first = interval.start.date()
        # A day with opening hours is not closed all day, unless these only run over from the night before.
        first += datetime.timedelta(days=interval.start.time() != MIDNIGHT and night is None)
        if first >= interval.end.date():
            return []
        when = [
            ("DTSTART;VALUE=DATE", f"{first:%Y%m%d}"),
            ("DTEND;VALUE=DATE", f"{interval.end.date():%Y%m%d}"),
        ]
    else:
        return []
    identity = uuid.uuid5(channel.pk, f"{interval.state} {ical_datetime(interval.start)}")
    return [
        ("BEGIN", "VEVENT"),
        ("UID", str(identity)),
        ("DTSTAMP", changed),
        *when,
        ("SUMMARY", escaped(f"{title} ({interval.reason})" if interval.reason else title)),
        ("URL", address(channel.get_absolute_url())),
        ("TRANSP", "TRANSPARENT"),
        *more,
        ("END", "VEVENT"),
    ]


def _instead(channel: Channel) -> Iterator[Line]:
    """Yield a note with the fallback, for a period in which it is unknown whether the channel is open."""
    fallback = public_channel(channel.fallback)
    if fallback:
        text = (
            f"{fallback.translated.label}: {fallback.display}"
            if fallback.value
            else str(fallback.translated.label)
        )
        yield ("DESCRIPTION", escaped(_("Use instead: %(other)s") % {"other": text}))


def _card(item: Channel | Unit, name: str, extra: list[tuple[str, str]], address: Address) -> str:
    return written(
        [
            ("BEGIN", "VCARD"),
            ("VERSION", "4.0"),
            ("KIND", "org"),
            ("UID", f"urn:uuid:{item.pk}"),
            ("REV", ical_datetime(item.modified)),
            ("FN", escaped(name)),
            ("ORG", escaped(get_zone().name)),
            *extra,
            ("URL", address(item.get_absolute_url())),
            ("END", "VCARD"),
        ]
    )


def _ways(channels: Iterable[Channel]) -> Iterator[tuple[str, str]]:
    """Yield each distinct number and address once."""
    seen = set()
    for channel in channels:
        if channel.value in seen or not channel.value:
            continue
        seen.add(channel.value)
        if channel.kind == ChannelKind.PHONE:
            yield "TEL;TYPE=work,voice", escaped(channel.value)
        elif channel.kind == ChannelKind.SMS:
            yield "TEL;TYPE=work,text", escaped(channel.value)
        elif channel.kind == ChannelKind.EMAIL:
            yield "EMAIL;TYPE=work", escaped(channel.value)


def ical_datetime(moment: datetime.datetime) -> str:
    """Format a moment in UTC."""
    return f"{moment.astimezone(datetime.UTC):%Y%m%dT%H%M%SZ}"


def escaped(value: str) -> str:
    """Escape the characters with a special meaning in these formats."""
    marked = clean_text(value).replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return "\\n".join(marked.splitlines())


def written(lines: Iterable[tuple[str, str]]) -> str:
    """Format names and values as content lines."""
    return "".join(f"{_folded(f'{name}:{value}')}\r\n" for name, value in lines)


def _folded(line: str) -> str:
    """Fold the line at 75 octets, between characters; each continuation starts with a space."""
    pieces, current, room = [], "", MOST_OCTETS
    for character in line:
        size = len(character.encode())
        if size > room:
            pieces.append(current)
            current, room = "", MOST_OCTETS - 1
        current += character
        room -= size
    return "\r\n ".join([*pieces, current])
