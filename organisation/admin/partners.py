"""Admin of partners outside the police."""

from collections.abc import Sequence
from typing import ClassVar

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from organisation.models import Partner
from pzgent.kernel.editing import Fieldsets, PublishableAdmin, PublishableForm


class PartnerForm(PublishableForm):
    """Partner form that derives the slug from the name."""

    slug_source = "name"


@admin.register(Partner)
class PartnerAdmin(PublishableAdmin):
    """Admin of the outside bodies that units work with."""

    form = PartnerForm
    list_display = ("name", "kind", "shown", "modified")
    list_filter = ("kind",)
    search_fields = ("name", "slug", "summary", "units__name", "editor_note")
    autocomplete_fields = ("units",)
    prepopulated_on_add: ClassVar[dict[str, Sequence[str]]] = {"slug": ("name",)}
    main_fieldsets: ClassVar[Fieldsets] = [
        (_("What it is"), {"fields": ["name", "slug", "kind", "summary", "url"]}),
        (_("Who works with it"), {"fields": ["units"]}),
    ]
