"""Warnings about opening hours that are valid but probably a mistake; the editor decides."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from itertools import pairwise

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from contact.availability import WITHOUT_HOURS
from contact.holidays import SchoolCalendar
from contact.hours_sentences import clock_text, hours_text
from contact.models import Channel, Schedule, ScheduleException, WeeklySlot
from contact.opening_hours import MIDNIGHT, held_of

HOUR, DAY = 60, 24 * 60
SHORTEST, LONGEST = 15, 14 * HOUR
# The last minute of a day, which many write for midnight.
LAST_MINUTE = datetime.time(23, 59)
SOON = datetime.timedelta(days=60)


def warnings_of(schedule: Schedule, calendar: SchoolCalendar, today: datetime.date) -> list[str]:
    """Return the warnings about a schedule with its parts, stored or typed, in the order of the form."""
    slots = sorted(schedule.slots.all(), key=lambda slot: (slot.weekday, slot.opens))
    exceptions = list(schedule.exceptions.all())
    found = [*_of_publication(schedule, today), *_of_slots(slots)]
    if not (slots or exceptions or schedule.always_open):
        found.append(_("No hours are filled in: the site says that it does not know them."))
    if schedule.school_days_only:
        found += _of_school_years(calendar, today)
    return [*found, *_of_exceptions(schedule, exceptions, calendar, today)]


def warnings_of_channel(channel: Channel) -> list[str]:
    """Return the warnings about the hours of a published channel: none, or none that the public sees."""
    if not channel.is_published or channel.kind in WITHOUT_HOURS or channel.appointment_needed:
        return []
    if channel.schedule is None:
        return [_("This channel has no opening hours: the site says that it does not know them.")]
    if not channel.schedule.is_published:
        return [
            _("The site does not show the hours of this channel: “%(hours)s” is not published.")
            % {"hours": channel.schedule}
        ]
    return []


def _of_publication(schedule: Schedule, today: datetime.date) -> Iterator[str]:
    if schedule.publish_until is None:
        return
    last = timezone.localtime(schedule.publish_until)
    values = {"moment": date_format(last, "DATETIME_FORMAT")}
    if last.date() < today:
        yield _("These hours left the site on %(moment)s.") % values
    elif last.date() <= today + SOON:
        yield _("These hours leave the site on %(moment)s.") % values


def _of_slots(slots: list[WeeklySlot]) -> list[str]:
    """Return the warnings about the regular week; the same hours on several days give one warning."""
    days: dict[str, list[str]] = {}
    for slot in slots:
        for text in _of_period(slot.opens, slot.closes):
            days.setdefault(text, []).append(slot.get_weekday_display())
    for one, other in pairwise(slots):
        if one.weekday == other.weekday:
            for text in _of_pause(one, other):
                days.setdefault(text, []).append(one.get_weekday_display())
    return [f"{capfirst(', '.join(names))}: {text}" for text, names in days.items()]


def _of_period(opens: datetime.time, closes: datetime.time) -> Iterator[str]:
    length = (_minutes(closes) - _minutes(opens)) % DAY
    values = {"hours": hours_text(opens, closes), "closes": clock_text(closes), "opens": clock_text(opens)}
    if closes == LAST_MINUTE:
        yield _("%(hours)s ends a minute before midnight. Open until midnight? Write 24.00.") % values
    if MIDNIGHT < closes < opens:
        yield (
            _(
                "%(hours)s runs through the night, until %(closes)s on the next day. Not meant? Then from and "
                "until are the wrong way round."
            )
            % values
        )
    if length < SHORTEST:
        yield _("%(hours)s lasts less than a quarter of an hour. Is that right?") % values
    elif length > LONGEST:
        yield _("%(hours)s lasts more than fourteen hours. Is that right?") % values


def _of_pause(one: WeeklySlot, other: WeeklySlot) -> Iterator[str]:
    if one.closes <= one.opens:
        return
    pause = _minutes(other.opens) - _minutes(one.closes)
    values = {"from": clock_text(one.closes), "until": clock_text(other.opens), "minutes": pause}
    if pause == 0:
        yield _("there is no pause at %(from)s: one row is enough.") % values
    elif 0 < pause < SHORTEST:
        yield _("closed for only %(minutes)d minutes, from %(from)s to %(until)s. Is that right?") % values


def _of_school_years(calendar: SchoolCalendar, today: datetime.date) -> Iterator[str]:
    now = calendar.doubt_on(today)
    if now:
        yield _("The site does not know whether it is open: %(reason)s. Add the school year.") % {
            "reason": now
        }
    elif later := calendar.doubt_on(today + SOON):
        yield _("Soon the site does not know whether it is open: %(reason)s. Add the school year.") % {
            "reason": later
        }


def _of_exceptions(
    schedule: Schedule,
    exceptions: Iterable[ScheduleException],
    calendar: SchoolCalendar,
    today: datetime.date,
) -> Iterator[str]:
    held = {item.exception.pk for item in held_of(schedule, calendar)}
    for item in exceptions:
        values = {"reason": item.reason}
        if item.pk not in held and not item.is_for_every_day:
            yield (
                _(
                    "“%(reason)s” changes nothing: it is closed on each of these days. Tick “also on closed days” if "
                    "it is open then."
                )
                % values
            )
        if item.times and item.last_day >= today:
            for text in _of_period(*item.times):
                yield f"“{item.reason}”: {text}"


def _minutes(time: datetime.time) -> int:
    return time.hour * HOUR + time.minute
