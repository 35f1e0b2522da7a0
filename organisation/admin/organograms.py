"""Admin of organograms: versions of the structure, and the successions of units in them."""

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from organisation.admin.headings import heading_of, tree_of
from organisation.models import FunctionalLine, Organogram, Placement, Succession
from pzgent.kernel.editing import (
    EditionAdmin,
    Fieldsets,
    PartAdmin,
    PartInline,
    free_slug,
    log_addition,
    may,
)
from pzgent.kernel.trees import WHOLE_TABLE, tree_locks


def copy_organogram(source: Organogram, valid_from: datetime.date) -> Organogram:
    """Create a draft with the same structure, names, kinds and lines, valid from the given day; linear time."""
    title = (gettext("%(title)s (copy)") % {"title": source.title})[:200]
    slug = free_slug(Organogram, f"{title[:80]} {valid_from}")
    with transaction.atomic():
        draft = Organogram.objects.create(
            slug=slug, title=title, valid_from=valid_from, summary=source.summary
        )
        copies: dict[UUID, Placement] = {}
        for place in Placement.objects.filter(organogram=source).order_by("tree_id", "lft"):
            copies[place.pk] = Placement(
                organogram=draft,
                unit_id=place.unit_id,
                parent=copies[place.parent_id] if place.parent_id else None,
                name=place.name,
                abbreviation=place.abbreviation,
                kind=place.kind,
            )
        Placement.objects.insert_tree(list(copies.values()))
        lines = list(FunctionalLine.objects.filter(organogram=source))
        for line in lines:
            line.pk, line.organogram = None, draft
            line._state.adding = True
        FunctionalLine.objects.bulk_create(lines)
    return draft


COPIED = (Organogram, Placement, FunctionalLine)


class SuccessionInline(PartInline):
    """Successions of units when this organogram took effect."""

    model = Succession
    fields = ("from_unit", "kind", "to_unit", "note")
    autocomplete_fields = ("from_unit", "to_unit")
    related = ("from_unit", "to_unit")


class FunctionalLineInline(PartInline):
    """Functional lines: units that are also steered by a unit other than their parent."""

    model = FunctionalLine
    fields = ("unit", "kind", "above", "note", "source", "source_place", "basis", "source_note")
    autocomplete_fields = ("unit", "above", "source")
    related = ("unit", "above", "source")


@admin.register(Organogram)
class OrganogramAdmin(EditionAdmin):
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

    @contextmanager
    def writing(self, request: HttpRequest, object_id: str | None) -> Iterator[None]:
        """Open a transaction that holds the tree locks, because deleting an organogram deletes its tree."""
        organograms = [*filter(None, [object_id]), *request.POST.getlist("_selected_action")]
        with tree_locks(Placement, {WHOLE_TABLE, *organograms}):
            yield

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

    def has_copy_permission(self, request: HttpRequest) -> bool:
        """True if the editor may add every object that a copy adds."""
        return may(request, "add", *COPIED)

    @admin.action(description=_("Copy to a new draft that starts tomorrow"), permissions=["copy"])
    def copy_to_draft(self, request: HttpRequest, queryset: QuerySet) -> HttpResponseRedirect | None:
        """Copy each selected organogram with its whole structure; redirect to the copy if there is only one."""
        if not self.has_copy_permission(request):
            raise PermissionDenied
        tomorrow = timezone.localdate() + datetime.timedelta(days=1)
        drafts = [copy_organogram(organogram, tomorrow) for organogram in queryset.order_by("valid_from")]
        for draft in drafts:
            log_addition(request, [draft, *draft.placements.all()])
            text = gettext(
                "“%(draft)s” is ready. Choose its first day, change the tree, and publish it once decided."
            )
            messages.success(request, text % {"draft": draft})
        if len(drafts) != 1:
            return None
        return HttpResponseRedirect(reverse("admin:organisation_organogram_change", args=[drafts[0].pk]))


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
