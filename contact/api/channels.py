"""Topics and channels in the API, with what is open at any moment."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import OuterRef, QuerySet, TextChoices
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from contact.api.linked import channel_node
from contact.availability import public_schedule, usable
from contact.hours_expression import DAY_CODES, expression_of
from contact.hours_sentences import sentence_of
from contact.models import Channel, ScheduleException, SchoolHoliday, Topic, WeeklySlot
from contact.models.channels import Audience, ChannelKind, Urgency
from contact.opening_hours import (
    BRUSSELS,
    HORIZON,
    Interval,
    Status,
    intervals_of,
    status_of,
)
from contact.querysets import ChannelQuerySet
from organisation.api.units import UnitCollection
from organisation.models import Unit
from pzgent.rest import NotFound
from pzgent.rest.answering import Asked
from pzgent.rest.embedding import Embeds
from pzgent.rest.fields import (
    CodeField,
    HrefField,
    KnownSerializer,
    LabelField,
    ReferenceField,
    SourcedSerializer,
    WordsField,
    show_all,
)
from pzgent.rest.parameters import BadRequest, Code, Day, Moment, Reference, issue
from pzgent.rest.parts import Part, attach, row_of, with_parts
from pzgent.rest.resources import Collection, Item

TAG = "Contact"
LONGEST = 366
AT = Moment(
    name="at", description="The status at this moment; now when absent. Brussels time without an offset."
)


class ChannelState(TextChoices):
    """Whether a channel can be used at a moment."""

    OPEN = "open", gettext_lazy("open")
    BY_APPOINTMENT = "by_appointment", gettext_lazy("by appointment")
    CLOSED = "closed", gettext_lazy("closed")
    UNKNOWN = "unknown", gettext_lazy("opening hours not published")


def day_of(context: Mapping[str, Any]) -> datetime.date:
    """The day that an answer is about; today when no moment was asked for."""
    at = context.get("at") or timezone.now()
    return at.astimezone(BRUSSELS).date()


class ChannelBriefSerializer(KnownSerializer):
    """A channel as other objects name it."""

    id = serializers.UUIDField()
    slug = serializers.CharField()
    kind = CodeField(ChannelKind)
    label = WordsField("label")  # type: ignore[assignment]  # a field named like an attribute of fields
    value = serializers.CharField(required=False)
    display = serializers.CharField(required=False)
    link = serializers.CharField(required=False)
    urgency = CodeField(Urgency)
    href = HrefField("channels", key="id")

    def to_representation(self, instance: Channel) -> dict[str, Any]:
        """The channel, or nothing when the public may not use it."""
        return super().to_representation(instance) if usable(instance, day_of(self.context)) else {}


_brief = row_of(Channel, topic=Topic(status="published"))
BRIEF = {name: name for name in ("id", "slug", "kind", "label", "value", "urgency", "status", "translations")}


OF_UNIT = Part(lambda: Channel.objects.published().of_place(), BRIEF, _brief)
AT_LOCATION = Part(lambda: Channel.objects.published().of_location(), BRIEF, _brief)


class FallbackSerializer(KnownSerializer):
    """What to use instead when a channel is closed."""

    label = WordsField("label")  # type: ignore[assignment]  # a field named like an attribute of fields
    value = serializers.CharField(source="display", required=False)
    href = HrefField("channels", key="id")


class StatusSerializer(KnownSerializer):
    """Whether a channel is open at a moment, until when, and what to do otherwise."""

    state = CodeField(ChannelState)
    until = serializers.DateTimeField(required=False)
    nextOpening = serializers.DateTimeField(source="next_opening", required=False)
    reason = serializers.CharField(required=False)
    fallback = FallbackSerializer(required=False)
    sentence = serializers.CharField(help_text="The status in words.")
    evaluatedAt = serializers.DateTimeField(source="evaluated_at")

    def to_representation(self, instance: Channel) -> dict[str, Any]:
        """The status of a channel at the moment asked for."""
        instance.schedule = public_schedule(instance)
        status = status_of(instance, self.context["at"], self.context["holidays"])
        fallback = usable(instance.fallback, day_of(self.context))
        return super().to_representation(_told(status, fallback))


def _told(status: Status, fallback: Channel | None) -> dict[str, Any]:
    """A status with its sentence, and what to use instead unless the channel is open."""
    told = {"state": status.state, "until": status.until, "next_opening": status.next_opening}
    told |= {"reason": status.reason, "sentence": sentence_of(status), "evaluated_at": status.evaluated_at}
    return told if status.state == ChannelState.OPEN else {**told, "fallback": fallback}


class SlotSerializer(KnownSerializer):
    """Hours on one day of the week; an end before the start is on the next day."""

    day = serializers.SerializerMethodField(help_text="Mo, Tu, We, Th, Fr, Sa or Su.")
    opens = serializers.TimeField(format="%H:%M")
    closes = serializers.TimeField(format="%H:%M", help_text="00:00 is the end of the day.")

    def get_day(self, slot: WeeklySlot) -> str:
        """The day as OpenStreetMap writes it."""
        return DAY_CODES[slot.weekday]


class ExceptionSerializer(KnownSerializer):
    """Days with other hours; without times they are closed."""

    firstDay = serializers.DateField(source="first_day")
    lastDay = serializers.DateField(source="last_day")
    opens = serializers.TimeField(format="%H:%M", required=False)
    closes = serializers.TimeField(format="%H:%M", required=False)
    reason = WordsField("reason")


class HoursSerializer(KnownSerializer):
    """Opening hours part by part; `openingHours` says the same in one expression, with the school holidays."""

    roundTheClock = serializers.BooleanField(source="always_open")
    closedOnPublicHolidays = serializers.BooleanField(source="closed_on_public_holidays")
    schoolDaysOnly = serializers.BooleanField(source="school_days_only")
    slots = SlotSerializer(source="slots.all", many=True, required=False)
    exceptions = ExceptionSerializer(source="exceptions.all", many=True, required=False)


class PlaceField(ReferenceField):
    """The location, when the public may see it on the day that the answer is about."""

    def get_attribute(self, instance: Channel) -> Any:
        """The location, or None."""
        place = super().get_attribute(instance)
        return place if place and place.is_shown_on(day_of(self.context)) else None


class ChannelSerializer(SourcedSerializer):
    """One way to reach the police about a topic."""

    href = HrefField("channels", key="id")
    topic = ReferenceField("topics", label="words.title", required=True)
    kind = CodeField(ChannelKind)
    kindLabel = LabelField(ChannelKind, source="kind")
    label = WordsField("label")  # type: ignore[assignment]  # a field named like an attribute of fields
    value = serializers.CharField(
        required=False, help_text="As stored: phone numbers as E.164 or short number."
    )
    display = serializers.CharField(required=False, help_text="As Belgians write it.")
    link = serializers.CharField(required=False, help_text="What a tap opens, for example tel:101.")
    urgency = CodeField(Urgency)
    audience = CodeField(Audience)
    languages = serializers.ListField(child=serializers.CharField(), required=False)
    unit = ReferenceField("units", shown_if="unit_shown")
    location = PlaceField("locations", label="words.name")
    validFrom = serializers.DateField(
        source="valid_from",
        required=False,
        help_text="The first day on which it can be used; absent when always.",
    )
    validUntil = serializers.DateField(
        source="valid_until", required=False, help_text="The last day on which it can be used."
    )
    appointmentNeeded = serializers.BooleanField(source="appointment_needed")
    openingHours = serializers.SerializerMethodField(
        required=False, help_text="OpenStreetMap opening_hours expression; absent when not published."
    )
    hours = serializers.SerializerMethodField(required=False, help_text="Absent when not published.")
    hoursPrinted = serializers.SerializerMethodField(
        required=False, help_text="Word for word as in the source, or translated from it."
    )
    hoursNote = WordsField("hours_note", required=False)
    note = WordsField("note", required=False)
    status = StatusSerializer(source="*")
    alternative = ChannelBriefSerializer(required=False, help_text="The way without internet.")
    fallback = ChannelBriefSerializer(required=False, help_text="What to use when this is closed.")

    def get_openingHours(self, channel: Channel) -> str:
        """The hours as an expression, empty when they are not known."""
        schedule = public_schedule(channel)
        return expression_of(schedule) if schedule else ""

    @extend_schema_field(HoursSerializer)
    def get_hours(self, channel: Channel) -> dict[str, Any] | None:
        """The hours part by part."""
        schedule = public_schedule(channel)
        return show_all(HoursSerializer, [schedule], self.context)[0] if schedule else None

    def get_hoursPrinted(self, channel: Channel) -> str:
        """The hours as the source prints them."""
        schedule = public_schedule(channel)
        return schedule.words.printed if schedule else ""


HOURS = {
    "slots": Part(
        lambda: WeeklySlot.objects.filter(schedule=OuterRef("schedule")),
        {name: name for name in ("id", "weekday", "opens", "closes")},
        row_of(WeeklySlot),
    ),
    "exceptions": Part(
        lambda: ScheduleException.objects.filter(schedule=OuterRef("schedule")),
        {name: name for name in ("id", "first_day", "last_day", "opens", "closes", "reason")},
        row_of(ScheduleException),
    ),
}


def with_hours(channels: ChannelQuerySet) -> Any:
    """The channels with all that judging their hours takes, in one query."""
    return with_parts(channels.with_public_relations(), HOURS)


def moment_context(rows: list[Any], asked: Asked) -> dict[str, Any]:
    """The moment asked for, and the school holidays that matter to what is open then; one query.

    Without a moment it is the present minute, so that an answer stays the same for that long.
    """
    for row in rows:
        if row.schedule is not None:
            row.schedule.slots_rows, row.schedule.exceptions_rows = row.slots_rows, row.exceptions_rows
            attach(row.schedule, HOURS)
    at = asked.get("at") or timezone.now().replace(second=0, microsecond=0)
    day = at.astimezone(BRUSSELS).date()
    return {"at": at, "holidays": list(SchoolHoliday.objects.overlapping(day, day + HORIZON))}


def _locations() -> type[Collection]:
    from contact.api.places import LocationCollection

    return LocationCollection


CHANNEL_EMBEDS: Embeds = {
    "topic": lambda: TopicCollection,
    "unit": lambda: UnitCollection,
    "location": _locations,
    "alternative": lambda: ChannelCollection,
    "fallback": lambda: ChannelCollection,
}
TOPIC_EMBEDS: Embeds = {"unit": lambda: UnitCollection, "channels": lambda: ChannelCollection}


class ChannelCollection(Collection):
    """Ways to reach the police, the most urgent first, each with what is open at a moment."""

    summary = "Channels"
    tag = TAG
    by_the_minute = True
    serializer = ChannelSerializer
    linked_node = staticmethod(channel_node)
    key_field = "pk"
    momentary = ("status",)
    embeds = CHANNEL_EMBEDS
    search_fields = ("label", "value", "note", "topic__title", "topic__synonyms")
    orders = {"label": "label", "kind": "kind", "topic": "topic__title"}
    parameters = (
        Reference(
            name="topic",
            lookup="topic__slug__in",
            description="Slug of the topic.",
            known=lambda: Topic.objects.published(),
        ),
        Code(name="kind", choices=ChannelKind, lookup="kind__in", description="By what means."),
        Code(name="urgency", choices=Urgency, lookup="urgency__in", description="How urgent the matter is."),
        Code(name="audience", choices=Audience, lookup="audience__in", description="For whom."),
        Reference(
            name="unit",
            lookup="unit__slug__in",
            description="Slug of the unit.",
            known=lambda: Unit.objects.in_public_structure(),
        ),
        AT,
    )

    def rows(self, asked: Asked) -> QuerySet:
        """The published channels that hold on the day of the moment."""
        return Channel.objects.published(on=day_of(asked.values)).in_order_of_urgency()

    def prepared(self, rows: Any, asked: Asked) -> Any:
        """The channels with what they name and their hours."""
        return with_hours(rows)

    def for_moment(self, keys: Iterable[Any]) -> QuerySet:
        """The channels with their hours, and what to use when they are closed."""
        return with_parts(Channel.objects.with_ids(keys).with_way_out(), HOURS)

    def context_for(self, rows: list[Any], asked: Asked) -> dict[str, Any]:
        """The moment and the school holidays."""
        return moment_context(rows, asked)


class ChannelItem(Item):
    """One channel with what is open at a moment."""

    summary = "One channel"
    tag = TAG
    by_the_minute = True
    key = "id"
    serializer = ChannelSerializer
    linked_node = staticmethod(channel_node)
    embeds = CHANNEL_EMBEDS
    parameters = (AT,)

    def rows(self, asked: Asked) -> QuerySet:
        """The published channels that hold on the day of the moment."""
        return with_hours(Channel.objects.published(on=day_of(asked.values)))

    def retired(self, asked: Asked, key: str) -> Channel | None:
        """A channel that was withdrawn, or of which the last day has passed."""
        return super().retired(asked, key) or Channel.objects.ended().with_id(key).first()

    def context_for(self, rows: list[Any], asked: Asked) -> dict[str, Any]:
        """The moment and the school holidays."""
        return moment_context(rows, asked)


class IntervalSerializer(serializers.Serializer):
    """A stretch of time in one state; the end is not included."""

    start = serializers.DateTimeField()
    end = serializers.DateTimeField()
    state = CodeField(ChannelState)
    reason = serializers.CharField(required=False)


class OpeningHoursCollection(Collection):
    """When a channel is open between two days, both included; no items when its hours are not published.

    A channel that starts or stops in between has no intervals on its other days.
    """

    summary = "When a channel is open"
    tag = TAG
    serializer = IntervalSerializer
    parameters = (
        Day(name="from", near=True, description="First day; today when absent."),
        Day(name="to", near=True, description="Last day, at most 366 days in all; a week when absent."),
    )

    def answer(self, asked: Asked, **keys: str) -> dict[str, Any]:
        """The intervals in pages. Raises NotFound."""
        channels = Channel.objects.published_between(*_span(asked))
        channel = channels.with_relations().with_id(keys["id"]).first()
        if channel is None:
            raise NotFound("id", str(keys["id"]), _("Nothing has this address."))
        self.channel = channel
        return super().answer(asked, **keys)

    def rows(self, asked: Asked) -> list[Interval]:
        """The intervals of the channel's schedule."""
        days = self.channel.part_between(*_span(asked))
        schedule = public_schedule(self.channel)
        if schedule is None or days is None:
            return []
        return intervals_of(schedule, *days, SchoolHoliday.objects.overlapping(*days))

    def show(self, rows: Any, asked: Asked, **context: Any) -> list[dict[str, Any]]:
        """The intervals; a reason only where there is one."""
        parts = [
            {"start": row.start, "end": row.end, "state": row.state, "reason": row.reason} for row in rows
        ]
        return super().show([{name: value for name, value in part.items() if value} for part in parts], asked)


def _span(asked: Asked) -> tuple[datetime.date, datetime.date]:
    """The first and the last day asked for. Raises BadRequest when they are in the wrong order or too far apart."""
    first = asked.get("from") or timezone.localdate()
    last = asked.get("to") or first + datetime.timedelta(days=6)
    if last < first:
        raise BadRequest([issue("to", last.isoformat(), _("The last day must not be before the first."))])
    if (last - first).days >= LONGEST:
        raise BadRequest(
            [issue("to", last.isoformat(), _("Ask for at most %(days)s days.") % {"days": LONGEST})]
        )
    return first, last


class TopicSerializer(SourcedSerializer):
    """Something that people come to the police for."""

    href = HrefField("topics")
    title = WordsField("title")
    need = WordsField("need", required=False, help_text="As a visitor would say it.")
    otherNeeds = serializers.ListField(
        child=serializers.CharField(),
        source="other_need_list",
        required=False,
        help_text="Other things visitors come for with this, in their words.",
    )
    audience = CodeField(Audience)
    audienceLabel = LabelField(Audience, source="audience")
    intro = WordsField("intro", required=False)
    synonyms = serializers.ListField(child=serializers.CharField(), source="synonym_list", required=False)
    sensitive = serializers.BooleanField()
    unit = ReferenceField("units", shown_if="unit_shown")
    channels = ChannelBriefSerializer(many=True, required=False)


class TopicCollection(Collection):
    """What people come for, each with the channels that serve it."""

    summary = "Topics"
    tag = TAG
    serializer = TopicSerializer
    embeds = TOPIC_EMBEDS
    search_fields = ("title", "need", "other_needs", "intro", "synonyms")
    orders = {"title": "title"}
    parameters = (Code(name="audience", choices=Audience, lookup="audience__in", description="For whom."),)

    def rows(self, asked: Asked) -> QuerySet:
        """The published topics."""
        return Topic.objects.published().with_public_channels()


class TopicItem(Item):
    """One topic with its channels, the most urgent first."""

    summary = "One topic"
    tag = TAG
    serializer = TopicSerializer
    embeds = TOPIC_EMBEDS

    def rows(self, asked: Asked) -> QuerySet:
        """The published topics."""
        return Topic.objects.published().with_public_channels()
