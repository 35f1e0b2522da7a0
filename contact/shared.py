"""What many pages show of contact, read once for all of them; nobody may change what these functions return."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from contact.holidays import SchoolCalendar
from contact.models import Channel, Location, SchoolHoliday, Topic
from pzgent.kernel.reading import read_once


@read_once
def public_topics() -> Mapping[str, Topic]:
    """The topics that the public sees by their slugs, each with `unit_open`. One query."""
    return {topic.slug: topic for topic in Topic.objects.published().with_public_unit()}


@read_once
def public_locations() -> Mapping[str, Location]:
    """The places that the public sees by their slugs, as `with_public_relations` gives them. Two queries."""
    return {place.slug: place for place in Location.objects.published().with_public_relations()}


@read_once
def public_channels() -> Sequence[Channel]:
    """The channels that the public sees with all that showing and judging them takes. Three queries."""
    return list(Channel.objects.published().with_relations().with_unit_of_topic().in_order_of_urgency())


@read_once
def channels_with_way_out() -> Sequence[Channel]:
    """The channels, hidden ones too, that name another to use when they are closed: where they are, and that one."""
    return list(Channel.objects.with_way_out())


@read_once
def school_calendar() -> SchoolCalendar:
    """The school holidays that the public sees. One query."""
    return SchoolHoliday.objects.get_calendar()


@read_once
def desks_at_places() -> Sequence[Channel]:
    """The desks where people come. One query."""
    return list(Channel.objects.published().desks().at_a_place())


@read_once
def first_for_appointments() -> Any:
    """Where people make an appointment, or None. One query."""
    return Channel.objects.published().for_appointments().first()


@read_once
def first_mailbox() -> Any:
    """The first e-mail address for everybody, or None. One query."""
    return Channel.objects.published().mailboxes().first()
