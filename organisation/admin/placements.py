"""Admin of placements: one organogram as a tree."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Field, ForeignKey, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from organisation.admin.headings import (
    FILTERS,
    PARAMETER,
    Heading,
    as_uuid,
    heading_of,
    headings_of,
    shown_organogram,
    workshop_of,
)
from organisation.admin.paths import get_placement_paths
from organisation.models import Organogram, Placement, Unit
from organisation.steps import recording
from pzgent.kernel.editing import (
    PageChangeList,
    PathSelect,
    TreeAdmin,
    TreeForm,
    log_change,
    may,
    visibility_of,
)
from pzgent.kernel.editing.forms import VERSION_TOKEN
from pzgent.kernel.versions.recording import recorder_of


class PlacementForm(TreeForm):
    """Placement form; the parent is selected from the same organogram."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.organogram = self._get_organogram()
        if self.is_new and self.organogram is not None:
            self.current_version_token = self.initial[VERSION_TOKEN] = heading_of(self.organogram).code
        if "name" in self.fields and self.is_new:
            self.fields["name"].required = False
            self.fields["name"].help_text = _("Leave it empty to take over the name of the unit.")
        widget = getattr(self.fields["parent"].widget, "widget", None) if "parent" in self.fields else None
        if self.organogram is not None and isinstance(widget, PathSelect):
            widget.limits = {PARAMETER: str(self.organogram.pk)}

    def _get_organogram(self) -> Organogram | None:
        """Return the organogram that the placement is in or will be added to."""
        if not self.instance._state.adding:
            return self.instance.organogram
        key = as_uuid(str(self.data.get(PARAMETER) or self.initial.get(PARAMETER) or ""))
        return Organogram.objects.filter(pk=key).first() if key else None

    def get_version_token(self) -> str:
        """Combine the version token of the placement with its organogram's state: a draft may have come into force."""
        return f"{super().get_version_token()}-{heading_of(self.instance.organogram).code}"

    def clean(self) -> dict[str, Any]:
        """Default to the unit's name, and refuse a second root."""
        cleaned = super().clean()
        if self.is_new:
            self._check_organogram(cleaned)
        if self.is_new and cleaned.get("unit") and not cleaned.get("name"):
            cleaned["name"] = cleaned["unit"].name
            cleaned["abbreviation"] = cleaned.get("abbreviation") or cleaned["unit"].abbreviation
        if "parent" in self.fields and "parent" not in self.errors and cleaned.get("parent") is None:
            tops = Placement.objects.filter(organogram=self.organogram, parent=None)
            if self.organogram and tops.exclude(pk=self.instance.pk).exists():
                self.add_error("parent", gettext("Choose what this unit is part of."))
        return cleaned

    def _check_organogram(self, cleaned: dict[str, Any]) -> None:
        """Refuse the form if its organogram was deleted, published or withdrawn since the form was opened."""
        if "organogram" in self.errors:
            self.add_error(None, gettext("This organogram does not exist any more. Go back to the tree."))
        elif self.organogram is not None and cleaned.get(VERSION_TOKEN) not in (
            "",
            None,
            self.current_version_token,
        ):
            values = {"heading": heading_of(self.organogram)}
            text = gettext("While you were busy, this organogram changed: %(heading)s. Is this still right?")
            self.add_error(None, text % values)
            sent: Any = self.data
            self.data = {**sent.dict(), VERSION_TOKEN: self.current_version_token}


class OrganogramFilter(admin.SimpleListFilter):
    """Filter on one organogram at a time, by default the one in force."""

    title = _("organogram")
    parameter_name = "organogram"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return all organograms, newest first."""
        self.shown = model_admin.get_organogram(request)
        return [(str(key), str(heading)) for key, heading in model_admin.get_headings(request).items()]

    def has_output(self) -> bool:
        """True even for a single organogram, so that the filter names it; False if there is none."""
        return bool(self.lookup_choices)

    def choices(self, changelist: Any) -> Any:
        """Yield the organograms, without the option “All”."""
        chosen = str(self.shown.pk) if self.shown else ""
        for key, title in self.lookup_choices:
            query = changelist.get_query_string({self.parameter_name: key}, remove=["p"])
            yield {"selected": key == chosen, "query_string": query, "display": title}

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """Return the placements of the selected organogram."""
        return queryset.filter(organogram=self.shown) if self.shown else queryset.none()


class PlacementChangeList(PageChangeList):
    """Change list whose links all keep the current organogram."""

    organogram: Organogram | None = None

    def get_query_string(self, new_params: Any = None, remove: Any = None) -> str:
        """Return the query string of a link, including the organogram unless the link leads to another one."""
        stay = {PARAMETER: str(self.organogram.pk)} if self.organogram else {}
        return super().get_query_string({**stay, **(new_params or {})}, remove)


@admin.register(Placement)
class PlacementAdmin(TreeAdmin):
    """Admin of the placements as a tree; changing “part of” moves a unit."""

    form = PlacementForm
    roots_move = False
    fields = ("organogram", "unit", "parent", "kind", "name", "abbreviation")
    autocomplete_fields = ("unit", "parent")
    list_display = ("tree_name", "moves", "links", "kind", "unit_state", "descendants")
    list_filter = (OrganogramFilter, "kind")
    list_select_related = ("parent", "unit", "organogram")
    search_fields = ("name", "abbreviation", "unit__slug", "parent__name")

    def get_organogram(self, request: HttpRequest) -> Organogram | None:
        """Return the organogram that a request is about: that of its placement, or else the one it names."""
        if not hasattr(request, "organogram"):
            request.organogram = shown_organogram(request)  # type: ignore[attr-defined]  # kept for this request
        organogram: Organogram | None = request.organogram  # type: ignore[attr-defined]
        return organogram

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """Return the placement, and bind the request to its organogram."""
        place = super().get_object(request, object_id, from_field)
        if place is not None:
            request.organogram = place.organogram  # type: ignore[attr-defined]  # kept for this request
        return place

    def get_preserved_filters(self, request: HttpRequest) -> str:
        """Return the filters of the list to return to, always with the organogram of this request."""
        filters = QueryDict(QueryDict(super().get_preserved_filters(request)).get(FILTERS, ""), mutable=True)
        organogram = self.get_organogram(request)
        if organogram is not None:
            filters[PARAMETER] = str(organogram.pk)
        return urlencode({FILTERS: filters.urlencode()}) if filters else ""

    def get_list_query(self, request: HttpRequest, node: Any) -> str:
        """Return the query string of the list that a move came from, with the organogram of the node."""
        query = QueryDict(super().get_list_query(request, node), mutable=True)
        if node is not None:
            query[PARAMETER] = str(node.organogram_id)
        return query.urlencode()

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """Return a change list that keeps its organogram."""
        shown = {"organogram": self.get_organogram(request)}
        return type("ShownChangeList", (PlacementChangeList,), shown)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Put a new placement in the organogram that the list showed."""
        organogram = self.get_organogram(request)
        initial: dict[str, Any] = super().get_changeform_initial_data(request)
        return {**initial, PARAMETER: str(organogram.pk) if organogram else ""}

    def formfield_for_foreignkey(self, db_field: ForeignKey, request: HttpRequest, **kwargs: Any) -> Any:
        """Hide the organogram, which the heading names and the form never changes."""
        if db_field.name == PARAMETER:
            kwargs["widget"] = forms.HiddenInput()
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_dbfield(self, db_field: Field, request: HttpRequest, **kwargs: Any) -> Any:
        """Remove the links to add or change a parent in a popup, which does not know the organogram."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "parent" and field is not None:
            for action in ("add", "change", "delete", "view"):
                setattr(field.widget, f"can_{action}_related", False)
        return field

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Show the tree under its heading."""
        return super().changelist_view(request, {**(extra_context or {}), **self._heading(request)})

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """Show the history of a placement under the heading of its organogram."""
        self.get_object(request, object_id)
        return super().history_view(request, object_id, {**(extra_context or {}), **self._heading(request)})

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Any:
        """Render the form under the heading of its organogram."""
        context.update(self._heading(request))
        return super().render_change_form(request, context, *args, **kwargs)

    def render_delete_form(self, request: HttpRequest, context: dict[str, Any]) -> Any:
        """Render the delete confirmation under the heading of the organogram."""
        return super().render_delete_form(request, {**context, **self._heading(request)})

    def get_headings(self, request: HttpRequest) -> dict[UUID, Heading]:
        """Return the heading of each organogram, newest first. One query per request."""
        if not hasattr(request, "headings"):
            organograms = list(Organogram.objects.with_in_force().order_by("-valid_from", "title"))
            keys = (organogram.pk for organogram in organograms)
            request.headings = dict(zip(keys, headings_of(organograms), strict=True))  # type: ignore[attr-defined]  # kept for this request
        headings: dict[UUID, Heading] = request.headings  # type: ignore[attr-defined]
        return headings

    def _heading(self, request: HttpRequest) -> dict[str, Any]:
        organogram = self.get_organogram(request)
        return {"edition_heading": self.get_headings(request).get(organogram.pk) if organogram else None}

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> Any:
        """Redirect to the tree that contains the new placement."""
        request.organogram = obj.organogram  # type: ignore[attr-defined]  # kept for this request
        return super().response_add(request, obj, post_url_continue)

    def response_post_save_add(self, request: HttpRequest, obj: Any) -> HttpResponseRedirect:
        """Redirect to the list that the form was opened from, or else to the new unit in the workshop."""
        return self._back_to_workshop(request, obj) or super().response_post_save_add(request, obj)

    def response_post_save_change(self, request: HttpRequest, obj: Any) -> HttpResponseRedirect:
        """Redirect to the list that the form was opened from, or else to the unit in the workshop."""
        return self._back_to_workshop(request, obj) or super().response_post_save_change(request, obj)

    def _back_to_workshop(self, request: HttpRequest, obj: Any) -> HttpResponseRedirect | None:
        came_from_list = FILTERS in request.GET
        return None if came_from_list else HttpResponseRedirect(workshop_of(obj.organogram, obj.pk))

    def get_refusals(self, request: HttpRequest, objects: Sequence[Any]) -> list[str]:
        """Refuse bulk deletion in a published organogram, and the deletion of its root."""
        kept = [place for place in objects if place.organogram.is_kept]
        if len(kept) > 1:
            return [
                gettext(
                    "Places of an organogram that is or was public are deleted one by one. Does the structure change? "
                    "Copy the organogram to a new draft, change it there, and publish it from its first day."
                )
            ]
        if any(place.parent_id is None for place in kept):
            return [gettext("The top of an organogram that is or was public cannot be deleted.")]
        return []

    def get_warnings(self, request: HttpRequest, objects: Sequence[Any]) -> list[str]:
        """Warn that a placement in a published organogram disappears from the site."""
        if not any(place.organogram.is_published for place in objects):
            return []
        return [
            gettext(
                "The unit disappears from this organogram at once, on the site too. Does it end on a day? Then do this "
                "in a new draft instead."
            )
        ]

    def get_list_display(self, request: HttpRequest) -> Any:
        """Add the path to search results, which lack context; drop the links without the required permissions."""
        columns = list(super().get_list_display(request))
        if not (
            may(request, "view", Unit)
            and may(request, "change", Placement)
            and may(request, "add", Placement)
        ):
            columns.remove("links")
        return [*columns[:1], "path", *columns[1:]] if request.GET.get("q") else columns

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Make unit and organogram read-only for existing placements; parent, kind and name stay editable."""
        return ("organogram", "unit") if obj else ()

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        """Return the search results, limited to one organogram if the request names it."""
        found, may_repeat = super().get_search_results(request, queryset, search_term)
        organogram = as_uuid(request.GET.get("organogram", ""))
        return (found.filter(organogram=organogram) if organogram else found), may_repeat

    def lock_keys(self, request: HttpRequest, object_id: str | None) -> set[str]:
        """Return the keys of the organograms whose placements this request names."""
        named = [as_uuid(key) for key in (object_id or "", *request.POST.getlist("_selected_action"))]
        keys = Placement.objects.filter(pk__in=[key for key in named if key])
        posted = as_uuid(request.POST.get("organogram", ""))
        return {str(key) for key in (*keys.values_list("organogram_id", flat=True).distinct(), posted) if key}

    @contextmanager
    def writing(self, request: HttpRequest, object_id: str | None) -> Iterator[None]:
        """Hold the locks of the trees, and record what changes in them as steps that can be undone."""
        with super().writing(request, object_id):
            organograms = Organogram.objects.filter(pk__in=self.lock_keys(request, object_id))
            with recording(list(organograms), request.user):
                yield

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save the placement; a unit that takes its name from it gets an entry in its own history too."""
        unit = Unit.objects.get(pk=obj.unit_id)
        recorder_of(request).remember([unit])
        super().save_model(request, obj, form, change)
        same = {"name": unit.name, "abbreviation": unit.abbreviation}
        log_change(request, Unit.objects.filter(pk=unit.pk).exclude(**same), gettext("name"))

    def get_labels(self, objects: Sequence[Any]) -> dict[Any, str]:
        """Return the full path, followed by the organogram if it is not the one in force."""
        paths = get_placement_paths(place.pk for place in objects)
        in_force = Organogram.objects.get_in_force()
        current = in_force.pk if in_force else None
        titles = Organogram.objects.in_bulk({place.organogram_id for place in objects} - {current})
        return {
            place.pk: f"{paths[place.pk]} ({titles[place.organogram_id]})"
            if place.organogram_id in titles
            else paths[place.pk]
            for place in objects
        }

    def complete_page(self, rows: Sequence[Any]) -> None:
        """Look up the paths of the placements on a page."""
        paths = get_placement_paths(place.pk for place in rows)
        for place in rows:
            place.path_text = paths[place.pk]

    def get_links(self, obj: Any) -> list[tuple[str, str]]:
        """Return the links to the unit, to a new placement below this one, and back to the tree."""
        return [
            (gettext("The unit itself"), _unit_page(obj)),
            (gettext("Add a unit below"), _add_below(obj)),
            (gettext("Back to the tree"), workshop_of(obj.organogram, obj.pk)),
        ]

    @admin.display(description=_("where it stands"))
    def path(self, obj: Any) -> str:
        """Return the path from the root."""
        return str(obj.path_text)

    @admin.display(description=_("unit on the site"))
    def unit_state(self, obj: Any) -> SafeString:
        """Return whether the public sees the unit."""
        code, words = visibility_of(obj.unit)
        if code == "published" and obj.unit.publication_level != "public":
            code, words = "draft", obj.unit.get_publication_level_display()
        return format_html('<span class="state state-{}">{}</span>', code, words)

    @admin.display(description=_("go to"))
    def links(self, obj: Any) -> SafeString:
        """Return the links to the unit, to the form that moves it, and to a new placement below it."""
        return format_html(
            '<a href="{}">{}</a> · <a href="{}?organogram={}#id_parent">{}</a> · <a href="{}">{}</a>',
            _unit_page(obj),
            gettext("unit"),
            reverse("admin:organisation_placement_change", args=[obj.pk]),
            obj.organogram_id,
            gettext("move to…"),
            _add_below(obj),
            gettext("add below"),
        )


def _unit_page(place: Placement) -> str:
    """Return the URL of the unit's form, showing its placement in the same organogram."""
    return (
        f"{reverse('admin:organisation_unit_change', args=[place.unit_id])}?organogram={place.organogram_id}"
    )


def _add_below(place: Placement) -> str:
    """Return the URL of the form for a new placement below this one."""
    return f"{reverse('admin:organisation_placement_add')}?organogram={place.organogram_id}&parent={place.pk}"
