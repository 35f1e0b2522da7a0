"""Opening hours in the API: the status of a channel at a moment, its hours, and its intervals between two days."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from django.db.models import OuterRef, TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import serializers

from contact.api import TAG
from contact.availability import get_calendar, public_channel, public_schedule
from contact.holidays import NO_CALENDAR
from contact.hours_expression import DAY_CODES
from contact.hours_sentences import sentence_of
from contact.models import Channel, Schedule, ScheduleException, WeeklySlot
from contact.opening_hours import (
    BRUSSELS,
    Held,
    Interval,
    Status,
    held_of,
    intervals_of,
    known_days_of,
    status_of,
)
from contact.querysets import ChannelQuerySet
from pzgent.kernel import clock
from pzgent.kernel.rest import NotFound
from pzgent.kernel.rest.answering import ApiQuery
from pzgent.kernel.rest.fields import CodeField, HrefField, OmitEmptySerializer, TranslatedField
from pzgent.kernel.rest.parameters import BadRequest, Day, Moment, issue
from pzgent.kernel.rest.parts import NestedRows, attach, row_of, with_parts
from pzgent.kernel.rest.resources import Collection
from pzgent.kernel.validity import holds_until

LONGEST = 366
AT = Moment(
    name="at",
    is_shared=True,
    description="The status at this moment; now when absent. Brussels time without an offset.",
)


class ChannelState(TextChoices):
    """Whether a channel can be used at a moment."""

    OPEN = "open", gettext_lazy("open")
    BY_APPOINTMENT = "by_appointment", gettext_lazy("by appointment")
    CLOSED = "closed", gettext_lazy("closed")
    UNKNOWN = "unknown", gettext_lazy("not known")


def day_of(context: Mapping[str, Any]) -> datetime.date:
    """Return the day of an answer; today without a requested moment."""
    at = context.get("at") or clock.now()
    return at.astimezone(BRUSSELS).date()


class FallbackSerializer(OmitEmptySerializer):
    """Alternative to a closed channel."""

    label = TranslatedField("label")  # type: ignore[assignment]  # a field named like an attribute of fields
    value = serializers.CharField(source="display", required=False)
    href = HrefField("channels", key="id")


class StatusSerializer(OmitEmptySerializer):
    """Opening state of a channel at a moment, its end, and the alternatives."""

    state = CodeField(ChannelState)
    until = serializers.DateTimeField(required=False)
    nextOpening = serializers.DateTimeField(source="next_opening", required=False)
    reason = serializers.CharField(required=False)
    fallback = FallbackSerializer(required=False)
    sentence = serializers.CharField(help_text="The status in words.")
    evaluatedAt = serializers.DateTimeField(source="evaluated_at")

    def to_representation(self, instance: Channel) -> dict[str, Any]:
        """Return the status of the channel at the requested moment."""
        instance.schedule = public_schedule(instance)
        status = status_of(instance, self.context["at"], self.context["calendar"])
        fallback = public_channel(instance.fallback, day_of(self.context))
        return super().to_representation(_told(status, fallback))


def _told(status: Status, fallback: Channel | None) -> dict[str, Any]:
    """Return a status with its sentence, and the fallback unless the channel is open."""
    told = {"state": status.state, "until": status.until, "next_opening": status.next_opening}
    told |= {"reason": status.reason, "sentence": sentence_of(status), "evaluated_at": status.evaluated_at}
    return told if status.state == ChannelState.OPEN else {**told, "fallback": fallback}


class SlotSerializer(OmitEmptySerializer):
    """Hours on one day of the week; an end before the start is on the next day."""

    day = serializers.SerializerMethodField(help_text="Mo, Tu, We, Th, Fr, Sa or Su.")
    opens = serializers.TimeField(format="%H:%M")
    closes = serializers.TimeField(format="%H:%M", help_text="00:00 is the end of the day.")

    def get_day(self, slot: WeeklySlot) -> str:
        """Return the day in OpenStreetMap notation."""
        return DAY_CODES[slot.weekday]


class HoursExceptionSerializer(OmitEmptySerializer):
    """Days with other hours; without times, they are closed."""

    firstDay = serializers.DateField(source="exception.first_day")
    lastDay = serializers.DateField(source="exception.last_day")
    days = serializers.SerializerMethodField(
        required=False, help_text="Only on these days of the week; on each when absent."
    )
    notOn = serializers.ListField(
        source="left_out",
        child=serializers.DateField(),
        required=False,
        help_text="Days on which it does not hold.",
    )
    opens = serializers.TimeField(source="exception.opens", format="%H:%M", required=False)
    closes = serializers.TimeField(source="exception.closes", format="%H:%M", required=False)
    reason = TranslatedField("reason")

    def get_days(self, held: Held) -> list[str]:
        """Return the days of the week in OpenStreetMap notation."""
        return [DAY_CODES[day] for day in held.weekdays]


class SchoolHolidaySerializer(OmitEmptySerializer):
    """A school holiday, from its first to its last day inclusive."""

    firstDay = serializers.DateField(source="first_day")
    lastDay = serializers.DateField(source="last_day")
    name = TranslatedField("name")


class KnownDaysSerializer(OmitEmptySerializer):
    """Period for which the hours are known, from its first to its last day inclusive."""

    firstDay = serializers.DateField(required=False)
    lastDay = serializers.DateField()


class HoursSerializer(OmitEmptySerializer):
    """Opening hours in parts; equivalent to the expression in `openingHours`."""

    roundTheClock = serializers.BooleanField(source="always_open")
    closedOnPublicHolidays = serializers.BooleanField(source="closed_on_public_holidays")
    schoolDaysOnly = serializers.BooleanField(source="school_days_only")
    slots = SlotSerializer(source="slots.all", many=True, required=False)
    exceptions = HoursExceptionSerializer(source="held", many=True, required=False)
    schoolHolidays = SchoolHolidaySerializer(
        source="school_holidays",
        many=True,
        required=False,
        help_text="Closed then; only with `schoolDaysOnly`.",
    )
    known = KnownDaysSerializer(
        many=True,
        required=False,
        help_text="The days of which the slots are sure; on others it is not known which days are holidays.",
    )

    def to_representation(self, instance: Schedule) -> dict[str, Any]:
        """Return the hours with the days of each exception, using the school holidays of the context."""
        calendar = self.context.get("calendar", NO_CALENDAR)
        known = known_days_of(instance, calendar)
        return super().to_representation(
            {
                "always_open": instance.always_open,
                "closed_on_public_holidays": instance.closed_on_public_holidays,
                "school_days_only": instance.school_days_only,
                "slots": instance.slots,
                "held": held_of(instance, calendar),
                "school_holidays": calendar.holidays if instance.school_days_only else [],
                "known": [{"firstDay": first, "lastDay": last} for first, last in known],
            }
        )


EXCEPTION_FIELDS = (
    "id",
    "first_day",
    "last_day",
    "opens",
    "closes",
    "also_when_closed",
    "reason",
    "translations",
)
HOURS = {
    "slots": NestedRows(
        lambda: WeeklySlot.objects.filter(schedule=OuterRef("schedule")),
        {name: name for name in ("id", "weekday", "opens", "closes")},
        row_of(WeeklySlot),
    ),
    "exceptions": NestedRows(
        lambda: ScheduleException.objects.filter(schedule=OuterRef("schedule")),
        {name: name for name in EXCEPTION_FIELDS},
        row_of(ScheduleException),
    ),
}


def with_hours(channels: ChannelQuerySet) -> Any:
    """Return the channels with everything needed to evaluate their hours, in one query."""
    return with_parts(channels.with_public_relations(), HOURS)


def moment_context(rows: list[Any], asked: ApiQuery) -> dict[str, Any]:
    """Return the requested moment, and the school holidays if any hours depend on them; at most one query.

    The default moment is the current minute, so that an answer stays identical for a minute.
    """
    for row in rows:
        if row.schedule is not None:
            row.schedule.slots_rows, row.schedule.exceptions_rows = row.slots_rows, row.exceptions_rows
            attach(row.schedule, HOURS)
    at = asked.get("at") or clock.now().replace(second=0, microsecond=0)
    if not asked.get("at"):
        holds_until(at + datetime.timedelta(minutes=1))
    return {"at": at, "calendar": get_calendar(row.schedule for row in rows)}


class IntervalSerializer(serializers.Serializer):
    """Interval with a constant state; the end is exclusive."""

    start = serializers.DateTimeField()
    end = serializers.DateTimeField()
    state = CodeField(ChannelState)
    reason = serializers.CharField(required=False)


class OpeningHoursCollection(Collection):
    """Intervals in which a channel is open between two days, both inclusive; none if its hours are not known.

    Days outside the validity of the channel have no intervals.
    """

    summary = "When a channel is open"
    tag = TAG
    serializer = IntervalSerializer
    parameters = (
        Day(name="from", near=True, description="First day; today when absent."),
        Day(name="to", near=True, description="Last day, at most 366 days in all; a week when absent."),
    )

    def answer(self, asked: ApiQuery, **keys: str) -> dict[str, Any]:
        """Return the intervals in pages. Raises NotFound."""
        channels = Channel.objects.published_between(*_span(asked))
        channel = channels.with_relations().with_id(keys["id"]).first()
        if channel is None:
            raise NotFound("id", str(keys["id"]), _("Nothing has this address."))
        self.channel = channel
        return super().answer(asked, **keys)

    def rows(self, asked: ApiQuery) -> list[Interval]:
        """Return the intervals of the channel's schedule."""
        days = self.channel.part_between(*_span(asked))
        schedule = public_schedule(self.channel)
        if schedule is None or days is None:
            return []
        return intervals_of(schedule, *days, get_calendar([schedule]), self.channel)

    def show(self, rows: Any, asked: ApiQuery, **context: Any) -> list[dict[str, Any]]:
        """Return the intervals, with a reason where there is one."""
        parts = [
            {"start": row.start, "end": row.end, "state": row.state, "reason": row.reason} for row in rows
        ]
        return super().show([{name: value for name, value in part.items() if value} for part in parts], asked)


def _span(asked: ApiQuery) -> tuple[datetime.date, datetime.date]:
    """Return the first and the last requested day. Raises BadRequest for a wrong order or too long a period."""
    first = asked.get("from") or clock.today()
    last = asked.get("to") or first + datetime.timedelta(days=6)
    if last < first:
        raise BadRequest([issue("to", last.isoformat(), _("The last day must not be before the first."))])
    if (last - first).days >= LONGEST:
        raise BadRequest(
            [issue("to", last.isoformat(), _("Ask for at most %(days)s days.") % {"days": LONGEST})]
        )
    return first, last
