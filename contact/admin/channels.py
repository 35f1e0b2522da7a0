"""Admin of topics and channels."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contact.admin.dated import ON_ITS_DAYS
from contact.hours_warnings import warnings_of_channel
from contact.models import (
    Channel,
    Topic,
)
from contact.models.channels import LANGUAGES
from contact.phone import normalise_phone
from contact.querysets import number_contains
from pzgent.kernel.editing import (
    ROWS,
    Fieldsets,
    PublishableAdmin,
    PublishableForm,
    ReadOnlyInline,
)


class ChannelInline(ReadOnlyInline):
    """Channels of a topic, each with a link to its own change page."""

    model = Channel
    fields = ("label", "kind", "value", "urgency", "schedule", "status")
    readonly_fields = fields
    related = ("schedule",)


@admin.register(Topic)
class TopicAdmin(PublishableAdmin):
    """Admin of the topics: the reasons to contact the police."""

    list_display = ("title", "audience", "position", "channel_count", "shown", "modified")
    list_filter = ("audience",)
    search_fields = ("title", "need", "other_needs", "synonyms", "slug")
    autocomplete_fields = ("unit",)
    prepopulated_on_add: ClassVar[dict[str, Sequence[str]]] = {"slug": ("title",)}
    main_fieldsets: ClassVar[Fieldsets] = [
        (
            _("What it is about"),
            {
                "fields": [
                    ("title", "audience"),
                    "slug",
                    "need",
                    "other_needs",
                    "intro",
                    "prepare",
                    "outcome",
                    "synonyms",
                ]
            },
        ),
        (_("How it is shown"), {"fields": ["position", "sensitive"]}),
        (_("Who is responsible"), {"fields": ["unit"]}),
    ]
    inlines = (ChannelInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Return the topics, annotated with their number of channels."""
        return super().get_queryset(request).annotate(number_of_channels=Count("channels"))

    def get_links(self, obj: Any) -> list[tuple[str, str]]:
        """Return the link that adds a channel to this topic."""
        return [(gettext("Add a channel"), f"{reverse('admin:contact_channel_add')}?topic={obj.pk}")]

    @admin.display(description=_("channels"), ordering="number_of_channels")
    def channel_count(self, obj: Any) -> int:
        """Return the number of channels of the topic."""
        return int(obj.number_of_channels)


class ChannelForm(PublishableForm):
    """Channel form with a checkbox for each language."""

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

    def clean(self) -> dict[str, Any]:
        """Refuse another number for a channel that takes its number from another: it would be lost."""
        cleaned = super().clean()
        shared = cleaned.get("same_number_as")
        if shared is None:
            return cleaned
        is_typed = "value" in self.changed_data and "same_number_as" not in self.changed_data
        if is_typed and _digits_of(cleaned.get("value", "")) != shared.value:
            text = gettext(
                "This number comes from “%(channel)s”. Change it there, or first clear the field “same number as”."
            )
            self.add_error("value", text % {"channel": f"{shared.topic}: {shared}"})
        else:
            cleaned["value"] = shared.value
        return cleaned


def _digits_of(number: str) -> str:
    """Return a phone number as it is stored; unchanged if it is none."""
    try:
        return normalise_phone(number)
    except ValidationError:
        return number


@admin.register(Channel)
class ChannelAdmin(PublishableAdmin):
    """Admin of the channels: the ways to reach the police."""

    form = ChannelForm
    imported = ROWS
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
            {"fields": ["topic", ("kind", "label"), "slug", "value", "same_number_as", "note", "steps"]},
        ),
        (_("For whom"), {"fields": [("urgency", "audience"), "languages", "position"]}),
        (_("When it is open"), {"fields": ["schedule", "hours_note", "appointment_needed"]}),
        (_("Who and where"), {"fields": ["unit", "location"]}),
        (_("What else there is"), {"fields": ["alternative", "fallback"]}),
        ON_ITS_DAYS,
    ]

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Save, and warn of a channel without hours that the public sees."""
        super().save_related(request, form, formsets, change)
        for text in warnings_of_channel(form.instance):
            messages.warning(request, text)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        """Return rows that contain the words, and rows with that phone number in any spelling."""
        found, may_repeat = super().get_search_results(request, queryset, search_term)
        return (found | queryset.filter(number_contains(search_term))) if search_term else found, may_repeat

    def get_labels(self, objects: Sequence[Any]) -> dict[Any, str]:
        """Prefix each channel with its topic."""
        topics = Topic.objects.in_bulk({channel.topic_id for channel in objects})
        return {channel.pk: f"{topics[channel.topic_id]} › {channel}" for channel in objects}

    def get_links(self, obj: Any) -> list[tuple[str, str]]:
        """Return the links to the topic and the opening hours of the channel."""
        links = [(gettext("The topic"), reverse("admin:contact_topic_change", args=[obj.topic_id]))]
        if obj.schedule_id:
            hours = reverse("admin:contact_schedule_change", args=[obj.schedule_id])
            links.append((gettext("The opening hours"), hours))
        return links

    @admin.display(description=_("number or address"), ordering="value")
    def display(self, obj: Any) -> str:
        """Return the value as formatted for the site."""
        return str(obj.display)
