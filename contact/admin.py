"""The admin of contact: topics, channels, opening hours, places and notices."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contact.availability import get_calendar
from contact.models import (
    CareArea,
    Channel,
    Location,
    Notice,
    Schedule,
    ScheduleException,
    SchoolHoliday,
    SchoolYear,
    Topic,
    WeeklySlot,
)
from contact.models.channels import LANGUAGES
from contact.opening_hours import held_of
from contact.querysets import number_contains
from pzgent.kernel.editing import (
    Fieldsets,
    PartAdmin,
    PartForm,
    PartFormSet,
    PartInline,
    PublishableAdmin,
    PublishableForm,
    ReadOnlyInline,
)

WORKING_DAYS = 5
ON_ITS_DAYS = (
    _("Only on some days"),
    {
        "fields": [("valid_from", "valid_until")],
        "description": _(
            "For what is temporary, or changes on a day. Outside these days the site does not offer it."
        ),
    },
)


class ChannelInline(ReadOnlyInline):
    """The channels of a topic, each with a link to its own page."""

    model = Channel
    fields = ("label", "kind", "value", "urgency", "schedule", "status")
    readonly_fields = fields
    related = ("schedule",)


@admin.register(Topic)
class TopicAdmin(PublishableAdmin):
    """What people come to the police for."""

    list_display = ("title", "audience", "position", "channel_count", "shown", "modified")
    list_filter = ("audience",)
    search_fields = ("title", "need", "other_needs", "synonyms", "slug")
    autocomplete_fields = ("unit",)
    prepopulated_on_add: ClassVar[dict[str, Sequence[str]]] = {"slug": ("title",)}
    main_fieldsets: ClassVar[Fieldsets] = [
        (
            _("What it is about"),
            {"fields": [("title", "audience"), "slug", "need", "other_needs", "intro", "synonyms"]},
        ),
        (_("How it is shown"), {"fields": ["position", "sensitive"]}),
        (_("Who is responsible"), {"fields": ["unit"]}),
    ]
    inlines = (ChannelInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Topics with their number of channels."""
        return super().get_queryset(request).annotate(number_of_channels=Count("channels"))

    def get_links(self, obj: Any) -> list[tuple[str, str]]:
        """To a new channel of this topic."""
        return [(gettext("Add a channel"), f"{reverse('admin:contact_channel_add')}?topic={obj.pk}")]

    @admin.display(description=_("channels"), ordering="number_of_channels")
    def channel_count(self, obj: Any) -> int:
        """How many channels it has."""
        return int(obj.number_of_channels)


class ChannelForm(PublishableForm):
    """A channel, with its languages as boxes to tick."""

    slug_source = "label"

    languages = forms.MultipleChoiceField(
        label=_("languages"),
        required=False,
        choices=LANGUAGES.items(),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("The languages that are spoken there. Tick nothing when that is not published."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = [(code, code) for code in self.instance.languages if code not in LANGUAGES]
        field: Any = self.fields.get("languages")
        if field is not None:
            field.choices = [*LANGUAGES.items(), *others]


@admin.register(Channel)
class ChannelAdmin(PublishableAdmin):
    """Ways to reach the police."""

    form = ChannelForm
    list_display = ("label", "topic", "kind", "display", "urgency", "schedule", "shown", "modified")
    list_filter = ("kind", "urgency", "audience", ("schedule", admin.EmptyFieldListFilter), "topic")
    list_select_related = ("topic", "schedule")
    search_fields = ("label", "value", "slug", "topic__title", "note")
    autocomplete_fields = (
        "topic",
        "unit",
        "location",
        "schedule",
        "same_number_as",
        "alternative",
        "fallback",
    )
    prepopulated_on_add: ClassVar[dict[str, Sequence[str]]] = {"slug": ("label",)}
    main_fieldsets: ClassVar[Fieldsets] = [
        (
            _("What it is"),
            {"fields": ["topic", ("kind", "label"), "slug", "value", "same_number_as", "note"]},
        ),
        (_("For whom"), {"fields": [("urgency", "audience"), "languages", "position"]}),
        (_("When it is open"), {"fields": ["schedule", "hours_note", "appointment_needed"]}),
        (_("Who and where"), {"fields": ["unit", "location"]}),
        (_("What else there is"), {"fields": ["alternative", "fallback"]}),
        ON_ITS_DAYS,
    ]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        """Rows that contain the words, and those with that phone number, however it is written."""
        found, may_repeat = super().get_search_results(request, queryset, search_term)
        return (found | queryset.filter(number_contains(search_term))) if search_term else found, may_repeat

    def get_labels(self, objects: Sequence[Any]) -> dict[Any, str]:
        """The topic before the channel."""
        topics = Topic.objects.in_bulk({channel.topic_id for channel in objects})
        return {channel.pk: f"{topics[channel.topic_id]} › {channel}" for channel in objects}

    def get_links(self, obj: Any) -> list[tuple[str, str]]:
        """To its topic and its opening hours."""
        links = [(gettext("The topic"), reverse("admin:contact_topic_change", args=[obj.topic_id]))]
        if obj.schedule_id:
            hours = reverse("admin:contact_schedule_change", args=[obj.schedule_id])
            links.append((gettext("The opening hours"), hours))
        return links

    @admin.display(description=_("number or address"), ordering="value")
    def display(self, obj: Any) -> str:
        """The value as people read it."""
        return str(obj.display)


class WeeklySlotFormSet(PartFormSet):
    """Hours that do not overlap; none beside “round the clock”."""

    def clean(self) -> None:
        """Refuse what cannot be true at once."""
        super().clean()
        if not any(self.errors):
            self.instance.check_with(slots=[form.instance for form in self.kept_forms()])


class WeeklySlotInline(PartInline):
    """The hours of a normal week; new opening hours start with a row for each working day."""

    model = WeeklySlot
    formset = WeeklySlotFormSet
    fields = ("weekday", "opens", "closes")

    def get_extra(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> int:
        """A row for each working day, for opening hours that are new."""
        return 0 if obj else WORKING_DAYS


class ScheduleExceptionFormSet(PartFormSet):
    """Exceptions that do not contradict each other."""

    def clean(self) -> None:
        """Refuse what cannot be true at once."""
        super().clean()
        if not any(self.errors):
            self.instance.check_with(exceptions=[form.instance for form in self.kept_forms()])


class ScheduleExceptionInline(PartInline):
    """Days with other hours, or none."""

    model = ScheduleException
    formset = ScheduleExceptionFormSet
    fields = ("first_day", "last_day", "opens", "closes", "also_when_closed", "reason")


@admin.register(Schedule)
class ScheduleAdmin(PublishableAdmin):
    """Opening hours."""

    list_display = ("title", "printed", "always_open", "channel_count", "shown", "modified")
    list_filter = ("always_open", "closed_on_public_holidays", "school_days_only")
    search_fields = ("title", "printed", "slug")
    prepopulated_on_add: ClassVar[dict[str, Sequence[str]]] = {"slug": ("title",)}
    main_fieldsets: ClassVar[Fieldsets] = [
        (_("What it is"), {"fields": ["title", "slug", "printed"]}),
        (_("Rules"), {"fields": ["always_open", "closed_on_public_holidays", "school_days_only"]}),
    ]
    inlines = (WeeklySlotInline, ScheduleExceptionInline)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Opening hours with the number of channels that keep them."""
        return super().get_queryset(request).annotate(number_of_channels=Count("channels"))

    def get_formset_kwargs(self, request: HttpRequest, obj: Any, inline: Any, prefix: str) -> dict[str, Any]:
        """New opening hours propose Monday to Friday; a row without times is not saved."""
        kwargs: dict[str, Any] = super().get_formset_kwargs(request, obj, inline, prefix)
        if isinstance(inline, WeeklySlotInline) and obj._state.adding:
            kwargs["initial"] = [{"weekday": day} for day in range(WORKING_DAYS)]
        return kwargs

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Store the hours too; words of the source that were typed just now mean these hours.

        Warns of exceptions that change nothing.
        """
        super().save_related(request, form, formsets, change)
        if "printed" in form.changed_data:
            form.instance.remember_printed()
        warn_of_idle_exceptions(request, form.instance.pk)

    @admin.display(description=_("channels"), ordering="number_of_channels")
    def channel_count(self, obj: Any) -> int:
        """How many channels keep these hours."""
        return int(obj.number_of_channels)


def warn_of_idle_exceptions(request: HttpRequest, schedule_id: Any) -> None:
    """Tell the editor of other hours that hold on no day, as each of their days is closed otherwise."""
    schedule = Schedule.objects.with_parts().get(pk=schedule_id)
    held = {item.exception.pk for item in held_of(schedule, get_calendar([schedule]))}
    for item in schedule.exceptions.all():
        if item.pk not in held and not item.is_for_every_day:
            text = gettext(
                "“%(reason)s” changes nothing: it is closed on each of these days. Tick “also on closed days” if it is "
                "open then."
            )
            messages.warning(request, text % {"reason": item.reason})


class ScheduleExceptionForm(PartForm):
    """An exception that does not contradict the others of the same opening hours."""

    def clean(self) -> dict[str, Any]:
        """Refuse what cannot be true at once."""
        cleaned = super().clean()
        schedule = cleaned.get("schedule")
        if schedule and not self.errors:
            for name in ("first_day", "last_day", "opens", "closes", "reason"):
                setattr(self.instance, name, cleaned.get(name))
            whole = schedule.locked()
            others = whole.exceptions.exclude(pk=self.instance.pk)
            whole.check_with(exceptions=[*others, self.instance])
        return cleaned


@admin.register(ScheduleException)
class ScheduleExceptionAdmin(PartAdmin):
    """All exceptions by date, over all opening hours."""

    form = ScheduleExceptionForm
    owner = "schedule"
    list_display = ("reason", "schedule", "first_day", "last_day", "opens", "closes")
    list_filter = ("schedule",)
    list_select_related = ("schedule",)
    date_hierarchy = "first_day"
    ordering = ("-first_day", "pk")
    search_fields = ("reason", "schedule__title")
    autocomplete_fields = ("schedule",)
    fields = ("schedule", ("first_day", "last_day"), ("opens", "closes"), "also_when_closed", "reason")

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Save; warn of an exception that changes nothing."""
        super().save_related(request, form, formsets, change)
        warn_of_idle_exceptions(request, form.instance.schedule_id)


class SchoolHolidayFormSet(PartFormSet):
    """School holidays within their school year that do not overlap."""

    def clean(self) -> None:
        """Refuse what cannot be true at once."""
        super().clean()
        year = self.instance
        if any(self.errors) or year.first_day is None or year.last_day is None:
            return
        year.check_with(holidays=[form.instance for form in self.kept_forms()])


class SchoolHolidayInline(PartInline):
    """The holidays of a school year."""

    model = SchoolHoliday
    formset = SchoolHolidayFormSet
    fields = ("name", "first_day", "last_day")


@admin.register(SchoolYear)
class SchoolYearAdmin(PublishableAdmin):
    """The school years of which the holidays are known."""

    list_display = ("title", "first_day", "last_day", "shown", "modified")
    search_fields = ("title", "slug")
    ordering = ("-first_day",)
    prepopulated_on_add: ClassVar[dict[str, Sequence[str]]] = {"slug": ("title",)}
    main_fieldsets: ClassVar[Fieldsets] = [
        (
            _("What it is"),
            {
                "fields": ["title", "slug", ("first_day", "last_day")],
                "description": _(
                    "Publish a school year when all its holidays are here, the bridging days included."
                ),
            },
        ),
    ]
    inlines = (SchoolHolidayInline,)


class SchoolHolidayForm(PartForm):
    """A school holiday within its school year that does not overlap with another one."""

    def clean(self) -> dict[str, Any]:
        """Refuse what cannot be true at once."""
        cleaned = super().clean()
        year, first, last = (cleaned.get(name) for name in ("school_year", "first_day", "last_day"))
        if year and first and last:
            holiday = SchoolHoliday(name=cleaned.get("name", ""), first_day=first, last_day=last)
            whole = year.locked()
            whole.check_with(holidays=[*whole.holidays.exclude(pk=self.instance.pk), holiday])
        return cleaned


@admin.register(SchoolHoliday)
class SchoolHolidayAdmin(PartAdmin):
    """All school holidays by date, over all school years."""

    form = SchoolHolidayForm
    owner = "school_year"
    list_display = ("name", "first_day", "last_day", "school_year")
    list_select_related = ("school_year",)
    date_hierarchy = "first_day"
    ordering = ("-first_day",)
    search_fields = ("name",)
    autocomplete_fields = ("school_year",)
    fields = ("school_year", "name", ("first_day", "last_day"))


class LocationForm(PublishableForm):
    """A place's address name follows from its name."""

    slug_source = "name"


@admin.register(Location)
class LocationAdmin(PublishableAdmin):
    """Where people can go."""

    form = LocationForm
    list_display = ("name", "kind", "address", "position", "shown", "modified")
    list_filter = ("kind",)
    search_fields = ("name", "street", "postal_code", "city", "serves", "slug")
    autocomplete_fields = ("unit",)
    prepopulated_on_add: ClassVar[dict[str, Sequence[str]]] = {"slug": ("name",)}
    main_fieldsets: ClassVar[Fieldsets] = [
        (_("What it is"), {"fields": [("name", "kind"), "slug", "unit", "position"]}),
        (_("Where it is"), {"fields": ["street", ("postal_code", "city"), ("latitude", "longitude")]}),
        (_("What visitors should know"), {"fields": ["serves", "accessibility", "note"]}),
        ON_ITS_DAYS,
    ]

    @admin.display(description=_("address"), ordering="street")
    def address(self, obj: Any) -> str:
        """The address in one line."""
        return str(obj.address)


@admin.register(CareArea)
class CareAreaAdmin(PublishableAdmin):
    """Which place serves which part of the city."""

    form = LocationForm
    list_display = ("name", "postal_code", "location", "certainty", "shown", "modified")
    list_filter = ("certainty", "location")
    list_select_related = ("location",)
    search_fields = ("name", "postal_code", "location__name", "slug")
    autocomplete_fields = ("location",)
    prepopulated_on_add: ClassVar[dict[str, Sequence[str]]] = {"slug": ("name",)}
    main_fieldsets: ClassVar[Fieldsets] = [
        (_("Which part of the city"), {"fields": [("name", "postal_code"), "also_called", "slug"]}),
        (_("Who serves it"), {"fields": [("location", "certainty"), "note"]}),
    ]


@admin.register(Notice)
class NoticeAdmin(PublishableAdmin):
    """Messages on every page for a limited time."""

    list_display = ("title", "level", "starts", "ends", "shown")
    list_filter = ("level",)
    date_hierarchy = "starts"
    search_fields = ("title", "text_nl", "slug")
    prepopulated_on_add: ClassVar[dict[str, Sequence[str]]] = {"slug": ("title",)}
    main_fieldsets: ClassVar[Fieldsets] = [
        (
            _("What it says"),
            {"fields": [("level", "title"), "slug", "text_nl", "text_fr", "text_en", "text_de"]},
        ),
        (_("When it is on every page"), {"fields": [("starts", "ends")]}),
    ]
