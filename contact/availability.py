"""Channels with what a visitor wants to know of them now: open or not, until when, and what else."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from django.utils import timezone
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString

from contact.holidays import NO_CALENDAR, SchoolCalendar
from contact.hours_sentences import sentence_of, week_of
from contact.models import Channel, Location, Schedule, ScheduleException, Topic
from contact.models.channels import ONLINE_ONLY, ChannelKind, Urgency
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
from pzgent.kernel.translations import is_foreign_here
from pzgent.kernel.validity import is_for_any_time, once_per_state

# Things that one can use at any hour by their nature: without a schedule nothing is said about hours.
WITHOUT_HOURS = {
    ChannelKind.EMAIL,
    ChannelKind.WEB,
    ChannelKind.WEB_FORM,
    ChannelKind.POST,
    ChannelKind.APPOINTMENT,
}
# What people keep in the list of contacts on their phone.
SAVED = {ChannelKind.PHONE, ChannelKind.SMS, ChannelKind.EMAIL}


@dataclass(frozen=True, eq=False)  # compared by identity, so that it can be the key of what is kept of it
class ChannelStatus:
    """A channel at one moment, with only those of its relations that the public may see."""

    channel: Channel
    status: Status
    schedule: Schedule | None
    days_off: list[DaysOff] = field(default_factory=list)
    # The school holidays by which it was judged.
    calendar: SchoolCalendar = field(default=NO_CALENDAR, repr=False)
    # What else was judged at that moment, by the channel's key: to name a way out that is open.
    others: Mapping[object, ChannelStatus] = field(default_factory=dict, repr=False)

    @property
    def is_open(self) -> bool:
        """Whether one can surely use it right now without an appointment."""
        return self.status.state == OPEN

    @property
    def shade(self) -> str:
        """How the sentence about it looks: as its state, but not as open when that is of no use."""
        return self.status.state if self.is_published or self.status.state == CLOSED else UNKNOWN

    @property
    def is_published(self) -> bool:
        """Whether its number or address is published, where it takes one."""
        return bool(self.channel.value) or self.channel.kind not in SAVED

    @property
    def has_hours(self) -> bool:
        """Whether there is something to say about its hours."""
        is_told = self.status.state != UNKNOWN or bool(self.status.reason)
        return is_told or self.channel.kind not in WITHOUT_HOURS

    @cached_property
    def sentence(self) -> SafeString:
        """The state in a sentence, as HTML: a reason that is not in the language of the page is marked."""
        # The sentence around it is ours and holds nothing to escape.
        return SafeString(sentence_of(self.status, _marked))

    @cached_property
    def week(self) -> list[tuple[str, str]]:
        """The regular week as (day, hours); empty without hours, and when it is always open."""
        return week_of(self.schedule) if self.schedule else []

    @property
    def ordinary_day(self) -> int | None:
        """The present day of the week, Monday is 0; None when today is not as in the regular week, or not known."""
        if is_for_any_time():
            return None
        today = self.status.evaluated_at.date()
        special: list[DaysOff | ScheduleException] = [*self.days_off, *self.coming_exceptions]
        if any(item.first_day <= today <= item.last_day for item in special):
            return None
        return today.weekday()

    @property
    def can_be_saved(self) -> bool:
        """Whether there is a number or address for somebody's list of contacts."""
        return bool(self.channel.value) and self.channel.kind in SAVED

    @property
    def has_calendar(self) -> bool:
        """Whether its hours say more than “day and night” or nothing."""
        return bool(self.week) or bool(self.schedule and self.schedule.exceptions.all())

    @cached_property
    def coming_exceptions(self) -> list[ScheduleException]:
        """The days with other hours that are not over yet."""
        today = self.status.evaluated_at.date()
        return (
            [item for item in self.schedule.exceptions.all() if item.last_day >= today]
            if self.schedule
            else []
        )

    @cached_property
    def fallback(self) -> Channel | None:
        """What to use instead: the first way out that is not closed too, as far as is known; None while it is open."""
        if self.is_published and (self.is_open or not self.has_hours):
            return None
        return self._first_in_reach(public_channel(self.channel.fallback))

    @cached_property
    def alternative(self) -> Channel | None:
        """The way for who has no internet, or when it is closed its way out, unless that was just named."""
        other = self._first_in_reach(public_channel(self.channel.alternative))
        return None if other == self.fallback else other

    def _first_in_reach(self, way: Channel | None) -> Channel | None:
        """This way, or the first of its ways out that is not closed too, as far as is known."""
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
        """Whether one needs internet for it."""
        return self.channel.kind in ONLINE_ONLY

    @property
    def place(self) -> Any:
        """The location when the public may see it, or None."""
        location = self.channel.location
        return location if location and location.is_published else None


@dataclass(frozen=True)
class TopicStatus:
    """A topic with its channels at one moment."""

    topic: Topic
    channels: list[ChannelStatus] = field(default_factory=list)
    # Whether only the channels for one audience are left.
    is_narrowed: bool = False

    @property
    def is_emergency(self) -> bool:
        """Whether it is about danger now."""
        return any(item.channel.urgency == Urgency.EMERGENCY for item in self.channels)

    def for_audience(self, audience: str) -> TopicStatus:
        """The topic with only the channels for an audience, or all when it has none for them."""
        channels = [item for item in self.channels if item.channel.audience == audience]
        is_part = 0 < len(channels) < len(self.channels)
        return replace(self, channels=channels, is_narrowed=True) if is_part else self

    @property
    def first(self) -> ChannelStatus | None:
        """The channel to show when there is room for one: the first that says something about its hours."""
        with_hours = (item for item in self.channels if item.has_hours and item.channel.value)
        return next(with_hours, self.channels[0] if self.channels else None)


def _marked(reason: str) -> str:
    """A reason as HTML, in a mark when it is in another language than the page."""
    if is_foreign_here(reason):
        return format_html('<span lang="nl">{}</span>', reason)
    return conditional_escape(reason)


def public_channel(channel: Channel | None, day: datetime.date | None = None) -> Channel | None:
    """The channel if the public may use it on a day (default: today), or None. Needs its topic."""
    if channel is None or not channel.is_shown_on(day or timezone.localdate()):
        return None
    return channel if channel.topic.is_published else None


def public_schedule(channel: Channel) -> Schedule | None:
    """The channel's opening hours if they are published, or None."""
    return channel.schedule if channel.schedule and channel.schedule.is_published else None


def get_channel_statuses(channels: Iterable[Channel], at: datetime.datetime) -> list[ChannelStatus]:
    """The channels with their state at a moment.

    Channels that keep the same hours are judged once.
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
    """The school holidays, where one of the schedules hangs on them."""
    if any(schedule and schedule.school_days_only for schedule in schedules):
        return school_calendar()
    return NO_CALENDAR


def _without_hours(channel: Channel, at: datetime.datetime) -> Status:
    return Status(BY_APPOINTMENT if channel.appointment_needed else UNKNOWN, at)


def get_topics(at: datetime.datetime) -> list[TopicStatus]:
    """Every published topic with its channels: emergencies first, then the editors' order."""
    channels: dict[object, list[ChannelStatus]] = {}
    for item in get_channel_statuses(public_channels(), at):
        channels.setdefault(item.channel.topic_id, []).append(item)
    topics = [TopicStatus(topic, channels.get(topic.pk, [])) for topic in Topic.objects.published()]
    return sorted(topics, key=lambda item: not item.is_emergency)


@once_per_state
def topics_now() -> list[TopicStatus]:
    """The published topics as they are now; worked out once for all pages."""
    return get_topics(now_in_brussels())


def get_channel(topic: str, slug: str, at: datetime.datetime) -> ChannelStatus | None:
    """One published channel by its topic and its own name, or None."""
    found = public_topics().get(topic)
    key = found.pk if found else None
    return next(iter(_judge(lambda channel: (channel.topic_id, channel.slug) == (key, slug), at)), None)


def get_topic(slug: str, at: datetime.datetime) -> TopicStatus | None:
    """One published topic with its channels, or None."""
    topic = public_topics().get(slug)
    return TopicStatus(topic, _judge(lambda channel: channel.topic_id == topic.pk, at)) if topic else None


def get_channels_at(location: Location, at: datetime.datetime) -> list[ChannelStatus]:
    """The published channels at a place, the most urgent first."""
    return _judge(lambda channel: channel.is_at(location), at)


def _judge(is_asked: Callable[[Channel], bool], at: datetime.datetime) -> list[ChannelStatus]:
    """The published channels that are asked for, each knowing how what it names as its way out is at that moment."""
    ways_out = {channel.fallback_id for channel in channels_with_way_out() if is_asked(channel)}
    known = [channel for channel in public_channels() if is_asked(channel) or channel.pk in ways_out]
    return [item for item in get_channel_statuses(known, at) if is_asked(item.channel)]
