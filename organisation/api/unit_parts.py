"""What the API shows of a unit beside its own words: what stands below it, what became of it, what it came from."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from django.db.models import BooleanField, Case, Exists, F, OuterRef, Q, QuerySet, Value, When

from organisation.models import Document, FunctionalLine, Organogram, Placement, Succession, Unit
from organisation.querysets.visibility import unit_shown, visible_unit
from pzgent.kernel.rest.parts import NestedRows


def _named(values: Mapping[str, Any]) -> SimpleNamespace:
    """A place below a unit."""
    return SimpleNamespace(**values, unit=SimpleNamespace(slug=values["slug"]))


def _turn(values: Mapping[str, Any]) -> SimpleNamespace:
    """A succession, with the unit at its other end."""
    organogram = SimpleNamespace(
        slug=values["organogram_slug"],
        title=values["organogram_title"],
        valid_from=datetime.date.fromisoformat(values["valid_from"]),
    )
    other = SimpleNamespace(slug=values["slug"], name=values["name"]) if values["slug"] else None
    return SimpleNamespace(kind=values["kind"], note=values["note"], organogram=organogram, other=other)


def _successions(here: str, other: str) -> QuerySet:
    """The successions of the unit of a place, oldest first, as far as the public sees the other unit."""
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
    """A line beside the tree, with the unit at its other end."""
    source = SimpleNamespace(slug=values["source_slug"], title=values["source_title"], is_published=True)
    verified = datetime.date.fromisoformat(values["verified_on"]) if values["verified_on"] else None
    known = {"source": source if values["source_shown"] else None, "verified_on": verified}
    return SimpleNamespace(**{**values, **known})


def _lines(own: str, other: str) -> NestedRows:
    """The lines of which a unit has the end `own`, with what stands at the other."""
    columns = {
        "kind": "kind", "note": "note", "slug": f"{other}__slug", "name": "name", "source_place": "source_place",
        "verified_on": "verified_on", "source_slug": "source__slug", "source_title": "source__title",
        "source_shown": "source_shown", "basis": "basis", "public_note": "source_note",
    }  # fmt: skip
    documents = Document.objects.published().filter(pk=OuterRef("source")).order_by()
    return NestedRows(
        lambda: (
            FunctionalLine.objects.shown()
            .of_place(own)
            .with_names(other)
            .annotate(source_shown=Exists(documents))
        ),
        columns,
        _line,
    )


def _unit_visible() -> Case:
    """Whether the unit of a place is visible, as a value.

    With conditions on units PostgreSQL would, without statistics, begin with all visible units, for each place again.
    """
    return Case(When(visible_unit(), then=Value(True)), default=Value(False), output_field=BooleanField())


# What lists show too, so that files and copies have it.
LISTED_PARTS: dict[str, NestedRows] = {"alsoUnder": _lines("unit", "above")}
UNIT_PARTS: dict[str, NestedRows] = {
    "children": NestedRows(
        # Only places that are visible are shown, so that of what stands right below only the unit itself can be hidden.
        lambda: Placement.objects.filter(_unit_visible(), parent=OuterRef("pk")).order_by("lft"),
        {"slug": "unit__slug", "name": "name", "abbreviation": "abbreviation", "kind": "kind"},
        _named,
    ),
    "alsoOver": _lines("above", "unit"),
    "successors": _turns("from_unit", "to_unit"),
    "predecessors": _turns("to_unit", "from_unit"),
}


def successors_of(unit: Unit) -> QuerySet:
    """The units that a unit became, as far as the public sees them, in the order in which that happened."""
    turns = Succession.objects.filter(organogram__in=Organogram.objects.published(), from_unit=unit)
    units = Unit.objects.in_public_structure().filter(predecessions__in=turns)
    return units.order_by("predecessions__organogram__valid_from", "name").distinct()
