"""Channels in the API, with their status at any moment."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from contact.api import TAG
from contact.api.dated import FirstDayField, LastDayField
from contact.api.hours import AT, HoursSerializer, StatusSerializer, day_of, moment_context, with_hours
from contact.api.linked import channel_node
from contact.availability import public_channel, public_schedule
from contact.holidays import NO_CALENDAR
from contact.hours_expression import expression_of
from contact.models import (
    Channel,
    Location,
    Schedule,
    ScheduleException,
    SchoolHoliday,
    SchoolYear,
    Topic,
    WeeklySlot,
)
from contact.models.kinds import Audience, ChannelKind, Urgency
from contact.querysets import number_contains
from organisation.api.units import WITHIN, UnitCollection, unit_reference
from organisation.models import Document, Organogram, Unit
from pzgent.kernel.rest.answering import ApiQuery
from pzgent.kernel.rest.embedding import Embeds
from pzgent.kernel.rest.fields import (
    CodeField,
    HrefField,
    LabelField,
    OmitEmptySerializer,
    ReferenceField,
    SourcedSerializer,
    TranslatedField,
    show_all,
)
from pzgent.kernel.rest.parameters import Code, PostalCode, Reference
from pzgent.kernel.rest.parts import NestedRows, row_of, with_parts
from pzgent.kernel.rest.resources import Collection
from pzgent.kernel.rest.tables import LongTable, Shown, columns_of


class ChannelBriefSerializer(OmitEmptySerializer):
    """A channel, as other objects represent it."""

    id = serializers.UUIDField()
    slug = serializers.CharField()
    kind = CodeField(ChannelKind)
    label = TranslatedField("label")  # type: ignore[assignment]  # a field named like an attribute of fields
    value = serializers.CharField(required=False)
    display = serializers.CharField(required=False)
    link = serializers.CharField(required=False)
    urgency = CodeField(Urgency)
    href = HrefField("channels", key="id")

    def to_representation(self, instance: Channel) -> dict[str, Any]:
        """Return the channel, or None if it is not public."""
        return super().to_representation(instance) if public_channel(instance, day_of(self.context)) else {}


_brief = row_of(Channel, topic=Topic(status="published"))
BRIEF = {name: name for name in ("id", "slug", "kind", "label", "value", "urgency", "status", "translations")}


OF_UNIT = NestedRows(lambda: Channel.objects.published().of_place(), BRIEF, _brief)
AT_LOCATION = NestedRows(lambda: Channel.objects.published().of_location(), BRIEF, _brief)


def _workplaces(on: datetime.date) -> dict[str, NestedRows]:
    """Subquery of the places where the unit of a channel works on a day; two places suffice to detect more than one."""
    columns = {name: name for name in ("id", "slug", "name", "translations")}
    places = NestedRows(
        lambda: Location.objects.published(on=on).of_outer_unit()[:2], columns, row_of(Location)
    )
    return {"workplaces": places}


def shown_channels(channels: Any, on: datetime.date) -> QuerySet:
    """Return the channels with their references, their hours, and their locations on a day."""
    return with_parts(with_hours(channels), _workplaces(on))


class OwnPlaceField(ReferenceField):
    """Location of the channel itself, if it is public on the day of the answer."""

    def get_attribute(self, instance: Any) -> Any:
        """Return the location, or None."""
        place = super().get_attribute(instance) if instance.location_id else None
        return place if place and place.is_shown_on(day_of(self.context)) else None


class PlaceField(OwnPlaceField):
    """Location of the channel; for a desk without one, the location of its unit if that has exactly one."""

    def get_attribute(self, instance: Any) -> Any:
        """Return the location, or None."""
        if instance.location_id or instance.kind != ChannelKind.DESK or not instance.workplaces_rows:
            return super().get_attribute(instance)
        places = _workplaces(day_of(self.context))["workplaces"].read(instance.workplaces_rows)
        return places[0] if len(places) == 1 else None


class ChannelSerializer(SourcedSerializer):
    """A way to reach the police about a topic."""

    href = HrefField("channels", key="id")
    topic = ReferenceField("topics", label="translated.title", required=True)
    kind = CodeField(ChannelKind)
    kindLabel = LabelField(ChannelKind, source="kind")
    label = TranslatedField("label")  # type: ignore[assignment]  # a field named like an attribute of fields
    value = serializers.CharField(
        required=False, help_text="As stored: phone numbers as E.164 or short number."
    )
    display = serializers.CharField(required=False, help_text="As Belgians write it.")
    link = serializers.CharField(required=False, help_text="What a tap opens, for example tel:101.")
    urgency = CodeField(Urgency)
    audience = CodeField(Audience)
    languages = serializers.ListField(child=serializers.CharField(), required=False)
    unit = ReferenceField("units", shown_if="unit_shown")
    location = PlaceField("locations", label="translated.name")
    validFrom = FirstDayField()
    validUntil = LastDayField()
    appointmentNeeded = serializers.BooleanField(source="appointment_needed")
    openingHours = serializers.SerializerMethodField(
        required=False,
        help_text="OpenStreetMap opening_hours expression; absent if the source does not give it.",
    )
    hours = serializers.SerializerMethodField(
        required=False, help_text="Absent if the source does not give it."
    )
    hoursPrinted = serializers.SerializerMethodField(
        required=False, help_text="Word for word as in the source, or translated from it."
    )
    hoursPrintedDiffers = serializers.SerializerMethodField(
        required=False,
        help_text="True when the hours are no longer those of the source: show those as history.",
    )
    hoursNote = TranslatedField("hours_note", required=False)
    note = TranslatedField("note", required=False)
    steps = serializers.ListField(
        child=serializers.CharField(),
        source="step_list",
        required=False,
        help_text="What to do before it works.",
    )
    status = StatusSerializer(source="*")
    alternative = ChannelBriefSerializer(required=False, help_text="The way without internet.")
    fallback = ChannelBriefSerializer(required=False, help_text="What to use when this is closed.")

    def get_openingHours(self, channel: Channel) -> str:
        """Return the hours as an expression; empty if unknown."""
        schedule = public_schedule(channel)
        if schedule is None:
            return ""
        calendar = self.context.get("calendar", NO_CALENDAR)
        return expression_of(schedule, calendar, channel.valid_from, channel.valid_until)

    @extend_schema_field(HoursSerializer)
    def get_hours(self, channel: Channel) -> dict[str, Any] | None:
        """Return the hours in parts."""
        schedule = public_schedule(channel)
        return show_all(HoursSerializer, [schedule], self.context)[0] if schedule else None

    def get_hoursPrinted(self, channel: Channel) -> str:
        """Return the hours as printed in the source."""
        schedule = public_schedule(channel)
        return schedule.translated.printed if schedule else ""

    def get_hoursPrintedDiffers(self, channel: Channel) -> bool | None:
        """Return True if the hours differ from the printed ones; absent otherwise."""
        schedule = public_schedule(channel)
        return True if schedule and schedule.has_other_hours_than_printed else None


def _topics() -> type[Collection]:
    from contact.api.topics import TopicCollection

    return TopicCollection


def _locations() -> type[Collection]:
    from contact.api.places import LocationCollection

    return LocationCollection


CHANNEL_EMBEDS: Embeds = {
    "topic": _topics,
    "unit": lambda: UnitCollection,
    "location": _locations,
    "alternative": lambda: ChannelCollection,
    "fallback": lambda: ChannelCollection,
}


OF_CHANNEL = columns_of("channel", "id", "slug", "label", "topic.slug", "kind", "unit.slug", "location.slug")
DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
MIDNIGHT = "00:00"


def _slots(channel: Shown) -> Iterator[Shown]:
    """Return the weekly hours of a channel; around-the-clock hours as each day from midnight to midnight."""
    hours = channel.get("hours", {})
    always = [{"day": day, "opens": MIDNIGHT, "closes": MIDNIGHT} for day in DAYS]
    for slot in always if hours.get("roundTheClock") else hours.get("slots", ()):
        yield {**slot, "hours": hours, "channel": channel}


def _of_hours(field: str) -> Callable[[Shown], Iterator[Shown]]:
    """Return a function that yields a row for each object in a list of the channel's hours."""

    def rows(channel: Shown) -> Iterator[Shown]:
        for each in channel.get("hours", {}).get(field, ()):
            yield {**each, "channel": channel}

    return rows


class ChannelCollection(Collection):
    """Ways to reach the police, by urgency, each with its status at a moment."""

    name = "Channel"
    item_summary = "One channel"
    item_description = "One channel with what is open at a moment."
    item_parameters = (AT,)
    summary = "Channels"
    tag = TAG
    serializer = ChannelSerializer
    linked_node = staticmethod(channel_node)
    key = "id"
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
        unit_reference("unit", "Slug of the unit.", "unit__slug__in"),
        WITHIN,
        Reference(
            name="location",
            description="Slug of the location where it is, or where its unit works.",
            known=lambda: Location.objects.published(),
        ),
        PostalCode(name="postalCode", description="At a location that serves (part of) this postcode."),
        AT,
    )

    long_tables = {
        "openingExceptions": LongTable(
            _of_hours("exceptions"),
            (*OF_CHANNEL, "firstDay", "lastDay", "days", "notOn", "opens", "closes", "reason"),
            ("hours.exceptions",),
        ),
        "openingKnownDays": LongTable(
            _of_hours("known"), (*OF_CHANNEL, "firstDay", "lastDay"), ("hours.known",)
        ),
        "openingSchoolHolidays": LongTable(
            _of_hours("schoolHolidays"),
            (*OF_CHANNEL, "firstDay", "lastDay", "name"),
            ("hours.schoolHolidays",),
        ),
        "openingSlots": LongTable(
            _slots,
            (*OF_CHANNEL, "day", "opens", "closes", "hours.closedOnPublicHolidays", "hours.schoolDaysOnly"),
            ("hours.slots",),
        ),
    }
    columns = {
        "alternative": "alternatief",
        "appointmentNeeded": "afspraak nodig",
        "channel": "kanaal",
        "closedOnPublicHolidays": "gesloten op feestdagen",
        "closes": "sluit",
        "day": "dag",
        "days": "dagen van de week",
        "display": "weergave",
        "fallback": "indien gesloten",
        "firstDay": "eerste dag",
        "hours": "uren",
        "hoursNote": "opmerking uren",
        "hoursPrinted": "uren volgens bron",
        "hoursPrintedDiffers": "uren wijken af van bron",
        "languages": "talen",
        "lastDay": "laatste dag",
        "link": "link",
        "notOn": "niet op",
        "openingHours": "openingsuren",
        "opens": "opent",
        "reason": "reden",
        "roundTheClock": "dag en nacht",
        "schoolDaysOnly": "alleen schooldagen",
        "steps": "stappen",
        "topic": "onderwerp",
        "urgency": "dringendheid",
    }
    affected_by = {
        Channel: {"pk": "id", "alternative": "id", "fallback": "id"},
        Topic: {"topic": "id", "alternative__topic": "id", "fallback__topic": "id"},
        Schedule: {"schedule": "id"},
        WeeklySlot: {"schedule": "schedule_id"},
        ScheduleException: {"schedule": "schedule_id"},
        SchoolHoliday: None,
        SchoolYear: None,
        Location: {"location": "id", "unit": "unit_id"},
        Unit: {"unit": "id"},
        Organogram: None,
        Document: {"source": "id"},
    }

    def rows(self, asked: ApiQuery) -> QuerySet:
        """Return the published channels valid on the day of the moment, for the requested locations and units."""
        day = day_of(asked.values)
        rows, places = Channel.objects.published(on=day), Location.objects.published(on=day)
        if asked.get("location"):
            rows = rows.at_any(places.filter(slug__in=asked.get("location")))
        if asked.get("postalCode"):
            rows = rows.at_any(places.serving_any(asked.get("postalCode")))
        if asked.get("ancestor"):
            rows = rows.of_any(Unit.objects.within_any(asked.get("ancestor"), day))
        return rows.in_order_of_urgency()

    def search(self, rows: QuerySet, words: str) -> QuerySet:
        """Return the channels that contain every term, and those with that phone number in any notation."""
        return super().search(rows, words) | rows.filter(number_contains(words))

    def prepared(self, rows: Any, asked: ApiQuery) -> Any:
        """Return the channels with their references and hours."""
        return shown_channels(rows, day_of(asked.values))

    def context_for(self, rows: list[Any], asked: ApiQuery) -> dict[str, Any]:
        """Return the moment and the school holidays."""
        return moment_context(rows, asked)

    def retired(self, asked: ApiQuery, key: str) -> Channel | None:
        """Return a withdrawn channel, or one past its last day."""
        return super().retired(asked, key) or Channel.objects.ended().with_id(key).first()
