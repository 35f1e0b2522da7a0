"""Admin of places and the areas that they serve."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from contact.admin.dated import ON_ITS_DAYS
from contact.models import (
    CareArea,
    Location,
)
from pzgent.kernel.editing import (
    Fieldsets,
    PublishableAdmin,
    PublishableForm,
)
from pzgent.kernel.paths import path_of


class LocationForm(PublishableForm):
    """Location form that derives the slug from the name."""

    slug_source = "name"


@admin.register(Location)
class LocationAdmin(PublishableAdmin):
    """Admin of the places that are open to visitors."""

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
        """Return the address on one line."""
        return str(obj.address)


@admin.register(CareArea)
class CareAreaAdmin(PublishableAdmin):
    """Admin of the areas: which place serves which part of the city."""

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

    def get_page(self, obj: CareArea) -> str:
        """Return the page with all places."""
        return path_of("stations")
