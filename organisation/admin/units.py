"""Admin of units, with their placement in the organogram."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from organisation.admin.headings import asked_organogram, heading_of, headings_of, tree_of, workshop_of
from organisation.admin.paths import get_placement_paths, get_unit_places
from organisation.admin.unit_sheet import UnitSheet
from organisation.models import FormerSlug, Organogram, Placement, Unit, UnitKind
from organisation.placing import PlacementChange
from organisation.steps import recording
from pzgent.kernel.editing import (
    ROWS,
    Fieldsets,
    PathSelect,
    PublishableAdmin,
    PublishableForm,
    ReadOnlyInline,
    Sheet,
    below_itself,
    log_addition,
    log_change,
    may,
    reachable,
)
from pzgent.kernel.trees import WHOLE_TABLE, tree_locks
from pzgent.kernel.versions.recording import recorder_of
from pzgent.kernel.versions.snapshots import Snapshot

PLACE_FIELDS = ("part_of", "place_kind")
# Form field names of the placement's values.
FORM_NAMES = {"part_of": "parent", "place_kind": "kind"}


class UnitForm(PublishableForm):
    """Unit form that also edits its name and placement in the organograms selected by the editor.

    The form shows the values of one organogram, `shown`. Changed values are written to each selected organogram.
    """

    slug_source = "name"
    shown: ClassVar[Organogram | None] = None
    options: ClassVar[Sequence[Organogram]] = ()
    is_asked: ClassVar[bool] = False
    # The placements that the account may choose as a parent.
    parents: ClassVar[QuerySet[Placement]] = Placement.objects.none()

    part_of = forms.ModelChoiceField(
        Placement.objects.none(),
        required=False,
        label=_("part of"),
        help_text=_("Choose another unit here to move this one, with everything below it."),
    )
    place_kind = forms.ChoiceField(
        required=False,
        label=_("kind of unit"),
        choices=[("", "---------"), *UnitKind.choices],
        help_text=_("As the source calls it. It holds in the same organograms as “part of”."),
    )
    applies_in = forms.MultipleChoiceField(
        required=False,
        label=_("applies in"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_(
            "Tick where a new name, abbreviation, kind or “part of” applies: today, from a later day, or both. "
            "What you do not tick stays as it is."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if len(self.options) < 2:
            del self.fields["applies_in"]
        else:
            applies_in: Any = self.fields["applies_in"]
            headings = zip(self.options, headings_of(self.options), strict=True)
            applies_in.choices = [(str(item.pk), str(heading)) for item, heading in headings]
            if self.is_asked and self.shown is not None:
                self.initial["applies_in"] = [str(self.shown.pk)]
        if self.shown is None:
            for name in PLACE_FIELDS:
                del self.fields[name]
            return
        if "name" in self.fields:
            self.fields["name"].help_text = _(
                "The name in this organogram. Others keep theirs unless you tick them."
            )
        field: Any = self.fields["part_of"]
        widget = PathSelect(Placement._meta.get_field("parent"), admin.site)
        widget.limits = {"organogram": str(self.shown.pk)}
        current = self.place.parent_id if self.place else None
        may_choose = Q(pk__in=self.parents.order_by().values("pk")) | Q(pk=current)
        field.queryset = Placement.objects.filter(may_choose, organogram=self.shown)
        field.widget, widget.is_required, widget.choices = widget, False, field.choices
        field.error_messages["invalid_choice"] = _(
            "This unit has no place in this organogram. Choose another one."
        )
        if self.place is not None:
            self.initial.update(part_of=self.place.parent_id, place_kind=self.place.kind)
            self.initial.update(name=self.place.name, abbreviation=self.place.abbreviation)

    @cached_property
    def place(self) -> Placement | None:
        """Return the unit's placement in the organogram that the form shows."""
        if self.shown is None or self.instance._state.adding:
            return None
        return Placement.objects.filter(organogram=self.shown, unit=self.instance).first()

    def get_version_token(self) -> str:
        """Combine the versions of the unit and its placements in all organograms in play, and the states of these."""
        places = Placement.objects.filter(unit=self.instance, organogram__in=self.options)
        rows = list(places.order_by("pk").values_list("pk", "name", "abbreviation", "kind", "parent"))
        states = [heading.code for heading in headings_of(self.options)]
        digest = hashlib.sha256(repr((rows, states)).encode()).hexdigest()[:20]
        return f"{super().get_version_token()}-{digest}"

    def is_taken(self, slug: str) -> bool:
        """Treat former slugs of units as taken too."""
        return super().is_taken(slug) or FormerSlug.objects.filter(slug=slug).exists()

    def get_taken_slugs(self) -> set[str]:
        """Return the slugs of units, and their former ones."""
        return super().get_taken_slugs() | set(FormerSlug.objects.order_by().values_list("slug", flat=True))

    def clean(self) -> dict[str, Any]:
        """Require the organograms of a change, and refuse an impossible placement."""
        cleaned = super().clean()
        if self.shown is not None and not self.errors.keys() & {*PLACE_FIELDS, "applies_in"}:
            self._check_places(cleaned)
        return cleaned

    @property
    def change(self) -> PlacementChange:
        """Return the changed name and placement values; all of them for a new unit."""
        cleaned = self.cleaned_data
        parent = cleaned.get("part_of")
        values = {
            "name": cleaned.get("name"),
            "abbreviation": cleaned.get("abbreviation"),
            "place_kind": cleaned.get("place_kind"),
            "part_of": parent.unit if parent else None,
        }
        kept = {name: value for name, value in values.items() if self.is_new or name in self.changed_data}
        return PlacementChange({FORM_NAMES.get(name, name): value for name, value in kept.items()})

    @property
    def chosen(self) -> list[Organogram]:
        """Return the organograms to which the change applies."""
        if "applies_in" not in self.fields:
            is_placed = (
                not self.is_new or self.cleaned_data.get("part_of") or self.cleaned_data.get("place_kind")
            )
            return list(self.options) if is_placed else []
        return [item for item in self.options if str(item.pk) in self.cleaned_data.get("applies_in", ())]

    def _check_places(self, cleaned: dict[str, Any]) -> None:
        """Validate the change for each organogram to which it applies."""
        change, chosen = self.change, self.chosen
        is_placed = cleaned.get("part_of") or cleaned.get("place_kind")
        stands = not self.is_new and any(self._stands_in(item) for item in self.options)
        if not chosen and (change.values if stands else is_placed):
            if "applies_in" in self.fields:
                self.add_error(
                    "applies_in", gettext("Tick where this applies: today, from a later day, or both.")
                )
            return
        if not change.values:
            return
        unit = None if self.is_new else self.instance
        for organogram in chosen:
            if not self.is_new and not is_placed and not self._stands_in(organogram):
                continue
            for name, error in change.errors(unit, organogram).items():
                field = next(key for key, value in FORM_NAMES.items() if value == name)
                code = "cycle" if name == "parent" and error == below_itself().message else None
                text = error if len(self.options) < 2 else f"{error} ({organogram})"
                self.add_error(field, ValidationError(text, code))

    def _stands_in(self, organogram: Organogram) -> bool:
        return Placement.objects.filter(organogram=organogram, unit=self.instance).exists()

    def keep_own_name(self) -> None:
        """Keep the stored name of the unit, that of the newest organogram; only its placements get the new one."""
        stands = Placement.objects.filter(unit=self.instance, organogram__in=self.options)
        if (self.chosen or stands.exists()) and Placement.objects.newest_of(self.instance).exists():
            stored = Unit.objects.get(pk=self.instance.pk)
            self.instance.name, self.instance.abbreviation = stored.name, stored.abbreviation

    def save_places(self) -> list[tuple[Placement, bool]]:
        """Write the changes to the selected organograms; return the changed placements, with True for new ones."""
        if self.shown is None:
            return []
        is_placed = self.cleaned_data.get("part_of") or self.cleaned_data.get("place_kind")
        chosen = [item for item in self.chosen if is_placed or self._stands_in(item)]
        written = self.change.write(self.instance, chosen)
        self.instance.refresh_from_db(fields=["name", "abbreviation", "version", "modified"])
        return written


class FormerSlugInline(ReadOnlyInline):
    """Former slugs that redirect to the unit."""

    model = FormerSlug
    fields = ("slug",)
    verbose_name_plural = _("former address names (they keep leading here)")


class PlaceFilter(admin.SimpleListFilter):
    """Filter units by their placement in the organogram in force."""

    title = _("in the organogram in force")
    parameter_name = "place"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return the options: without a placement, or placed with a given kind."""
        return [("none", _("without a place")), *UnitKind.choices]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """Return the units that match the selected option."""
        value = self.value()
        placed = Placement.objects.filter(organogram__in=Organogram.objects.in_force())
        if value == "none":
            return queryset.exclude(pk__in=placed.values("unit"))
        if value:
            return queryset.filter(pk__in=placed.filter(kind=value).values("unit"))
        return queryset


@admin.register(Unit)
class UnitAdmin(PublishableAdmin):
    """Admin of units: their names, tasks and placements."""

    form = UnitForm
    sheets: ClassVar[Mapping[str, type[Sheet]]] = {ROWS: UnitSheet}
    imported = ROWS
    list_display = ("name", "abbreviation", "path", "kind", "publication_level", "shown", "modified")
    list_filter = ("publication_level", PlaceFilter)
    search_fields = ("name", "abbreviation", "slug", "summary")
    prepopulated_on_add: ClassVar[dict[str, Sequence[str]]] = {"slug": ("name",)}
    inlines = (FormerSlugInline,)
    readonly_fields = (*PublishableAdmin.readonly_fields, "places")

    def get_publication_fields(self) -> list[str]:
        """Return the field that limits how much of a published unit is shown."""
        return ["publication_level"]

    def get_main_fieldsets(self, request: HttpRequest, obj: Any = None) -> Fieldsets:
        """Return the fieldsets: name and placement, description, and logo."""
        names, what = ("name", "abbreviation"), ["slug", "summary", "description", "tasks"]
        logo = (_("Logo"), {"fields": [("logo", "logo_alt")]})
        shown, options = self._get_places(request, obj)
        places = ["places"] if obj and may(request, "view", Placement) else []
        if shown is None:
            fieldsets: Fieldsets = [(_("What it is"), {"fields": [names, *what]})]
            return [*fieldsets, *([(_("Where it stands"), {"fields": places})] if places else []), logo]
        title = gettext("Name and place. %(heading)s") % {"heading": heading_of(shown)}
        fields = [names, PLACE_FIELDS, *(["applies_in"] if len(options) > 1 else []), *places]
        where = {"fields": fields, "description": self._get_switch(request, obj, shown)}
        return [(title, where), (_("What it is"), {"fields": what}), logo]

    def _get_switch(self, request: HttpRequest, obj: Any, shown: Organogram) -> SafeString:
        """Return links to the same form with the values of another organogram in play."""
        others = [item for item in Organogram.objects.get_in_play() if item != shown]
        if not others:
            return SafeString()
        addresses = zip((item.pk for item in others), headings_of(others), strict=True)
        links = format_html_join(" · ", '<a href="?organogram={}">{}</a>', addresses)
        return format_html("{} {}", gettext("Show the name and place in another organogram:"), links)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Return the form class, bound to the organograms in play."""
        form = super().get_form(request, obj, change, **kwargs)
        form.shown, form.options = self._get_places(request, obj)
        if form.shown is None and request.POST.keys() & {*PLACE_FIELDS, "applies_in"}:
            raise PermissionDenied
        form.parents = reachable(request, Placement.objects.all())
        form.is_asked = asked_organogram(request) == form.shown
        return form

    def _get_places(self, request: HttpRequest, obj: Any) -> tuple[Organogram | None, list[Organogram]]:
        """Return the organogram whose values the form shows, and the organograms to which a change may apply.

        The latter are all organograms that contain the unit and the one shown, or all in play if none contains it.
        Returns (None, []) for an editor who may not write these placements.
        """
        in_play = Organogram.objects.get_in_play()
        placed = (
            set(Placement.objects.filter(unit=obj).values_list("organogram", flat=True)) if obj else set()
        )
        standing = [item for item in in_play if item.pk in placed]
        asked = asked_organogram(request)
        shown = asked if asked in in_play else next(iter(standing or in_play), None)
        options = [item for item in in_play if item in standing or item == shown] if standing else in_play
        actions = {"change" if item in standing else "add" for item in options}
        return (shown, options) if self._may_place(request, obj, actions) else (None, [])

    def _may_place(self, request: HttpRequest, obj: Any, actions: Iterable[str]) -> bool:
        """True if the editor may place the unit, or move it together with its subtree."""
        may_write = self.has_change_permission(request, obj) if obj else self.has_add_permission(request)
        return may_write and all(may(request, action, Placement) for action in ("view", *actions))

    @contextmanager
    def writing(self, request: HttpRequest, object_id: str | None) -> Iterator[None]:
        """Open a transaction that holds the locks of the organograms with the unit's name and placement."""
        editions = [*Organogram.objects.get_in_play(), Organogram.objects.get_newest()]
        with tree_locks(Placement, {WHOLE_TABLE, *(str(edition.pk) for edition in editions if edition)}):
            yield

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save the unit, then its placements; each placement that changes gets an entry in its own history too."""
        if change:
            form.keep_own_name()
            recorder_of(request).remember(Placement.objects.filter(unit=obj, organogram__in=form.options))
            recorder_of(request).remember(Placement.objects.newest_of(obj))
        with recording(form.chosen if form.shown else (), request.user):
            super().save_model(request, obj, form, change)
            written = form.save_places()
        changed = {
            "name": gettext("name"),
            "abbreviation": gettext("abbreviation"),
            "part_of": gettext("part of"),
        }
        fields = [label for name, label in changed.items() if name in form.changed_data] or [
            gettext("part of")
        ]
        log_addition(request, [place for place, is_new in written if is_new])
        log_change(request, [place for place, is_new in written if not is_new], *fields)
        if change and not written and {"name", "abbreviation"} & set(form.changed_data):
            log_change(request, Placement.objects.newest_of(obj), gettext("name"))

    def may_write(
        self, request: HttpRequest, obj: Any, now: Snapshot, snapshot: Snapshot, names: set[str]
    ) -> bool:
        """Require the right to change placements too for a name, which the newest placement takes over."""
        may_rename = not {"name", "abbreviation"} & names or may(request, "change", Placement)
        return may_rename and super().may_write(request, obj, now, snapshot, names)

    def restore(self, request: HttpRequest, obj: Any, snapshot: Snapshot, names: set[str]) -> None:
        """Take the state of the newest placement, then restore the unit."""
        recorder_of(request).remember(Placement.objects.newest_of(obj))
        super().restore(request, obj, snapshot, names)

    def after_restoring(self, request: HttpRequest, obj: Any, names: set[str]) -> None:
        """Log that the newest placement took over the name."""
        if {"name", "abbreviation"} & names:
            log_change(request, Placement.objects.newest_of(obj), gettext("name"))

    def response_post_save_add(self, request: HttpRequest, obj: Any) -> HttpResponseRedirect:
        """Redirect to the tree from which the form was opened, or else to the list."""
        return self._back_to_tree(request, obj) or super().response_post_save_add(request, obj)

    def response_post_save_change(self, request: HttpRequest, obj: Any) -> HttpResponseRedirect:
        """Redirect to the tree from which the form was opened, or else to the list."""
        return self._back_to_tree(request, obj) or super().response_post_save_change(request, obj)

    def _back_to_tree(self, request: HttpRequest, obj: Any) -> HttpResponseRedirect | None:
        organogram = asked_organogram(request)
        if organogram is None:
            return None
        place = Placement.objects.filter(organogram=organogram, unit=obj).first()
        return HttpResponseRedirect(workshop_of(organogram, place.pk if place else None))

    def get_labels(self, objects: Sequence[Any]) -> dict[Any, str]:
        """Return the full path, followed by the abbreviation."""
        places = get_unit_places(unit.pk for unit in objects)
        return {unit.pk: _label(unit, places.get(unit.pk)) for unit in objects}

    def complete_page(self, rows: Sequence[Any]) -> None:
        """Look up the placements of the units on a page."""
        places = get_unit_places(unit.pk for unit in rows)
        for unit in rows:
            unit.place_text = places.get(unit.pk, ("–", "–"))

    def get_links(self, obj: Any) -> list[tuple[str, str]]:
        """Return the link to the first tree that contains the unit: the current one, or else an upcoming one."""
        placed = set(Placement.objects.filter(unit=obj).values_list("organogram", flat=True))
        trees = [tree_of(item) for item in Organogram.objects.get_in_play() if item.pk in placed]
        return [(gettext("Show the organogram as a tree"), address) for address in trees[:1]]

    @admin.display(description=_("where it stands"))
    def path(self, obj: Any) -> str:
        """Return the path in the organogram in force."""
        return str(obj.place_text[0])

    @admin.display(description=_("kind"))
    def kind(self, obj: Any) -> str:
        """Return the kind in the organogram in force."""
        return str(obj.place_text[1])

    @admin.display(description=_("in every organogram"))
    def places(self, obj: Any) -> SafeString:
        """List all placements of the unit, past ones included, each with a link."""
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
    """Return a unit's path and abbreviation; only its name if it has no placement."""
    if place is None:
        return str(unit)
    return f"{place[0]} ({unit.abbreviation})" if unit.abbreviation else place[0]
