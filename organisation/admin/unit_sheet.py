"""Units with their places in one organogram, as the rows of a spreadsheet."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from graphlib import TopologicalSorter
from types import MappingProxyType
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from organisation.admin.headings import as_uuid, heading_of
from organisation.models import Organogram, Placement
from pzgent.kernel.editing.bulk.column_kinds import ReferenceColumn
from pzgent.kernel.editing.bulk.columns import ChoiceColumn, Column
from pzgent.kernel.editing.bulk.import_sheet import Sheet
from pzgent.kernel.editing.bulk.row import Row
from pzgent.kernel.editing.bulk.row_form import row_form

PART_OF, PLACE_KIND = "part_of", "place_kind"
PLACED = ("name", "abbreviation")
KEY = "unit__slug"


class OrganogramForm(forms.Form):
    """The organogram to which the places in a file apply."""

    organogram = forms.ModelChoiceField(
        Organogram.objects.none(),
        label=_("organogram"),
        required=False,
        help_text=_("The places and names in the file apply in this organogram only."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        in_play = Organogram.objects.get_in_play()
        field: Any = self.fields["organogram"]
        field.queryset = Organogram.objects.filter(pk__in=[item.pk for item in in_play])
        field.label_from_instance = lambda item: str(heading_of(item))
        field.required, field.empty_label = bool(in_play), None
        self.initial.setdefault("organogram", in_play[0].pk if in_play else None)


class UnitSheet(Sheet):
    """The rows of units; name, abbreviation, kind and “part of” are those in the chosen organogram."""

    options_form = OrganogramForm
    without = frozenset({"applies_in"})
    always = frozenset({*PLACED, PART_OF, PLACE_KIND})
    can_prepare = False
    # The address name of each row of the file, by the primary key that it would get.
    _waits: Mapping[str, str] = MappingProxyType({})

    @cached_property
    def organogram(self) -> Organogram | None:
        """The organogram of the places; the one in force unless another was chosen."""
        in_play = Organogram.objects.get_in_play()
        chosen = as_uuid(self.options.get("organogram") or "")
        return next(
            (item for item in in_play if item.pk == chosen), None if chosen else next(iter(in_play), None)
        )

    @cached_property
    def add_form(self) -> Any:
        """The form class for new units, with a place in the organogram for whoever may place them."""
        return self._placing(self.admin.get_form(self.request, None, change=False))

    def change_form(self, item: Any) -> Any:
        """Return the form class for a stored unit."""
        if not hasattr(self, "_change_form"):
            self._change_form = self._placing(self.admin.get_form(self.request, item, change=True))
        return self._change_form

    def _placing(self, form: Any) -> Any:
        found = row_form(form)
        is_placing = found.shown is not None and self.organogram is not None
        found.shown, found.options = (self.organogram, [self.organogram]) if is_placing else (None, [])
        found.is_asked = False
        return found

    def make_column(self, name: str, form_field: forms.Field) -> Column | None:
        """Return the column of a form field; those of the place read the organogram."""
        if name in (PART_OF, PLACE_KIND) and self.add_form.shown is None:
            return None
        if name == PART_OF:
            return ReferenceColumn(name, form_field, _parent_of, self.parents)
        if name == PLACE_KIND:
            return ChoiceColumn(name, form_field, _kind_of)
        column = super().make_column(name, form_field)
        if column is not None and name in PLACED:
            column.source = _placed(name, column.source)
        return column

    @cached_property
    def parents(self) -> Any:
        """The places that a unit can be part of, by the address name of their unit."""
        found = self.references(Placement.objects.filter(organogram=self.organogram), KEY)
        found.pending, found.may_await_stored = self.pending, True
        return found

    def complete(self, items: list[Any]) -> list[Any]:
        """Look up the places of a portion of units. One query."""
        places = Placement.objects.filter(organogram=self.organogram, unit__in=items)
        by_unit = {place.unit_id: place for place in places}
        for item in items:
            item.sheet_place = by_unit.get(item.pk)
        return items

    def blank(self, row: Row) -> Any:
        """Return a new unit without a place."""
        item = super().blank(row)
        item.sheet_place = None
        return item

    def bound_form(self, row: Row, item: Any, values: Mapping[str, Any]) -> Any:
        """Return the form of the row; until it is written, any parent stands in for the one that was meant."""
        sent = dict(values)
        if sent.get(PART_OF):
            slug = self._slug_of(sent[PART_OF])
            places = Placement.objects.filter(organogram=self.organogram)
            found = places.filter(unit__slug=slug) if self.is_writing else places.filter(parent=None)
            sent[PART_OF] = str(found.values_list("pk", flat=True).first() or "")
        return super().bound_form(row, item, sent)

    def _is_changed(self, form: Any, name: str) -> bool:
        return name == PART_OF or super()._is_changed(form, name)

    def _slug_of(self, value: str) -> str:
        """Return the address name of the unit at a place, or of a row of the file."""
        if len(self._waits) != len(self.pending):
            self._waits = {key: slug for slug, key in self.pending.items()}
        return self._waits.get(value) or str(self.parents.key_of(value))

    def check_whole(self, rows: Sequence[Row]) -> None:
        """Refuse a second top."""
        if PART_OF not in self.by_name:
            return
        is_empty = not Placement.objects.filter(organogram=self.organogram).exists()
        tops = [
            row
            for row in rows
            if row.cells.get(PLACE_KIND, "").strip() and not row.cells.get(PART_OF, "").strip()
        ]
        for row in tops[1:] if is_empty else ():
            row.problems.append((PART_OF, gettext("Choose what this unit is part of.")))

    def in_order(self, rows: Sequence[Row]) -> list[Row]:
        """Return the rows from the top of the resulting tree down. Raises CycleError."""
        if PART_OF not in self.by_name:
            return list(rows)
        places = Placement.objects.filter(organogram=self.organogram).values_list(
            "unit_id", KEY, f"parent__{KEY}"
        )
        stored = {str(unit): (slug, parent) for unit, slug, parent in places}
        names = {
            row.number: stored.get(row.stored, ("",))[0] or row.cells.get("slug", "").strip() for row in rows
        }
        nodes: dict[str, Any] = {slug: number for number, slug in names.items() if slug}
        graph: dict[Any, set[Any]] = {
            nodes.get(slug, slug): {nodes.get(parent, parent)} if parent else set()
            for slug, parent in stored.values()
        }
        for row in rows:
            text = row.cells.get(PART_OF, "")
            if text.strip():
                parent = self._slug_of(str(self.by_name[PART_OF].value(text)))
                graph[row.number] = {nodes.get(parent, parent)}
            graph.setdefault(row.number, set())
        numbered = {row.number: row for row in rows}
        return [numbered[node] for node in TopologicalSorter(graph).static_order() if node in numbered]


def _parent_of(unit: Any) -> Any:
    return unit.sheet_place.parent_id if unit.sheet_place else None


def _kind_of(unit: Any) -> Any:
    return unit.sheet_place.kind if unit.sheet_place else ""


def _placed(name: str, source: Any) -> Any:
    """Return the function that reads a name from the place, or else from the unit."""
    return lambda unit: getattr(unit.sheet_place, name) if unit.sheet_place else source(unit)
