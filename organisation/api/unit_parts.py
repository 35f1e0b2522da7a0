"""Related objects of a unit in the API: its children, functional lines, leaders, successors and predecessors."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from django.db.models import BooleanField, Case, Exists, F, OuterRef, Q, QuerySet, Value, When
from rest_framework import serializers

from organisation.models import (
    Document,
    FunctionalLine,
    LineKind,
    Organogram,
    Placement,
    Succession,
    Unit,
    UnitKind,
)
from organisation.models.structure import SuccessionKind
from organisation.querysets.visibility import unit_shown, visible_unit
from pzgent.kernel.rest.fields import (
    CodeField,
    HrefField,
    LabelField,
    OmitEmptySerializer,
    ReferenceField,
    StatedSerializer,
)
from pzgent.kernel.rest.parts import NestedRows


class PlacedUnitSerializer(OmitEmptySerializer):
    """Unit under its name in one organogram."""

    slug = serializers.CharField(source="unit.slug")
    name = serializers.CharField()
    abbreviation = serializers.CharField(required=False)
    kind = CodeField(UnitKind, required=False)
    href = HrefField("units", source="unit")


class LineSerializer(StatedSerializer):
    """Unit at the other end of a functional line, under its name there."""

    slug = serializers.CharField()
    name = serializers.CharField()
    href = HrefField("units")
    kind = CodeField(LineKind)
    kindLabel = LabelField(LineKind, source="kind")
    note = serializers.CharField(required=False)


class SuccessionSerializer(OmitEmptySerializer):
    """Successor or predecessor of a unit."""

    kind = CodeField(SuccessionKind)
    unit = ReferenceField("units", source="other")
    organogram = ReferenceField("organograms", label="title")
    validFrom = serializers.DateField(source="organogram.valid_from")
    note = serializers.CharField(required=False)


def _named(values: Mapping[str, Any]) -> SimpleNamespace:
    """Subquery of a placement below a unit."""
    return SimpleNamespace(**values, unit=SimpleNamespace(slug=values["slug"]))


def _turn(values: Mapping[str, Any]) -> SimpleNamespace:
    """Return a succession, with the unit at its other end."""
    organogram = SimpleNamespace(
        slug=values["organogram_slug"],
        title=values["organogram_title"],
        valid_from=datetime.date.fromisoformat(values["valid_from"]),
    )
    other = SimpleNamespace(slug=values["slug"], name=values["name"]) if values["slug"] else None
    return SimpleNamespace(kind=values["kind"], note=values["note"], organogram=organogram, other=other)


def _successions(here: str, other: str) -> QuerySet:
    """Subquery of the successions of a unit, oldest first, if the other unit is public."""
    rows = Succession.objects.filter(
        Q(**{other: None}) | unit_shown(other),
        organogram__in=Organogram.objects.published(),
        **{here: OuterRef("unit")},
    )
    if here == "to_unit":
        rows = rows.exclude(from_unit=F("to_unit"))  # another name for itself, told as what became of it
    return rows.order_by("organogram__valid_from", "pk")


def _turns(here: str, other: str) -> NestedRows:
    columns = {
        "kind": "kind", "note": "note", "slug": f"{other}__slug", "name": f"{other}__name",
        "organogram_slug": "organogram__slug", "organogram_title": "organogram__title",
        "valid_from": "organogram__valid_from",
    }  # fmt: skip
    return NestedRows(lambda: _successions(here, other), columns, _turn)


def _line(values: Mapping[str, Any]) -> SimpleNamespace:
    """Return a functional line, with the unit at its other end."""
    source = SimpleNamespace(slug=values["source_slug"], title=values["source_title"], is_published=True)
    verified = datetime.date.fromisoformat(values["verified_on"]) if values["verified_on"] else None
    known = {"source": source if values["source_shown"] else None, "verified_on": verified}
    return SimpleNamespace(**{**values, **known})


def _lines(own: str, other: str, are_leading: bool = False) -> NestedRows:
    """Subquery of the functional lines that have the unit at their end `own`, with the unit at the other end."""
    columns = {
        "kind": "kind", "note": "note", "slug": f"{other}__slug", "name": "name", "source_place": "source_place",
        "verified_on": "verified_on", "source_slug": "source__slug", "source_title": "source__title",
        "source_shown": "source_shown", "basis": "basis", "public_note": "source_note",
    }  # fmt: skip
    documents = Document.objects.published().filter(pk=OuterRef("source")).order_by()

    def rows() -> QuerySet:
        shown = FunctionalLine.objects.shown().of_place(own).with_names(other)
        lines = shown.leading() if are_leading else shown.beside_tree()
        return lines.annotate(source_shown=Exists(documents))

    return NestedRows(rows, columns, _line)


def _unit_visible() -> Case:
    """Return whether the unit of a placement is visible, as a value.

    With conditions on units, PostgreSQL without statistics would start from all visible units for each placement.
    """
    return Case(When(visible_unit(), then=Value(True)), default=Value(False), output_field=BooleanField())


# What lists show too, so that files and copies have it.
LISTED_PARTS: dict[str, NestedRows] = {
    "alsoUnder": _lines("unit", "above"),
    "ledBy": _lines("unit", "above", are_leading=True),
}
UNIT_PARTS: dict[str, NestedRows] = {
    "children": NestedRows(
        # Only places that are visible are shown, so that of what stands right below only the unit itself can be hidden.
        lambda: Placement.objects.filter(_unit_visible(), parent=OuterRef("pk")).order_by("lft"),
        {"slug": "unit__slug", "name": "name", "abbreviation": "abbreviation", "kind": "kind"},
        _named,
    ),
    "alsoOver": _lines("above", "unit"),
    "leads": _lines("above", "unit", are_leading=True),
    "successors": _turns("from_unit", "to_unit"),
    "predecessors": _turns("to_unit", "from_unit"),
}


def successors_of(unit: Unit) -> QuerySet:
    """Return the public successors of a unit, in order of the events."""
    turns = Succession.objects.filter(organogram__in=Organogram.objects.published(), from_unit=unit)
    units = Unit.objects.in_public_structure().filter(predecessions__in=turns)
    return units.order_by("predecessions__organogram__valid_from", "name").distinct()
