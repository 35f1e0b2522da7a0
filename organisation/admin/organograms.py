"""Admin of organograms: versions of the structure, and the successions of units in them."""

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from organisation.admin.drafts import DraftAdmin
from organisation.admin.headings import heading_of, tree_of
from organisation.models import FunctionalLine, Organogram, Succession
from pzgent.kernel.editing import (
    EditionAdmin,
    Fieldsets,
    PartAdmin,
    PartInline,
)


class SuccessionInline(PartInline):
    """Successions of units when this organogram took effect."""

    model = Succession
    fields = ("from_unit", "kind", "to_unit", "note")
    autocomplete_fields = ("from_unit", "to_unit")
    related = ("from_unit", "to_unit")


class FunctionalLineInline(PartInline):
    """Functional lines: units that are also steered by a unit other than their parent."""

    model = FunctionalLine
    # Dozens of lines of eight fields, which do not fit beside each other.
    classes = ("collapse",)
    template = "admin/edit_inline/stacked.html"
    fields = ("unit", "kind", "above", "note", "source", "source_place", "basis", "source_note")
    autocomplete_fields = ("unit", "above", "source")
    related = ("unit", "above", "source")


@admin.register(Organogram)
class OrganogramAdmin(DraftAdmin):
    """Admin of the versions of the structure; a reorganisation starts as a copy."""

    list_display = ("title", "valid_from", "in_force", "shown", "size", "tree", "modified")
    main_fieldsets: ClassVar[Fieldsets] = [(_("What it says"), {"fields": ["summary"]})]
    inlines = (FunctionalLineInline, SuccessionInline)
    actions = ("copy_to_draft", *EditionAdmin.actions)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Return the organograms, annotated with their number of placements."""
        queryset: Any = super().get_queryset(request)
        sized: QuerySet = queryset.with_size()
        return sized

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Any:
        """Render the form under a heading that states the organogram's status."""
        obj = kwargs.get("obj")
        context["edition_heading"] = heading_of(obj) if obj else None
        return super().render_change_form(request, context, *args, **kwargs)

    def get_links(self, obj: Any) -> list[tuple[str, str]]:
        """Return the link to the tree."""
        return [(gettext("Show as a tree"), tree_of(obj))]

    @admin.display(description=_("places"), ordering="size")
    def size(self, obj: Any) -> int:
        """Return the number of units in the organogram."""
        return int(obj.size)

    @admin.display(description=_("tree"))
    def tree(self, obj: Any) -> SafeString:
        """Return a link to the tree."""
        return format_html('<a href="{}">{}</a>', tree_of(obj), gettext("show as a tree"))

    @admin.action(description=_("Copy to a new draft"), permissions=["copy"])
    def copy_to_draft(self, request: HttpRequest, queryset: QuerySet) -> HttpResponseRedirect | None:
        """Open the page that asks for the title and first day of a copy of the selected organogram."""
        if not self.has_copy_permission(request):
            raise PermissionDenied
        keys = list(queryset.order_by().values_list("pk", flat=True)[:2])
        if len(keys) > 1:
            messages.warning(request, gettext("Copy one organogram at a time: tick one."))
            return None
        return HttpResponseRedirect(reverse("admin:organisation_organogram_duplicate", args=keys))


@admin.register(Succession)
class SuccessionAdmin(PartAdmin):
    """Admin of the successions in all organograms."""

    owner = "organogram"
    list_display = ("from_unit", "kind", "to_unit", "organogram")
    list_filter = ("kind", "organogram")
    list_select_related = ("from_unit", "to_unit", "organogram")
    search_fields = ("from_unit__name", "to_unit__name", "from_unit__slug", "to_unit__slug", "note")
    autocomplete_fields = ("from_unit", "to_unit", "organogram")
    fields = ("organogram", "from_unit", "kind", "to_unit", "note")
