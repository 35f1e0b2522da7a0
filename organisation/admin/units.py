"""The admin of units, with their place in the organogram."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from organisation.admin.paths import get_placement_paths, get_unit_places
from organisation.models import FormerSlug, Organogram, Placement, Unit, UnitKind
from pzgent.editing import (
    Fieldsets,
    PathSelect,
    PublishableAdmin,
    PublishableForm,
    ReadOnlyInline,
    below_itself,
    log_addition,
    log_change,
    may,
)
from pzgent.trees import WHOLE_TABLE, tree_locks

PLACE_FIELDS = ("part_of", "place_kind")


class UnitForm(PublishableForm):
    """A unit and, in the same form, its place in one organogram."""

    slug_source = "name"
    organogram: ClassVar[Organogram | None] = None

    part_of = forms.ModelChoiceField(
        Placement.objects.none(),
        required=False,
        label=_("part of"),
        help_text=_("Choose another unit here to move this one, with everything below it."),
    )
    place_kind = forms.ChoiceField(
        required=False, label=_("kind of unit"), choices=[("", "---------"), *UnitKind.choices]
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.organogram is None:
            for name in PLACE_FIELDS:
                del self.fields[name]
            return
        field: Any = self.fields["part_of"]
        widget = PathSelect(Placement._meta.get_field("parent"), admin.site)
        widget.limits = {"organogram": str(self.organogram.pk)}
        field.queryset = Placement.objects.filter(organogram=self.organogram)
        field.widget, widget.is_required, widget.choices = widget, False, field.choices
        field.error_messages["invalid_choice"] = _(
            "This unit has no place in this organogram. Choose another one."
        )
        if self.place is not None:
            self.initial.update(part_of=self.place.parent_id, place_kind=self.place.kind)

    @cached_property
    def place(self) -> Placement | None:
        """The unit's place in the organogram of this form."""
        if self.organogram is None or self.instance._state.adding:
            return None
        return Placement.objects.filter(organogram=self.organogram, unit=self.instance).first()

    def get_stamp(self) -> str:
        """The version of the unit and where it stands: moving it elsewhere counts as a change too."""
        where = f"-{self.place.parent_id}-{self.place.kind}" if self.place else ""
        return f"{super().get_stamp()}{where}"

    def is_taken(self, slug: str) -> bool:
        """Also address names that a unit once had stay taken."""
        return super().is_taken(slug) or FormerSlug.objects.filter(slug=slug).exists()

    def clean(self) -> dict[str, Any]:
        """Refuse a place that cannot be."""
        cleaned = super().clean()
        if self.organogram is not None and not self.errors.keys() & set(PLACE_FIELDS):
            self._check_place(cleaned.get("part_of"), cleaned.get("place_kind"))
        return cleaned

    def _check_place(self, parent: Placement | None, kind: str | None) -> None:
        """Every unit but the top one is part of another, none is part of itself, and each place has a kind."""
        place = self.place
        if place is None and not parent and not kind:
            return
        if not kind:
            self.add_error("place_kind", gettext("Choose what kind of unit it is."))
        if parent is None:
            has_top = Placement.objects.filter(organogram=self.organogram, parent=None).exists()
            if (place is None and has_top) or (place is not None and place.parent_id is not None):
                self.add_error("part_of", gettext("Choose what this unit is part of."))
        elif place is not None and parent.is_descendant_of(place, include_self=True):
            self.add_error("part_of", below_itself())

    def save_place(self) -> tuple[Placement, bool] | None:
        """Give the unit the place that was chosen; returns that place and True if it is new, None if nothing changed.

        Reads the place anew, because saving the unit may rename it.
        """
        parent, kind = self.cleaned_data.get("part_of"), self.cleaned_data.get("place_kind")
        if self.organogram is None or not kind:
            return None
        place = Placement.objects.filter(organogram=self.organogram, unit=self.instance).first()
        if place is None:
            place = Placement(organogram=self.organogram, unit=self.instance)
        elif (place.parent_id, place.kind) == (parent.pk if parent else None, kind):
            return None
        place.parent, place.kind = parent, kind
        is_new = place._state.adding
        place.save()
        return place, is_new


class FormerSlugInline(ReadOnlyInline):
    """Addresses that lead here."""

    model = FormerSlug
    fields = ("slug",)
    verbose_name_plural = _("former address names (they keep leading here)")


class PlaceFilter(admin.SimpleListFilter):
    """Units by their place in the organogram in force."""

    title = _("in the organogram in force")
    parameter_name = "place"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Without a place, or with one of a kind."""
        return [("none", _("without a place")), *UnitKind.choices]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """The units that answer to the choice."""
        value = self.value()
        placed = Placement.objects.filter(organogram__in=Organogram.objects.in_force())
        if value == "none":
            return queryset.exclude(pk__in=placed.values("unit"))
        if value:
            return queryset.filter(pk__in=placed.filter(kind=value).values("unit"))
        return queryset


@admin.register(Unit)
class UnitAdmin(PublishableAdmin):
    """Units: what they are called, what they do, and where they stand."""

    form = UnitForm
    list_display = ("name", "abbreviation", "path", "kind", "publication_level", "shown", "modified")
    list_filter = ("publication_level", PlaceFilter)
    search_fields = ("name", "abbreviation", "slug", "summary")
    prepopulated_on_add: ClassVar[dict[str, Sequence[str]]] = {"slug": ("name",)}
    inlines = (FormerSlugInline,)
    readonly_fields = (*PublishableAdmin.readonly_fields, "places")

    def get_publication_fields(self) -> list[str]:
        """How much of a published unit is shown."""
        return ["publication_level"]

    def get_main_fieldsets(self, request: HttpRequest, obj: Any = None) -> Fieldsets:
        """What it is, where it stands, and its logo."""
        what = [("name", "abbreviation"), "slug", "summary", "description", "tasks"]
        fieldsets: Fieldsets = [(_("What it is"), {"fields": what})]
        organogram = self._get_organogram(obj) if self._may_place(request, obj) else None
        shows_places = obj and may(request, "view", Placement)
        if organogram is not None:
            title = gettext("Where it stands in “%(organogram)s”") % {"organogram": organogram.title}
            fieldsets.append((title, {"fields": [PLACE_FIELDS, *(["places"] if shows_places else [])]}))
        elif shows_places:
            fieldsets.append((_("Where it stands"), {"fields": ["places"]}))
        fieldsets.append((_("Logo"), {"fields": [("logo", "logo_alt")]}))
        return fieldsets

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """The form, told in which organogram the place is edited."""
        form = super().get_form(request, obj, change, **kwargs)
        may_place = self._may_place(request, obj)
        if not may_place and request.POST.keys() & set(PLACE_FIELDS):
            raise PermissionDenied
        form.organogram = self._get_organogram(obj) if may_place else None
        return form

    def _may_place(self, request: HttpRequest, obj: Any) -> bool:
        """True if the editor may give the unit a place, or move it from the one it has with all below it."""
        organogram = self._get_organogram(obj)
        has_place = obj and Placement.objects.filter(organogram=organogram, unit=obj).exists()
        may_write = self.has_change_permission(request, obj) if obj else self.has_add_permission(request)
        return (
            may_write
            and may(request, "view", Placement)
            and may(request, "change" if has_place else "add", Placement)
        )

    def _get_organogram(self, obj: Any) -> Organogram | None:
        """A new unit gets a place in the newest organogram; an existing one moves in the one in force."""
        organogram = Organogram.objects.get_in_force() if obj else Organogram.objects.get_newest()
        return organogram if isinstance(organogram, Organogram) else None

    @contextmanager
    def writing(self, request: HttpRequest, object_id: str | None) -> Iterator[None]:
        """One transaction that holds the locks of the organograms a unit's name and place are in."""
        editions = (Organogram.objects.get_in_force(), Organogram.objects.get_newest())
        with tree_locks(Placement, {WHOLE_TABLE, *(str(edition.pk) for edition in editions if edition)}):
            yield

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save the unit, then its place; a place that is renamed or moved with it has that in its own history too."""
        super().save_model(request, obj, form, change)
        if change and {"name", "abbreviation"} & set(form.changed_data):
            log_change(request, Placement.objects.newest_of(obj), gettext("name"))
        if saved := form.save_place():
            place, is_new = saved
            log_addition(request, [place]) if is_new else log_change(request, [place], gettext("part of"))

    def get_labels(self, objects: Sequence[Any]) -> dict[Any, str]:
        """The whole path, with the abbreviation behind it."""
        places = get_unit_places(unit.pk for unit in objects)
        return {unit.pk: _label(unit, places.get(unit.pk)) for unit in objects}

    def complete_page(self, rows: Sequence[Any]) -> None:
        """Look up where the units of a page stand."""
        places = get_unit_places(unit.pk for unit in rows)
        for unit in rows:
            unit.place_text = places.get(unit.pk, ("–", "–"))

    def get_links(self, obj: Any) -> list[tuple[str, str]]:
        """To the tree in which it stands."""
        return [
            (gettext("Show the organogram as a tree"), reverse("admin:organisation_placement_changelist"))
        ]

    @admin.display(description=_("where it stands"))
    def path(self, obj: Any) -> str:
        """The path in the organogram in force."""
        return str(obj.place_text[0])

    @admin.display(description=_("kind"))
    def kind(self, obj: Any) -> str:
        """The kind in the organogram in force."""
        return str(obj.place_text[1])

    @admin.display(description=_("in every organogram"))
    def places(self, obj: Any) -> SafeString:
        """Each place the unit has or had, with a link to it."""
        placements = list(
            Placement.objects.filter(unit=obj)
            .select_related("organogram")
            .order_by("-organogram__valid_from")
        )
        paths = get_placement_paths(place.pk for place in placements)
        rows = format_html_join(
            "",
            '<li>{}: <a href="{}">{}</a> ({})</li>',
            (
                (
                    place.organogram.title,
                    reverse("admin:organisation_placement_change", args=[place.pk]),
                    paths[place.pk],
                    place.get_kind_display(),
                )
                for place in placements
            ),
        )
        return format_html('<ul class="path-list">{}</ul>', rows) if placements else SafeString("–")


def _label(unit: Unit, place: tuple[str, str] | None) -> str:
    """A unit's path and abbreviation; only its name when it stands nowhere."""
    if place is None:
        return str(unit)
    return f"{place[0]} ({unit.abbreviation})" if unit.abbreviation else place[0]
