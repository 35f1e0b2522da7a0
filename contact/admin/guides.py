"""Admin of step-by-step guides."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from contact.models import Guide, GuideStep
from pzgent.kernel.editing import Fieldsets, PublishableAdmin
from pzgent.kernel.editing.inlines import PartInline
from pzgent.kernel.editing.part_admin import PartAdmin


class GuideStepInline(PartInline):
    """Steps of a guide, in order; each has a page of its own for its translations."""

    model = GuideStep
    fields = ("position", "title", "text", "channel")
    autocomplete_fields = ("channel",)
    related = ("channel",)
    show_change_link = True


@admin.register(Guide)
class GuideAdmin(PublishableAdmin):
    """Admin of the guides."""

    list_display = ("title", "topic", "position", "step_count", "shown", "modified")
    list_filter = ("topic",)
    list_select_related = ("topic",)
    search_fields = ("title", "summary", "synonyms", "slug")
    autocomplete_fields = ("topic", "action")
    prepopulated_on_add: ClassVar[dict[str, Sequence[str]]] = {"slug": ("title",)}
    main_fieldsets: ClassVar[Fieldsets] = [
        (_("What it is about"), {"fields": ["title", "slug", "topic", "summary", "synonyms"]}),
        (_("What somebody does"), {"fields": ["action", "prepare", "outcome"]}),
        (_("How it is shown"), {"fields": ["position"]}),
    ]
    inlines = (GuideStepInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Return the guides, annotated with their number of steps."""
        return super().get_queryset(request).annotate(number_of_steps=Count("steps"))

    @admin.display(description=_("steps"), ordering="number_of_steps")
    def step_count(self, obj: Any) -> int:
        """Return the number of steps of the guide."""
        return int(obj.number_of_steps)


@admin.register(GuideStep)
class GuideStepAdmin(PartAdmin):
    """Admin of one step, with its translations."""

    owner = "guide"
    list_display = ("title", "guide", "position")
    list_filter = ("guide",)
    list_select_related = ("guide",)
    search_fields = ("title", "text", "guide__title")
    autocomplete_fields = ("guide", "channel")
    fields = ("guide", "position", "title", "text", "channel")
