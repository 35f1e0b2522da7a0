"""Editors' tasks and attention checks for contact data."""

from __future__ import annotations

import datetime

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from contact.models import Channel, Notice, Schedule, SchoolYear, Topic
from contact.models.kinds import ONLINE_ONLY, ChannelKind, Urgency
from organisation.models import PublicationLevel, Unit
from pzgent.kernel.editing.attention import Check
from pzgent.kernel.editing.tasks import Task
from pzgent.kernel.publishing import published_at

# Time to find and enter the holidays of another school year.
AHEAD = datetime.timedelta(days=180)
WITH_HOURS = (ChannelKind.PHONE, ChannelKind.DESK)

TASKS = (
    Task(
        title=_("Change a phone number"),
        view="contact_channel_changelist",
        model=Channel,
        query=f"kind__exact={ChannelKind.PHONE}",
        search=_("Name or number"),
    ),
    Task(title=_("Post an urgent notice"), view="contact_notice_quick", model=Notice, action="quick"),
    Task(
        title=_("Change opening hours"),
        view="contact_schedule_changelist",
        model=Schedule,
        search=_("Name of the hours"),
    ),
    Task(title=_("Add a way to reach us"), view="contact_channel_add", model=Channel, action="add"),
    Task(
        title=_("Translate a text"),
        view="contact_topic_changelist",
        model=Topic,
        query="attention=translations",
        is_translating=True,
    ),
)


def _without_hours(on: datetime.date) -> Q:
    """Return the condition for public phones and desks whose hours nobody gave, except for emergencies."""
    known = Q(appointment_needed=True) | Q(urgency=Urgency.EMERGENCY) | ~Q(hours_note="")
    return published_at() & Q(kind__in=WITH_HOURS, schedule=None) & ~known


def _with_lapsed_hours(on: datetime.date) -> Q:
    """Return the condition for public channels whose hours are not public, or end with the last school year."""
    public = Exists(Schedule.objects.published().filter(pk=OuterRef("schedule")).order_by())
    years = SchoolYear.objects.published().filter(first_day__lte=on, last_day__gte=on)
    unknown = Q(schedule__school_days_only=True) & ~Q(Exists(years.order_by()))
    return published_at() & ~Q(schedule=None) & (~Q(public) | unknown)


def _online_only(on: datetime.date) -> Q:
    """Return the condition for public online channels whose offline alternative the public does not see."""
    offline = (
        Channel.objects.published(on=on).filter(pk=OuterRef("alternative")).exclude(kind__in=ONLINE_ONLY)
    )
    return published_at() & Q(kind__in=ONLINE_ONLY) & ~Q(Exists(offline.order_by()))


def _topic_without_channel(on: datetime.date) -> Q:
    channels = Channel.objects.published(on=on).filter(topic=OuterRef("pk"))
    return published_at() & ~Q(Exists(channels.order_by()))


def _last_school_year(on: datetime.date) -> Q:
    """Return the condition for the last school year that is public, when it ends soon."""
    later = SchoolYear.objects.published().filter(last_day__gt=OuterRef("last_day"))
    return published_at() & Q(last_day__lt=on + AHEAD) & ~Q(Exists(later.order_by()))


def _notice_in_dutch_only(on: datetime.date) -> Q:
    empty = Q(text_fr="") | Q(text_en="") | Q(text_de="")
    return Q(pk__in=Notice.objects.to_come().order_by().values("pk")) & empty


def _unit_without_contact(on: datetime.date) -> Q:
    """Return the condition for units with a page of their own that names no channel, of their topics and places either.

    The subqueries depend on no row, so that a database runs each once.
    """
    channels = Channel.objects.published(on=on).order_by()
    own = channels.exclude(unit=None).values("unit")
    of_topics = channels.filter(unit=None).exclude(topic__unit=None).values("topic__unit")
    of_places = channels.exclude(location__unit=None).values("location__unit")
    named = Q(pk__in=own) | Q(pk__in=of_topics) | Q(pk__in=of_places)
    return published_at() & Q(publication_level=PublicationLevel.PUBLIC) & ~named


CHECKS = (
    Check(name="no-hours", title=_("Without opening hours"), model=Channel, condition=_without_hours),
    Check(
        name="lapsed", title=_("Opening hours no longer hold"), model=Channel, condition=_with_lapsed_hours
    ),
    Check(name="online", title=_("Only online, without another way"), model=Channel, condition=_online_only),
    Check(
        name="no-channel", title=_("Without a way to reach us"), model=Topic, condition=_topic_without_channel
    ),
    Check(
        name="last-year", title=_("School holidays end here"), model=SchoolYear, condition=_last_school_year
    ),
    Check(name="dutch-only", title=_("Not in every language"), model=Notice, condition=_notice_in_dutch_only),
    Check(
        name="no-contact", title=_("Without a way to reach us"), model=Unit, condition=_unit_without_contact
    ),
)
