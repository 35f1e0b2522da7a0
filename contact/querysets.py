"""Querysets of contact, used by the pages, the API and the admin."""

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
from pzgent.kernel import clock
from pzgent.kernel.conditions import contains_words
from pzgent.kernel.publishing import PublicationStatus, PublishableQuerySet, published_at

if TYPE_CHECKING:
    from contact.models import Location, ScheduleException
    from organisation.models import Unit


# Of the topics of alternatives and fallbacks only the publication fields matter; loading their long texts is slow.
WAYS_OUT_UNUSED = ("alternative__topic__translations", "fallback__topic__translations")


class DatedQuerySet(PublishableQuerySet):
    """QuerySet of objects that are valid on some days only; see `contact.models.dated`."""

    def published(self, at: datetime.datetime | None = None, on: datetime.date | None = None) -> Self:
        """Filter the objects that are public at a moment (default: now) and valid on a day (default: its day)."""
        day = on or timezone.localdate(at or clock.now())
        return self.published_between(day, day, at)

    def published_between(
        self, first: datetime.date, last: datetime.date, at: datetime.datetime | None = None
    ) -> Self:
        """Filter the objects that are public at a moment (default: now) and valid on at least one of these days."""
        started = Q(valid_from=None) | Q(valid_from__lte=last)
        not_ended = Q(valid_until=None) | Q(valid_until__gte=first)
        return super().published(at).filter(started & not_ended)

    def ended(self, on: datetime.date | None = None) -> Self:
        """Filter published objects whose last day was before a day (default: today)."""
        return super().published().filter(valid_until__lt=on or clock.today())


class ScheduleQuerySet(PublishableQuerySet):
    """QuerySet of opening hours."""

    def with_parts(self) -> Self:
        """Prefetch the slots and exceptions, as needed to evaluate the schedules."""
        return self.prefetch_related("slots", "exceptions")

    def with_channels(self) -> Self:
        """Prefetch the channels that use these opening hours, with their topics and places."""
        return self.prefetch_related("channels__topic", "channels__location")


class ScheduleExceptionQuerySet(models.QuerySet):
    """QuerySet of exceptions to opening hours."""

    def entered_with(self, exception: ScheduleException) -> Self:
        """Filter the exceptions that were entered together with this one, itself included."""
        if exception.batch is None:
            return self.filter(pk=exception.pk)
        return self.filter(batch=exception.batch)

    def on_any_day(self, first: datetime.date, last: datetime.date) -> Self:
        """Filter the exceptions that include at least one of these days."""
        return self.filter(first_day__lte=last, last_day__gte=first)


class SchoolHolidayQuerySet(models.QuerySet):
    """QuerySet of school holidays."""

    def public(self) -> Self:
        """Filter the holidays of published school years, and those without a school year; selects the year."""
        is_public = Q(school_year=None) | published_at(of="school_year__")
        return self.filter(is_public).select_related("school_year")

    def get_calendar(self) -> SchoolCalendar:
        """Return the public holidays of the queryset as one calendar. One query."""
        holidays: Any = self.public()
        return SchoolCalendar.of(holidays)


class TopicQuerySet(PublishableQuerySet):
    """QuerySet of topics."""

    def with_public_channels(self) -> Self:
        """Select what the public sees of the unit, and prefetch the published channels, most urgent first."""
        from contact.models import Channel

        channels = Channel.objects.published().select_related("topic").in_order_of_urgency()
        rows = self.select_related("unit", "source").annotate(unit_shown=unit_shown())
        return rows.prefetch_related(Prefetch("channels", queryset=channels))

    def with_public_unit(self) -> Self:
        """Select the unit, and annotate `unit_open`: whether it has a public page."""
        return self.select_related("unit", "source").annotate(unit_open=unit_open())

    def search(self, text: str) -> Self:
        """Filter the topics whose texts contain every word of the query."""
        return self.filter(contains_words(text, ("title", "need", "other_needs", "intro", "synonyms")))


class GuideQuerySet(PublishableQuerySet):
    """QuerySet of step-by-step guides."""

    def published(self, at: datetime.datetime | None = None) -> Self:
        """Filter the published guides of published topics."""
        from contact.models import Topic

        return super().published(at).filter(topic__in=Topic.objects.published(at))

    def with_steps(self) -> Self:
        """Select the topic and the source, and prefetch the steps with their channels."""
        return self.select_related("topic", "action__topic", "source").prefetch_related(
            "steps__channel__topic"
        )


class ChannelQuerySet(DatedQuerySet):
    """QuerySet of channels."""

    def published_between(
        self, first: datetime.date, last: datetime.date, at: datetime.datetime | None = None
    ) -> Self:
        """Filter the published channels of published topics."""
        from contact.models import Topic

        return super().published_between(first, last, at).filter(topic__in=Topic.objects.published(at))

    def with_relations(self) -> Self:
        """Select and prefetch the related objects needed to show the channels and evaluate their hours."""
        rows = self.select_related(
            "topic", "unit", "location", "schedule", "alternative__topic", "fallback__topic", "source"
        )
        return rows.defer(*WAYS_OUT_UNUSED).prefetch_related("schedule__slots", "schedule__exceptions")

    def with_public_relations(self) -> Self:
        """Select the related objects needed to show the channels without hours.

        Annotates `unit_shown`: whether the public sees the unit.
        """
        rows = self.with_relations().prefetch_related(None)
        return rows.annotate(unit_shown=unit_shown())

    def with_id(self, key: Any) -> Self:
        """Filter the channel with this id."""
        return self.filter(pk=key)

    def with_unit_of_topic(self) -> Self:
        """Also select the unit responsible for the topic."""
        return self.select_related("topic__unit")

    def with_way_out(self) -> Self:
        """Filter the channels with a fallback, loading only their slug and foreign keys."""
        found = self.exclude(fallback=None).only("slug", "topic", "unit", "location", "fallback")
        return found.order_by()

    def of_place(self) -> Self:
        """Filter the channels of the unit of a place, for a subquery in a queryset of places."""
        return self.filter(unit=OuterRef("unit")).in_order_of_urgency()

    def of_location(self) -> Self:
        """Filter the channels at a place, for a subquery in a queryset of locations."""
        return self.filter(_at(OuterRef("pk"), OuterRef("unit"))).in_order_of_urgency()

    def at_location(self, location: Location) -> Self:
        """Filter the channels at a place, and those of the unit that works there."""
        return self.filter(_at(location.pk, location.unit_id))

    def at_any(self, locations: LocationQuerySet) -> Self:
        """Filter the channels at any of the places, and those of the units that work there."""
        places = locations.order_by()
        own = Q(unit__in=places.exclude(unit=None).values("unit"), location=None)
        return self.filter(Q(location__in=places.values("pk")) | own)

    def of_any(self, units: QuerySet[Unit]) -> Self:
        """Filter the channels of any of the units."""
        return self.filter(unit__in=units.order_by().values("pk"))

    def at_a_place(self) -> Self:
        """Filter the channels at a place or of a unit, which leaves out the officer met in the street."""
        return self.exclude(location=None, unit=None)

    def for_appointments(self) -> Self:
        """Filter the channels for making an appointment, ordered by topic."""
        return self.filter(kind="appointment").select_related("topic").order_by("topic__position", "position")

    def share_numbers(self, source: Any = None) -> None:
        """Copy the number to each channel that shares that of another (or of `source` only)."""
        copies: Any = self.filter(same_number_as=source) if source else self.exclude(same_number_as=None)
        for copy in copies.exclude(value=F("same_number_as__value")):
            copy.save(update_fields=["value"])

    def update(self, **values: Any) -> int:
        """Update the rows, and copy a changed number to all channels that share it."""
        changed = super().update(**values)
        if "value" in values:
            channels: Any = self.model._default_manager
            channels.share_numbers()
        return changed

    def mailboxes(self) -> Self:
        """Filter the e-mail addresses for everyone, ordered by topic."""
        found = self.filter(kind="email", audience="everyone").exclude(value="").select_related("topic")
        return found.order_by("topic__position", "position")

    def desks(self) -> Self:
        """Filter the desks that visitors can go to."""
        return self.filter(kind="desk")

    def of_units(self, slugs: Iterable[str]) -> Self:
        """Filter the channels of these units, and of the topics for which they are responsible."""
        units = list(slugs)
        own = Q(unit__slug__in=units) | Q(unit=None, topic__unit__slug__in=units)
        return self.filter(own).select_related("topic__unit")

    def in_order_of_urgency(self) -> Self:
        """Order by urgency (emergency, urgent, then the rest), then in the editors' order."""
        rank = Case(
            When(urgency="emergency", then=Value(0)), When(urgency="urgent", then=Value(1)), default=Value(2)
        )
        return self.order_by(rank, "topic__position", "position", "label")


def number_contains(text: str) -> Q:
    """Return the condition that a channel's phone number is, or contains, the number in a text of any spelling."""
    condition = Q(pk__in=[])
    for digits in parts_of_numbers(text):
        condition |= Q(kind__in=["phone", "sms"], value__contains=digits)
    return condition


def _at(location: Any, unit: Any) -> Q:
    """Return the condition that a channel is at a place or of its unit; `Channel.is_at` does the same for one row."""
    own = Q(location=location)
    return own if unit is None else own | Q(unit=unit, location=None)


class LocationQuerySet(DatedQuerySet):
    """QuerySet of locations."""

    def with_relations(self) -> Self:
        """Select the unit and prefetch the areas that the locations serve."""
        from contact.models import CareArea

        return self.select_related("unit", "source").prefetch_related(
            Prefetch("care_areas", queryset=CareArea.objects.published())
        )

    def with_public_relations(self) -> Self:
        """Like `with_relations`; annotates `unit_shown` (the public sees the unit) and `unit_open` (it has a page)."""
        return self.with_relations().annotate(unit_shown=unit_shown(), unit_open=unit_open())

    def of_outer_unit(self) -> Self:
        """Filter the places where the unit of a channel works, for a subquery in a queryset of channels."""
        return self.filter(unit=OuterRef("unit"))

    def of_any(self, units: QuerySet[Unit]) -> Self:
        """Filter the places where any of the units works."""
        return self.filter(unit__in=units.order_by().values("pk"))

    def with_hours(self, schedules: Iterable[Any]) -> Self:
        """Filter the places with a channel that uses one of these opening hours."""
        return self.filter(channels__schedule__in=list(schedules)).distinct()

    def serving_any(self, postal_codes: Iterable[str]) -> Self:
        """Filter the locations that serve (part of) one of the postcodes."""
        from contact.models import CareArea

        areas = CareArea.objects.published().filter(postal_code__in=list(postal_codes))
        return self.filter(pk__in=areas.order_by().values("location"))

    def nearest_to(self, latitude: float, longitude: float) -> Self:
        """Order the locations with coordinates by distance; within a city the length of a degree is constant."""
        narrower = math.cos(math.radians(latitude))
        north = Cast("latitude", FloatField()) - latitude
        east = (Cast("longitude", FloatField()) - longitude) * narrower
        return self.exclude(latitude=None).order_by(north * north + east * east, "position", "name")


class CareAreaQuerySet(PublishableQuerySet):
    """QuerySet of care areas."""

    def with_location(self) -> Self:
        """Select the location that serves each area."""
        return self.select_related("location__unit", "source")

    def known_first(self) -> Self:
        """Order areas with a known location before the others."""
        return self.order_by(
            Case(When(location=None, then=Value(1)), default=Value(0)), "postal_code", "name"
        )


class NoticeQuerySet(PublishableQuerySet):
    """QuerySet of notices."""

    def in_force(self, at: datetime.datetime | None = None) -> Self:
        """Filter the published notices that are active at a moment (default: now), most serious first."""
        at = at or clock.now()
        return self.published(at).filter(starts__lte=at, ends__gt=at).most_serious_first()

    def to_come(self, at: datetime.datetime | None = None) -> Self:
        """Filter the notices that are active at a moment (default: now) or later, most serious first."""
        at = at or clock.now()
        is_kept = Q(publish_until=None) | Q(publish_until__gt=at)
        return self.filter(is_kept, status=PublicationStatus.PUBLISHED, ends__gt=at).most_serious_first()

    def most_serious_first(self) -> Self:
        """Order by severity (disaster first), then newest first."""
        rank: Any = Case(
            When(level="disaster", then=Value(0)), When(level="serious", then=Value(1)), default=Value(2)
        )
        return self.order_by(rank, "-starts")

    def begun(self, at: datetime.datetime | None = None) -> Self:
        """Filter the published notices that started before or at a moment (default: now), newest first."""
        return self.published(at).filter(starts__lte=at or clock.now()).order_by("-starts")

    def ended(self, at: datetime.datetime | None = None) -> Self:
        """Filter the published notices that ended before a moment (default: now)."""
        return self.published(at).filter(ends__lte=at or clock.now())
