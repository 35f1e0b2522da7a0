"""Channels with their current state: open or not, until when, opening hours, exceptions and fallbacks."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString

from contact.holidays import NO_CALENDAR, SchoolCalendar
from contact.hours_sentences import sentence_of, week_of
from contact.models import Channel, Location, Schedule, ScheduleException, Topic
from contact.models.kinds import ONLINE_ONLY, ChannelKind, Urgency
from contact.opening_hours import (
    BY_APPOINTMENT,
    CLOSED,
    OPEN,
    UNKNOWN,
    DaysOff,
    Status,
    days_off_of,
    now_in_brussels,
    status_of,
)
from contact.shared import channels_with_way_out, public_channels, public_topics, school_calendar
from pzgent.kernel import clock
from pzgent.kernel.translations import is_foreign_here
from pzgent.kernel.validity import is_for_any_time, once_per_state

# Kinds that are usable at any hour by nature: without a schedule the page says nothing about their hours.
WITHOUT_HOURS = {
    ChannelKind.EMAIL,
    ChannelKind.WEB,
    ChannelKind.WEB_FORM,
    ChannelKind.POST,
    ChannelKind.APPOINTMENT,
}
# Kinds that people store in the contacts of their phone.
SAVED = {ChannelKind.PHONE, ChannelKind.SMS, ChannelKind.EMAIL}


@dataclass(frozen=True, eq=False)  # eq=False: compare by identity, so that an instance can be a cache key
class ChannelStatus:
    """Channel at one moment, restricted to the related objects that the public may see."""

    channel: Channel
    status: Status
    schedule: Schedule | None
    days_off: list[DaysOff] = field(default_factory=list)
    # School holidays used to determine the status.
    calendar: SchoolCalendar = field(default=NO_CALENDAR, repr=False)
    # Statuses at the same moment by channel key, used to find a fallback that is open.
    others: Mapping[object, ChannelStatus] = field(default_factory=dict, repr=False)

    @property
    def is_open(self) -> bool:
        """True if the channel is certain to be usable right now without an appointment."""
        return self.status.state == OPEN

    @property
    def shade(self) -> str:
        """Return the style of the sentence: the state, but unknown if it is open without a published value."""
        return self.status.state if self.is_published or self.status.state == CLOSED else UNKNOWN

    @property
    def is_published(self) -> bool:
        """True if its number or address is published, or if its kind has none."""
        return bool(self.channel.value) or self.channel.kind not in SAVED

    @property
    def has_hours(self) -> bool:
        """True if there is something to say about its hours."""
        is_told = self.status.state != UNKNOWN or bool(self.status.reason)
        return is_told or self.channel.kind not in WITHOUT_HOURS

    @cached_property
    def sentence(self) -> SafeString:
        """Return the state as an HTML sentence; a reason in another language than the page gets a `lang` attribute."""
        # The rest of the sentence is our own text and needs no escaping.
        return SafeString(sentence_of(self.status, marked))

    @cached_property
    def week(self) -> list[tuple[str, str]]:
        """Return the regular week as (day, hours) pairs; empty without hours or if it is always open."""
        return week_of(self.schedule) if self.schedule else []

    @property
    def ordinary_day(self) -> int | None:
        """Return today's weekday (0 is Monday); None if today differs from the regular week or the date is unknown."""
        if is_for_any_time():
            return None
        today = self.status.evaluated_at.date()
        special: list[DaysOff | ScheduleException] = [*self.days_off, *self.coming_exceptions]
        if any(item.first_day <= today <= item.last_day for item in special):
            return None
        return today.weekday()

    @property
    def can_be_saved(self) -> bool:
        """True if it has a number or address that can be saved in a contact list."""
        return bool(self.channel.value) and self.channel.kind in SAVED

    @property
    def has_calendar(self) -> bool:
        """True if it has weekly hours or exceptions: more than “24 hours a day” or nothing."""
        return bool(self.week) or bool(self.schedule and self.schedule.exceptions.all())

    @cached_property
    def coming_exceptions(self) -> list[ScheduleException]:
        """Return the exceptions that are not over yet."""
        today = self.status.evaluated_at.date()
        return (
            [item for item in self.schedule.exceptions.all() if item.last_day >= today]
            if self.schedule
            else []
        )

    @cached_property
    def fallback(self) -> Channel | None:
        """Return the first channel in the fallback chain not known to be closed; None while this one is open."""
        if self.is_published and (self.is_open or not self.has_hours):
            return None
        return self._first_in_reach(public_channel(self.channel.fallback))

    @cached_property
    def alternative(self) -> Channel | None:
        """Return the offline alternative, or its fallback while it is closed; None if `fallback` already names it."""
        other = self._first_in_reach(public_channel(self.channel.alternative))
        return None if other == self.fallback else other

    def _first_in_reach(self, way: Channel | None) -> Channel | None:
        """Return the first channel that is not known to be closed, from this one down its fallback chain."""
        ways: list[Channel] = []
        while way is not None and way not in (self.channel, *ways):
            ways.append(way)
            item = self.others.get(way.pk)
            if item is None or (item.is_published and item.status.state != CLOSED):
                return way
            way = public_channel(item.channel.fallback)
        return ways[0] if ways else None

    @property
    def is_online_only(self) -> bool:
        """True if it only works with an internet connection."""
        return self.channel.kind in ONLINE_ONLY

    @property
    def place(self) -> Any:
        """Return the location if the public may see it, or None."""
        location = self.channel.location
        return location if location and location.is_published else None


@dataclass(frozen=True)
class TopicStatus:
    """Topic with its channels at one moment."""

    topic: Topic
    channels: list[ChannelStatus] = field(default_factory=list)
    # True if only the channels for one audience remain.
    is_narrowed: bool = False

    @property
    def is_emergency(self) -> bool:
        """True if one of its channels is for emergencies."""
        return bool(self.emergencies)

    @property
    def shown(self) -> list[ChannelStatus]:
        """Return the channels that people can use with what the page tells; an empty one is left out."""
        return shown_of(self.channels)

    @property
    def emergencies(self) -> list[ChannelStatus]:
        """Return the channels for emergencies."""
        return [item for item in self.channels if item.channel.urgency == Urgency.EMERGENCY]

    @property
    def calmer(self) -> list[ChannelStatus]:
        """Return the channels for everything else that have a number or address."""
        others = (item for item in self.channels if item.channel.urgency != Urgency.EMERGENCY)
        return [item for item in others if item.channel.link]

    def for_audience(self, audience: str) -> TopicStatus:
        """Return the topic with only the channels for an audience, or with all of them if it has none for it."""
        channels = [item for item in self.channels if item.channel.audience == audience]
        is_part = 0 < len(channels) < len(self.channels)
        return replace(self, channels=channels, is_narrowed=True) if is_part else self

    @property
    def first(self) -> ChannelStatus | None:
        """Return the channel to show if there is room for only one: the first with information about its hours."""
        with_hours = (item for item in self.shown if item.has_hours and item.channel.value)
        return next(with_hours, self.shown[0] if self.shown else None)


def shown_of(channels: Iterable[ChannelStatus]) -> list[ChannelStatus]:
    """Return the channels without those that lack their number or address."""
    return [item for item in channels if not item.channel.is_empty]


def marked(reason: str) -> str:
    """Return the reason as HTML, in a span with its language if it is not in the language of the page."""
    if is_foreign_here(reason):
        return format_html('<span lang="nl">{}</span>', reason)
    return conditional_escape(reason)


def public_channel(channel: Channel | None, day: datetime.date | None = None) -> Channel | None:
    """Return the channel if the public may use it on a day (default: today), or None. Needs its topic."""
    if channel is None or not channel.is_shown_on(day or clock.today()):
        return None
    return channel if channel.topic.is_published else None


def public_schedule(channel: Channel) -> Schedule | None:
    """Return the channel's opening hours if they are published, or None."""
    return channel.schedule if channel.schedule and channel.schedule.is_published else None


def get_channel_statuses(channels: Iterable[Channel], at: datetime.datetime) -> list[ChannelStatus]:
    """Return the channels with their state at a moment.

    Channels that share a schedule are evaluated once.
    """
    listed = [(channel, public_schedule(channel)) for channel in channels]
    calendar = get_calendar(schedule for _channel, schedule in listed)
    judged: dict[tuple[object, ...], Status] = {}
    days_off: dict[object, list[DaysOff]] = {}
    found: dict[object, ChannelStatus] = {}
    for channel, schedule in listed:
        key = (schedule.pk if schedule else None, channel.appointment_needed, channel.valid_until)
        if key not in judged:
            judged[key] = status_of(channel, at, calendar) if schedule else _without_hours(channel, at)
        if schedule and schedule.pk not in days_off:
            days_off[schedule.pk] = days_off_of(schedule, at.date(), calendar)
        coming = days_off[schedule.pk] if schedule else []
        found[channel.pk] = ChannelStatus(channel, judged[key], schedule, coming, calendar, found)
    return list(found.values())


def get_calendar(schedules: Iterable[Schedule | None]) -> SchoolCalendar:
    """Return the school holidays if one of the schedules depends on them."""
    if any(schedule and schedule.school_days_only for schedule in schedules):
        return school_calendar()
    return NO_CALENDAR


def _without_hours(channel: Channel, at: datetime.datetime) -> Status:
    return Status(BY_APPOINTMENT if channel.appointment_needed else UNKNOWN, at)


def get_topics(at: datetime.datetime) -> list[TopicStatus]:
    """Return every published topic with its channels: emergencies first, then in the editors' order."""
    channels: dict[object, list[ChannelStatus]] = {}
    for item in get_channel_statuses(public_channels(), at):
        channels.setdefault(item.channel.topic_id, []).append(item)
    topics = [TopicStatus(topic, channels.get(topic.pk, [])) for topic in Topic.objects.published()]
    return sorted(topics, key=lambda item: not item.is_emergency)


@once_per_state
def topics_now() -> list[TopicStatus]:
    """Return the published topics with their current state; cached for all pages."""
    return get_topics(now_in_brussels())


def get_channel(topic: str, slug: str, at: datetime.datetime) -> ChannelStatus | None:
    """Return one published channel by the slugs of its topic and itself, or None."""
    found = public_topics().get(topic)
    key = found.pk if found else None
    return next(iter(_judge(lambda channel: (channel.topic_id, channel.slug) == (key, slug), at)), None)


def get_topic(slug: str, at: datetime.datetime) -> TopicStatus | None:
    """Return one published topic with its channels, or None."""
    topic = public_topics().get(slug)
    return TopicStatus(topic, _judge(lambda channel: channel.topic_id == topic.pk, at)) if topic else None


def get_channels_at(location: Location, at: datetime.datetime) -> list[ChannelStatus]:
    """Return the published channels at a place, most urgent first."""
    return _judge(lambda channel: channel.is_at(location), at)


def _judge(is_asked: Callable[[Channel], bool], at: datetime.datetime) -> list[ChannelStatus]:
    """Return the published channels that match, each with the status of its fallback at that moment."""
    ways_out = {channel.fallback_id for channel in channels_with_way_out() if is_asked(channel)}
    known = [channel for channel in public_channels() if is_asked(channel) or channel.pk in ways_out]
    return [item for item in get_channel_statuses(known, at) if is_asked(item.channel)]
