"""Data of contact that many pages need, cached for all of them; callers must not modify the return values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from contact.holidays import SchoolCalendar
from contact.models import CareArea, Channel, Guide, Location, SchoolHoliday, SchoolYear, Topic
from pzgent.kernel.reading import read_once


@read_once
def public_topics() -> Mapping[str, Topic]:
    """Return the published topics by slug, each with `unit_open`. One query."""
    return {topic.slug: topic for topic in Topic.objects.published().with_public_unit()}


@read_once
def public_guides() -> Mapping[str, Guide]:
    """Return the published guides by slug, with their steps, in the editors' order. Two queries."""
    return {guide.slug: guide for guide in Guide.objects.published().with_steps()}


@read_once
def public_locations() -> Mapping[str, Location]:
    """Return the published places by slug, as loaded by `with_public_relations`. Two queries."""
    return {place.slug: place for place in Location.objects.published().with_public_relations()}


@read_once
def public_care_areas() -> Sequence[CareArea]:
    """Return the published care areas. One query."""
    return list(CareArea.objects.published())


@read_once
def public_channels() -> Sequence[Channel]:
    """Return the published channels with the related objects needed to show and evaluate them. Three queries."""
    return list(Channel.objects.published().with_relations().with_unit_of_topic().in_order_of_urgency())


@read_once
def channels_with_way_out() -> Sequence[Channel]:
    """Return the channels with a fallback, hidden ones included, with only their slug and foreign keys."""
    return list(Channel.objects.with_way_out())


@read_once
def school_calendar() -> SchoolCalendar:
    """Return the published school holidays. One query."""
    return SchoolHoliday.objects.get_calendar()


@read_once
def public_school_years() -> Sequence[SchoolYear]:
    """Return the published school years, without their holidays. One query."""
    return list(SchoolYear.objects.published())


@read_once
def desks_at_places() -> Sequence[Channel]:
    """Return the published desks. One query."""
    return list(Channel.objects.published().desks().at_a_place())


@read_once
def first_for_appointments() -> Any:
    """Return the first channel for making an appointment, or None. One query."""
    return Channel.objects.published().for_appointments().first()


@read_once
def first_mailbox() -> Any:
    """Return the first e-mail address for everyone, or None. One query."""
    return Channel.objects.published().mailboxes().first()
