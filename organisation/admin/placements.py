"""The admin of places: one organogram as a tree."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from organisation.admin.paths import get_placement_paths
from organisation.models import Organogram, Placement, Unit
from pzgent.editing import PathSelect, TreeAdmin, TreeForm, log_change, may, visibility_of


class PlacementForm(TreeForm):
    """A unit's place; its parent is chosen among the places of the same organogram."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "name" in self.fields and self.is_new:
            self.fields["name"].required = False
            self.fields["name"].help_text = _("Leave it empty to take over the name of the unit.")
        if "parent" in self.fields:
            self._narrow_parent()

    def _narrow_parent(self) -> None:
        """Offer only places of the organogram that is known already."""
        organogram = self.initial.get("organogram") if self.is_new else self.instance.organogram_id
        widget = getattr(self.fields["parent"].widget, "widget", None)
        if organogram and isinstance(widget, PathSelect):
            widget.limits = {"organogram": str(organogram)}

    def clean(self) -> dict[str, Any]:
        """Take over the unit's name where none is given, and refuse a second top."""
        cleaned = super().clean()
        if self.is_new and cleaned.get("unit") and not cleaned.get("name"):
            cleaned["name"] = cleaned["unit"].name
            cleaned["abbreviation"] = cleaned.get("abbreviation") or cleaned["unit"].abbreviation
        if "parent" in self.fields and "parent" not in self.errors and cleaned.get("parent") is None:
            organogram = cleaned.get("organogram") or (None if self.is_new else self.instance.organogram_id)
            tops = Placement.objects.filter(organogram=organogram, parent=None).exclude(pk=self.instance.pk)
            if organogram and tops.exists():
                self.add_error("parent", gettext("Choose what this unit is part of."))
        return cleaned


class OrganogramFilter(admin.SimpleListFilter):
    """One organogram at a time; the one in force unless another is chosen."""

    title = _("organogram")
    parameter_name = "organogram"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """All organograms, the newest first."""
        return [(str(item.pk), item.title) for item in Organogram.objects.order_by("-valid_from", "title")]

    def has_output(self) -> bool:
        """Also with one organogram, say which it is."""
        return bool(self.lookup_choices)

    def chosen(self) -> str:
        """The organogram asked for, or else the one in force, or else the newest."""
        known = [key for key, _title in self.lookup_choices]
        if self.value() in known:
            return str(self.value())
        in_force = Organogram.objects.get_in_force()
        return str(in_force.pk) if in_force else next(iter(known), "")

    def choices(self, changelist: Any) -> Any:
        """The organograms, without the choice of all together."""
        chosen = self.chosen()
        for key, title in self.lookup_choices:
            query = changelist.get_query_string({self.parameter_name: key}, remove=["p"])
            yield {"selected": key == chosen, "query_string": query, "display": title}

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """The places of the chosen organogram."""
        chosen = self.chosen()
        return queryset.filter(organogram=chosen) if chosen else queryset.none()


@admin.register(Placement)
class PlacementAdmin(TreeAdmin):
    """Places as a tree; moving a unit is choosing another “part of”."""

    form = PlacementForm
    roots_move = False
    fields = ("organogram", "unit", "parent", "kind", "name", "abbreviation")
    autocomplete_fields = ("organogram", "unit", "parent")
    list_display = ("tree_name", "moves", "links", "kind", "unit_state", "descendants")
    list_filter = (OrganogramFilter, "kind")
    list_select_related = ("parent", "unit")
    search_fields = ("name", "abbreviation", "unit__slug", "parent__name")

    def get_list_display(self, request: HttpRequest) -> Any:
        """Search results show where they stand, for they are torn from their surroundings; links as far as allowed."""
        columns = list(super().get_list_display(request))
        if not (
            may(request, "view", Unit)
            and may(request, "change", Placement)
            and may(request, "add", Placement)
        ):
            columns.remove("links")
        return [*columns[:1], "path", *columns[1:]] if request.GET.get("q") else columns

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Which unit and which organogram never change; only where, what and under which name."""
        return ("organogram", "unit") if obj else ()

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        """What was searched, in one organogram when the choice is limited to it."""
        found, may_repeat = super().get_search_results(request, queryset, search_term)
        organogram = as_uuid(request.GET.get("organogram", ""))
        return (found.filter(organogram=organogram) if organogram else found), may_repeat

    def lock_keys(self, request: HttpRequest, object_id: str | None) -> set[str]:
        """The organograms of the places that this request names."""
        named = [as_uuid(key) for key in (object_id or "", *request.POST.getlist("_selected_action"))]
        keys = Placement.objects.filter(pk__in=[key for key in named if key])
        posted = as_uuid(request.POST.get("organogram", ""))
        return {str(key) for key in (*keys.values_list("organogram_id", flat=True).distinct(), posted) if key}

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save the place; a unit that gets its name from it has that in its own history too."""
        unit = Unit.objects.get(pk=obj.unit_id)
        super().save_model(request, obj, form, change)
        same = {"name": unit.name, "abbreviation": unit.abbreviation}
        log_change(request, Unit.objects.filter(pk=unit.pk).exclude(**same), gettext("name"))

    def get_labels(self, objects: Sequence[Any]) -> dict[Any, str]:
        """The whole path, with the organogram before it when that is not the one in force."""
        paths = get_placement_paths(place.pk for place in objects)
        in_force = Organogram.objects.get_in_force()
        current = in_force.pk if in_force else None
        titles = Organogram.objects.in_bulk({place.organogram_id for place in objects} - {current})
        return {
            place.pk: f"{titles[place.organogram_id]}: {paths[place.pk]}"
            if place.organogram_id in titles
            else paths[place.pk]
            for place in objects
        }

    def complete_page(self, rows: Sequence[Any]) -> None:
        """Look up the paths of the places of a page."""
        paths = get_placement_paths(place.pk for place in rows)
        for place in rows:
            place.path_text = paths[place.pk]

    def get_links(self, obj: Any) -> list[tuple[str, str]]:
        """To the unit, to a new place below this one, and back to the tree."""
        tree = reverse("admin:organisation_placement_changelist")
        return [
            (gettext("The unit itself"), reverse("admin:organisation_unit_change", args=[obj.unit_id])),
            (gettext("Add a unit below"), _add_below(obj)),
            (gettext("Back to the tree"), f"{tree}?organogram={obj.organogram_id}"),
        ]

    @admin.display(description=_("where it stands"))
    def path(self, obj: Any) -> str:
        """The path from the top."""
        return str(obj.path_text)

    @admin.display(description=_("unit on the site"))
    def unit_state(self, obj: Any) -> SafeString:
        """Whether the public sees the unit."""
        code, words = visibility_of(obj.unit)
        if code == "published" and obj.unit.publication_level != "public":
            code, words = "draft", obj.unit.get_publication_level_display()
        return format_html('<span class="state state-{}">{}</span>', code, words)

    @admin.display(description=_("go to"))
    def links(self, obj: Any) -> SafeString:
        """To the unit, to the form that moves it anywhere, and to a new place below."""
        return format_html(
            '<a href="{}">{}</a> · <a href="{}#id_parent">{}</a> · <a href="{}">{}</a>',
            reverse("admin:organisation_unit_change", args=[obj.unit_id]),
            gettext("unit"),
            reverse("admin:organisation_placement_change", args=[obj.pk]),
            gettext("move to…"),
            _add_below(obj),
            gettext("add below"),
        )


def _add_below(place: Placement) -> str:
    """The address of the form for a new place below this one."""
    return f"{reverse('admin:organisation_placement_add')}?organogram={place.organogram_id}&parent={place.pk}"


def as_uuid(text: str) -> UUID | None:
    """The text as a UUID, or None when it is not one."""
    try:
        return UUID(text)
    except ValueError:
        return None
