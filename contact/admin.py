"""The admin of contact: topics, channels, opening hours, places and notices."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contact.models import (
    CareArea,
    Channel,
    Location,
    Notice,
    Schedule,
    ScheduleException,
    SchoolHoliday,
    Topic,
    WeeklySlot,
)
from contact.models.channels import LANGUAGES
from pzgent.editing import (
    EditingAdmin,
    Fieldsets,
    PartAdmin,
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
    autocomplete_fields = ("topic", "unit", "location", "schedule", "alternative", "fallback")
    prepopulated_on_add: ClassVar[dict[str, Sequence[str]]] = {"slug": ("label",)}
    main_fieldsets: ClassVar[Fieldsets] = [
        (_("What it is"), {"fields": ["topic", ("kind", "label"), "slug", "value", "note"]}),
        (_("For whom"), {"fields": [("urgency", "audience"), "languages", "position"]}),
        (_("When it is open"), {"fields": ["schedule", "hours_note", "appointment_needed"]}),
        (_("Who and where"), {"fields": ["unit", "location"]}),
        (_("What else there is"), {"fields": ["alternative", "fallback"]}),
        ON_ITS_DAYS,
    ]

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


class WeeklySlotInline(PartInline):
    """The hours of a normal week; new opening hours start with a row for each working day."""

    model = WeeklySlot
    fields = ("weekday", "opens", "closes")

    def get_extra(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> int:
        """A row for each working day, for opening hours that are new."""
        return 0 if obj else WORKING_DAYS


class ScheduleExceptionInline(PartInline):
    """Days with other hours, or none."""

    model = ScheduleException
    fields = ("first_day", "last_day", "opens", "closes", "reason")


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
        """Store the hours too; words of the source that were typed just now mean these hours."""
        super().save_related(request, form, formsets, change)
        if "printed" in form.changed_data:
            form.instance.remember_printed()

    @admin.display(description=_("channels"), ordering="number_of_channels")
    def channel_count(self, obj: Any) -> int:
        """How many channels keep these hours."""
        return int(obj.number_of_channels)


@admin.register(ScheduleException)
class ScheduleExceptionAdmin(PartAdmin):
    """All exceptions by date, over all opening hours."""

    owner = "schedule"
    list_display = ("reason", "schedule", "first_day", "last_day", "opens", "closes")
    list_filter = ("schedule",)
    list_select_related = ("schedule",)
    date_hierarchy = "first_day"
    ordering = ("-first_day", "pk")
    search_fields = ("reason", "schedule__title")
    autocomplete_fields = ("schedule",)
    fields = ("schedule", ("first_day", "last_day"), ("opens", "closes"), "reason")


@admin.register(SchoolHoliday)
class SchoolHolidayAdmin(EditingAdmin):
    """The school holidays that opening hours may depend on."""

    list_display = ("name", "first_day", "last_day")
    date_hierarchy = "first_day"
    ordering = ("-first_day",)
    search_fields = ("name",)
    fields = ("name", ("first_day", "last_day"))


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
        (_("Which part of the city"), {"fields": [("name", "postal_code"), "slug"]}),
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
