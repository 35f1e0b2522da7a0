"""Facts about contact that rest on documents."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlencode

from contact.models import CareArea, Channel, Guide, Location, Schedule, SchoolYear, Topic
from contact.shared import (
    public_care_areas,
    public_channels,
    public_guides,
    public_locations,
    public_school_years,
    public_topics,
)
from pzgent.kernel.citations import CitingRows
from pzgent.kernel.paths import path_of


def _channels() -> list[Channel]:
    """Return the channels that their topics show."""
    return [channel for channel in public_channels() if not channel.is_empty]


def _schedules() -> Iterable[Any]:
    """Return the published opening hours that these channels have."""
    found: dict[Any, Any] = {channel.schedule_id: channel.schedule for channel in _channels()}
    return [schedule for schedule in found.values() if schedule and schedule.is_published]


def _first_with(fits: Callable[[Any], bool]) -> str:
    """Return the path of the first channel whose opening hours fit; "" if there is none."""
    channels = (channel for channel in _channels() if channel.schedule and fits(channel.schedule))
    return next((channel.get_absolute_url() for channel in channels), "")


def _address_of_area(area: CareArea) -> str:
    """Return the path of the answer to which place serves the area."""
    return f"{path_of('stations')}?{urlencode({'postcode': area.postal_code or area.name})}"


CITATIONS = (
    CitingRows(
        model=Topic,
        rows=lambda document: public_topics().values(),
        title=lambda topic: topic.translated.title,
    ),
    CitingRows(
        model=Guide,
        rows=lambda document: public_guides().values(),
        title=lambda guide: guide.translated.title,
    ),
    CitingRows(
        model=Channel, rows=lambda document: _channels(), title=lambda channel: channel.translated.label
    ),
    CitingRows(
        model=Location,
        rows=lambda document: public_locations().values(),
        title=lambda location: location.translated.name,
    ),
    CitingRows(
        model=CareArea,
        rows=lambda document: public_care_areas(),
        title=lambda area: area.full_name,
        address=_address_of_area,
    ),
    CitingRows(
        model=Schedule,
        rows=lambda document: _schedules(),
        title=lambda schedule: schedule.translated.title,
        address=lambda schedule: _first_with(lambda own: own.pk == schedule.pk),
    ),
    CitingRows(
        model=SchoolYear,
        rows=lambda document: public_school_years(),
        address=lambda year: _first_with(lambda own: own.school_days_only),
    ),
)
