"""The questions that pages, the API and the admin ask about contact."""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Case, F, FloatField, OuterRef, Prefetch, Q, QuerySet, Value, When
from django.db.models.functions import Cast
from django.utils import timezone

from contact.holidays import SchoolCalendar
from contact.phone import parts_of_numbers
from organisation.querysets.visibility import unit_open, unit_shown
from pzgent.kernel.conditions import contains_words
from pzgent.kernel.publishing import PublicationStatus, PublishableQuerySet, published_at

if TYPE_CHECKING:
    from contact.models import Location
    from organisation.models import Unit


# Of the topics of other ways only whether they are published matters; their many words take time to read.
WAYS_OUT_UNUSED = ("alternative__topic__translations", "fallback__topic__translations")


class DatedQuerySet(PublishableQuerySet):
    """Questions about what holds on its days only; see `contact.models.dated`."""

    def published(self, at: datetime.datetime | None = None, on: datetime.date | None = None) -> Self:
        """What the public sees at a moment (default: now), as far as it holds on a day (default: its day)."""
        day = on or timezone.localdate(at)
        return self.published_between(day, day, at)

    def published_between(
        self, first: datetime.date, last: datetime.date, at: datetime.datetime | None = None
    ) -> Self:
        """What the public sees at a moment (default: now), and holds on at least one of these days."""
        started = Q(valid_from=None) | Q(valid_from__lte=last)
        not_ended = Q(valid_until=None) | Q(valid_until__gte=first)
        return super().published(at).filter(started & not_ended)

    def ended(self, on: datetime.date | None = None) -> Self:
        """What is published, and had its last day before a day (default: today)."""
        return super().published().filter(valid_until__lt=on or timezone.localdate())


class ScheduleQuerySet(PublishableQuerySet):
    """Questions about opening hours."""

    def with_parts(self) -> Self:
        """Schedules with their slots and exceptions at hand, enough to evaluate them."""
        return self.prefetch_related("slots", "exceptions")


class SchoolHolidayQuerySet(models.QuerySet):
    """Questions about school holidays."""

    def public(self) -> Self:
        """The holidays of published school years, and those of none, each with its year."""
        is_public = Q(school_year=None) | published_at(of="school_year__")
        return self.filter(is_public).select_related("school_year")

    def get_calendar(self) -> SchoolCalendar:
        """All of them as one calendar. One query."""
        holidays: Any = self.public()
        return SchoolCalendar.of(holidays)


class TopicQuerySet(PublishableQuerySet):
    """Questions about topics."""

    def with_public_channels(self) -> Self:
        """Topics with what the public sees of their unit and channels, the most urgent channel first."""
        from contact.models import Channel

        channels = Channel.objects.published().select_related("topic").in_order_of_urgency()
        rows = self.select_related("unit", "source").annotate(unit_shown=unit_shown())
        return rows.prefetch_related(Prefetch("channels", queryset=channels))

    def with_public_unit(self) -> Self:
        """Topics with their unit, and with `unit_open`: whether it has a page that opens."""
        return self.select_related("unit", "source").annotate(unit_open=unit_open())

    def search(self, text: str) -> Self:
        """Topics whose words contain every word of the text."""
        return self.filter(contains_words(text, ("title", "need", "other_needs", "intro", "synonyms")))


class ChannelQuerySet(DatedQuerySet):
    """Questions about channels."""

    def published_between(
        self, first: datetime.date, last: datetime.date, at: datetime.datetime | None = None
    ) -> Self:
        """Published channels of published topics."""
        from contact.models import Topic

        return super().published_between(first, last, at).filter(topic__in=Topic.objects.published(at))

    def with_relations(self) -> Self:
        """Channels with all that showing them and judging their hours takes."""
        rows = self.select_related(
            "topic", "unit", "location", "schedule", "alternative__topic", "fallback__topic", "source"
        )
        return rows.defer(*WAYS_OUT_UNUSED).prefetch_related("schedule__slots", "schedule__exceptions")

    def with_public_relations(self) -> Self:
        """Channels with what showing them takes but their hours, and `unit_shown`: whether the public sees the unit."""
        rows = self.with_relations().prefetch_related(None)
        return rows.annotate(unit_shown=unit_shown())

    def with_id(self, key: Any) -> Self:
        """The channel with this id."""
        return self.filter(pk=key)

    def with_unit_of_topic(self) -> Self:
        """Channels with the unit that answers for their topic at hand too."""
        return self.select_related("topic__unit")

    def with_way_out(self) -> Self:
        """Channels that name another to use when they are closed, with the keys of what they belong to alone."""
        found = self.exclude(fallback=None).only("slug", "topic", "unit", "location", "fallback")
        return found.order_by()

    def of_place(self) -> Self:
        """The channels of the unit of a place, for a subquery in a queryset of places."""
        return self.filter(unit=OuterRef("unit")).in_order_of_urgency()

    def of_location(self) -> Self:
        """The channels at a place, for a subquery in a queryset of locations."""
        return self.filter(_at(OuterRef("pk"), OuterRef("unit"))).in_order_of_urgency()

    def at_location(self, location: Location) -> Self:
        """The channels at a place, and those of the unit that works there."""
        return self.filter(_at(location.pk, location.unit_id))

    def at_any(self, locations: LocationQuerySet) -> Self:
        """The channels at one of the places, and those of the units that work there."""
        places = locations.order_by()
        own = Q(unit__in=places.exclude(unit=None).values("unit"), location=None)
        return self.filter(Q(location__in=places.values("pk")) | own)

    def of_any(self, units: QuerySet[Unit]) -> Self:
        """The channels of one of the units."""
        return self.filter(unit__in=units.order_by().values("pk"))

    def at_a_place(self) -> Self:
        """The channels at any place, and those of a unit: not the officer whom one meets in the street."""
        return self.exclude(location=None, unit=None)

    def for_appointments(self) -> Self:
        """Where people make an appointment, that of the first topic first."""
        return self.filter(kind="appointment").select_related("topic").order_by("topic__position", "position")

    def share_numbers(self, source: Any = None) -> None:
        """Give each channel that has the number of another (or of `source` alone) that number."""
        copies: Any = self.filter(same_number_as=source) if source else self.exclude(same_number_as=None)
        for copy in copies.exclude(value=F("same_number_as__value")):
            copy.save(update_fields=["value"])

    def update(self, **values: Any) -> int:
        """Change the rows; a number goes to all that have the same."""
        changed = super().update(**values)
        if "value" in values:
            channels: Any = self.model._default_manager
            channels.share_numbers()
        return changed

    def mailboxes(self) -> Self:
        """The e-mail addresses for everybody, that of the first topic first."""
        found = self.filter(kind="email", audience="everyone").exclude(value="").select_related("topic")
        return found.order_by("topic__position", "position")

    def desks(self) -> Self:
        """The desks where people go."""
        return self.filter(kind="desk")

    def of_units(self, slugs: Iterable[str]) -> Self:
        """The channels of these units, and of the topics that these units answer for."""
        units = list(slugs)
        own = Q(unit__slug__in=units) | Q(unit=None, topic__unit__slug__in=units)
        return self.filter(own).select_related("topic__unit")

    def in_order_of_urgency(self) -> Self:
        """Emergency first, then urgent, then the rest, each in the editors' order."""
        rank = Case(
            When(urgency="emergency", then=Value(0)), When(urgency="urgent", then=Value(1)), default=Value(2)
        )
        return self.order_by(rank, "topic__position", "position", "label")


def number_contains(text: str) -> Q:
    """The condition that a channel's phone number is, or contains, the number in a text of any spelling."""
    condition = Q(pk__in=[])
    for digits in parts_of_numbers(text):
        condition |= Q(kind__in=["phone", "sms"], value__contains=digits)
    return condition


def _at(location: Any, unit: Any) -> Q:
    """The condition under which a channel is at a place of a unit; `Channel.is_at` tells the same of one row."""
    own = Q(location=location)
    return own if unit is None else own | Q(unit=unit, location=None)


class LocationQuerySet(DatedQuerySet):
    """Questions about locations."""

    def with_relations(self) -> Self:
        """Locations with their unit and the areas they serve at hand."""
        from contact.models import CareArea

        return self.select_related("unit", "source").prefetch_related(
            Prefetch("care_areas", queryset=CareArea.objects.published())
        )

    def with_public_relations(self) -> Self:
        """Like `with_relations`, with `unit_shown`: whether the public may see the unit; `unit_open`: or its page."""
        return self.with_relations().annotate(unit_shown=unit_shown(), unit_open=unit_open())

    def of_outer_unit(self) -> Self:
        """The places where the unit of a channel works, for a subquery in a queryset of channels."""
        return self.filter(unit=OuterRef("unit"))

    def of_any(self, units: QuerySet[Unit]) -> Self:
        """The places where one of the units works."""
        return self.filter(unit__in=units.order_by().values("pk"))

    def serving_any(self, postal_codes: Iterable[str]) -> Self:
        """Locations that serve (part of) one of the postcodes."""
        from contact.models import CareArea

        areas = CareArea.objects.published().filter(postal_code__in=list(postal_codes))
        return self.filter(pk__in=areas.order_by().values("location"))

    def nearest_to(self, latitude: float, longitude: float) -> Self:
        """Locations of which the point is known, the nearest first; within a city a degree is as long everywhere."""
        narrower = math.cos(math.radians(latitude))
        north = Cast("latitude", FloatField()) - latitude
        east = (Cast("longitude", FloatField()) - longitude) * narrower
        return self.exclude(latitude=None).order_by(north * north + east * east, "position", "name")


class CareAreaQuerySet(PublishableQuerySet):
    """Questions about care areas."""

    def with_location(self) -> Self:
        """Areas with the location that serves them at hand."""
        return self.select_related("location__unit", "source")

    def known_first(self) -> Self:
        """Areas of which it is known who serves them before the others."""
        return self.order_by(
            Case(When(location=None, then=Value(1)), default=Value(0)), "postal_code", "name"
        )


class NoticeQuerySet(PublishableQuerySet):
    """Questions about notices."""

    def in_force(self, at: datetime.datetime | None = None) -> Self:
        """Published notices that run at a moment (default: now), the most serious first."""
        at = at or timezone.now()
        return self.published(at).filter(starts__lte=at, ends__gt=at).most_serious_first()

    def to_come(self, at: datetime.datetime | None = None) -> Self:
        """Notices that are to be shown at a moment (default: now) or later, the most serious first."""
        at = at or timezone.now()
        is_kept = Q(publish_until=None) | Q(publish_until__gt=at)
        return self.filter(is_kept, status=PublicationStatus.PUBLISHED, ends__gt=at).most_serious_first()

    def most_serious_first(self) -> Self:
        """Disasters before what is serious before the rest, and then the newest first."""
        rank: Any = Case(
            When(level="disaster", then=Value(0)), When(level="serious", then=Value(1)), default=Value(2)
        )
        return self.order_by(rank, "-starts")

    def begun(self, at: datetime.datetime | None = None) -> Self:
        """Published notices that run or ran at a moment (default: now), the newest first."""
        return self.published(at).filter(starts__lte=at or timezone.now()).order_by("-starts")

    def ended(self, at: datetime.datetime | None = None) -> Self:
        """Published notices that ran before a moment (default: now)."""
        return self.published(at).filter(ends__lte=at or timezone.now())
