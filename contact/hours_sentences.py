"""Opening hours as text: a sentence about one moment, and the regular week."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import TYPE_CHECKING

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from contact.models.kinds import NUMBERS, ChannelKind
from contact.opening_hours import BY_APPOINTMENT, CLOSED, MIDNIGHT, OPEN, UNKNOWN, Status

if TYPE_CHECKING:
    from contact.models import Schedule

_OPEN_UNTIL = {
    OPEN: gettext_lazy("Open now until %(moment)s."),
    BY_APPOINTMENT: gettext_lazy("Open now until %(moment)s, by appointment only."),
}
_CALLED = {
    "always": gettext_lazy("Reachable day and night."),
    "until": gettext_lazy("Reachable until %(moment)s."),
    "again": gettext_lazy("Call from %(moment)s."),
}
_ANSWERED = {
    "always": gettext_lazy("We answer day and night."),
    "until": gettext_lazy("We answer until %(moment)s."),
    "again": gettext_lazy("We answer again %(moment)s."),
}


def week_of(schedule: Schedule) -> list[tuple[str, str]]:
    """Return the regular week as (day, hours) texts, Monday first; a day without hours is closed."""
    from contact.models.hours import Weekday

    hours: dict[int, list[str]] = {}
    for slot in sorted(schedule.slots.all(), key=lambda slot: (slot.weekday, slot.opens)):
        hours.setdefault(slot.weekday, []).append(hours_text(slot.opens, slot.closes))
    if schedule.always_open or not hours:
        return []
    return [(str(Weekday(day).label), ", ".join(hours.get(day, [])) or _("closed")) for day in range(7)]


def hours_in_words(schedule: Schedule) -> str:
    """Return the regular hours on one line, grouping days with the same hours; empty if they are not known."""
    if schedule.always_open:
        return _("day and night")
    runs: list[tuple[str, str, str]] = []
    for day, hours in week_of(schedule):
        if runs and runs[-1][2] == hours:
            runs[-1] = (runs[-1][0], day, hours)
        else:
            runs.append((day, day, hours))
    parts = [f"{_days(first, last)} {hours}" for first, last, hours in runs if hours != _("closed")]
    if not parts:
        return ""
    if schedule.school_days_only:
        parts.append(_("only on school days"))
    elif schedule.closed_on_public_holidays:
        parts.append(_("not on public holidays"))
    return "; ".join(parts)


def _days(first: str, last: str) -> str:
    """Name one day, or the first and last day of a range."""
    return first if first == last else _("%(first)s to %(last)s") % {"first": first, "last": last}


def hours_text(opens: datetime.time | None, closes: datetime.time | None) -> str:
    """Return the hours of one period, `8.30 – 16.30`, or that it is closed; midnight as closing time is 24.00."""
    if opens is None or closes is None:
        return _("closed")
    return f"{clock_text(opens)} – {_time('24', '00') if closes == MIDNIGHT else clock_text(closes)}"


def sentence_of(status: Status, show: Callable[[str], str] = str) -> str:
    """Return the status as a sentence in the active language.

    `show` formats the reason, which may be in another language.
    """
    if status.state == UNKNOWN and status.reason:
        return _("We do not know whether it is open now: %(reason)s.") % {"reason": show(status.reason)}
    if status.state == UNKNOWN:
        return _("The opening hours are not in our source.")
    if status.state == CLOSED:
        return _closed_sentence(status, show)
    if status.state == BY_APPOINTMENT and status.until is None:
        return _("By appointment only.")
    if status.until is None:
        return _("Open day and night.")
    moment = _moment(status.until, status.evaluated_at)
    text = str(_OPEN_UNTIL[status.state]) % {"moment": moment}
    if status.reason:
        return f"{text.removesuffix('.')} ({show(status.reason)})."
    return text


def action_sentence(status: Status, kind: ChannelKind, show: Callable[[str], str] = str) -> str:
    """Return the status as a sentence beside the button of a channel, in words that fit its kind.

    Empty where the kind is usable at any hour by nature, or where nothing is known.
    """
    words = _ANSWERED if kind == ChannelKind.SOCIAL else _CALLED
    if kind not in (*NUMBERS, ChannelKind.APP, ChannelKind.SOCIAL) or status.state == BY_APPOINTMENT:
        return sentence_of(status, show) if status.state != UNKNOWN else ""
    if status.state == UNKNOWN:
        return sentence_of(status, show) if status.reason else ""
    if status.state == OPEN:
        until = status.until
        return (
            words["until"] % {"moment": _moment(until, status.evaluated_at)}
            if until
            else str(words["always"])
        )
    told = (
        _("Closed now: %(reason)s.") % {"reason": show(status.reason)} if status.reason else _("Closed now.")
    )
    if status.next_opening is None:
        return told
    moment = _moment(status.next_opening, status.evaluated_at, opening=True)
    return f"{told} {words['again'] % {'moment': moment}}"


def _closed_sentence(status: Status, show: Callable[[str], str]) -> str:
    text = _("Closed now.")
    if status.reason:
        text = _("Closed now: %(reason)s.") % {"reason": show(status.reason)}
    if status.next_opening is None:
        return text
    opening = _moment(status.next_opening, status.evaluated_at, opening=True)
    opens = _("Opens %(moment)s.") % {"moment": opening}
    return f"{text} {opens}"


def _moment(moment: datetime.datetime, now: datetime.datetime, opening: bool = False) -> str:
    """Return a moment in its shortest natural form: a time today, midnight, tomorrow, a weekday, or a date."""
    days = (moment.date() - now.date()).days
    clock = clock_text(moment.time())
    if days == 0 and not opening:
        return pgettext("until", "%(time)s") % {"time": clock}
    if days == 0:
        return _("today at %(time)s") % {"time": clock}
    if days == 1 and moment.time() == MIDNIGHT and not opening:
        return _("midnight")
    if days == 1:
        return _("tomorrow at %(time)s") % {"time": clock}
    day = date_format(moment, "l") if days < 7 else date_format(moment)
    return _("%(day)s at %(time)s") % {"day": day, "time": clock}


def clock_text(time: datetime.time) -> str:
    """Return a time in the convention of the language, in Dutch `8.30`, in French `8 h 30`."""
    return _time(f"{time.hour}", f"{time:%M}")


def _time(hour: str, minutes: str) -> str:
    """Format a time in the convention of the language, in Dutch `16.30`."""
    return _("%(hour)s.%(minutes)s") % {"hour": hour, "minutes": minutes}
