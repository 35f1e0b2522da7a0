"""Template tags that show data of contact on other pages."""

import datetime
import re
from itertools import islice
from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from contact.availability import SAVED, get_channel_statuses, public_schedule
from contact.hours_sentences import clock_text
from contact.models import Channel, Location
from contact.models.places import WITHOUT_DESK
from contact.shared import desks_at_places, first_for_appointments, first_mailbox, public_channels
from contact.urgent_sheet import PARTS
from organisation.models import Unit
from pzgent.kernel import clock

register = template.Library()


@register.filter
def breakable(address: str) -> SafeString:
    """Return an address as HTML that may break before “@” and after a slash or a dot."""
    parts = re.split(r"(?=@)|(?<=[/.])(?=\w)", address) if not address[:1].isdecimal() else [address]
    return format_html_join(SafeString("<wbr>"), "{}", ((part,) for part in parts))


@register.filter
def clock_time(moment: datetime.datetime) -> str:
    """Return the time of a moment in the convention of the language, in Dutch `8.30`, in French `8 h 30`."""
    return clock_text(timezone.localtime(moment).time())


@register.inclusion_tag("contact/_appointment.html")
def appointment(location: Location | None = None) -> dict[str, Any]:
    """Return how to make an appointment, and whether each desk of this place requires one.

    A police station without a desk of its own follows the desks of all stations; for smaller places nothing is
    known then.
    """
    desks = desks_at_places()
    own = [desk for desk in desks if location and desk.is_at(location)]
    is_unknown = location is not None and not own and location.kind in WITHOUT_DESK
    listed = [] if is_unknown else own or desks
    return {
        "location": location,
        "is_unknown": is_unknown,
        "must": bool(listed) and all(desk.appointment_needed for desk in listed),
        "appointment": first_for_appointments(),
    }


@register.simple_tag
def mailbox() -> Channel | None:
    """Return the first e-mail address for everyone, or None."""
    return first_mailbox()


@register.inclusion_tag("contact/_sheet_languages.html")
def sheet_languages(address: str = "") -> dict[str, Any]:
    """Return the languages of the urgent sheet, as links to its parts at this address (default: this page)."""
    return {"parts": PARTS, "address": address}


@register.inclusion_tag("contact/_unit_channels.html")
def unit_channels(unit: Unit, above: list[str]) -> dict[str, Any]:
    """Return the channels of a unit, each with whether it is open now.

    Without any: the first phone number of the nearest unit `above` it with channels (slugs, nearest first), or all
    channels of that unit if it has no phone.
    """
    found: dict[str, list[Channel]] = {}
    for channel in public_channels():
        owner = channel.unit or channel.topic.unit
        if owner and not channel.is_empty:
            found.setdefault(owner.slug, []).append(channel)
    channels = next((found[slug] for slug in [unit.slug, *above] if slug in found), [])
    owner = (channels[0].unit or channels[0].topic.unit) if channels else None
    is_own = owner is None or owner == unit
    if not is_own:
        calls = (channel for channel in channels if channel.is_for_a_call)
        channels = list(islice(calls, 1)) or channels
    judged = {item.channel: item for item in get_channel_statuses(channels, clock.now()) if item.has_hours}
    return {
        "unit": unit,
        "has_call": any(channel.is_for_a_call for channel in channels),
        "can_be_saved": is_own and any(channel.value and channel.kind in SAVED for channel in channels),
        "channels": [(channel, public_schedule(channel), judged.get(channel)) for channel in channels],
        "via": None if is_own else owner,
    }
