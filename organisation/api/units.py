"""Units in the API, each under the name and at the place that it has on a day."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from organisation.api.linked import unit_node
from organisation.api.unit_parts import LISTED_PARTS, UNIT_PARTS, successors_of
from organisation.models import (
    Document,
    FunctionalLine,
    LineKind,
    Organogram,
    Placement,
    Unit,
    UnitKind,
)
from organisation.models.structure import PublicationLevel, SuccessionKind
from pzgent.kernel.publishing import FactBasis
from pzgent.kernel.rest import Moved
from pzgent.kernel.rest.answering import ApiQuery
from pzgent.kernel.rest.embedding import Embeds
from pzgent.kernel.rest.fields import (
    BASIS_HELP,
    NOTE_HELP,
    ChangeNumberField,
    CodeField,
    HrefField,
    HtmlUrlField,
    LabelField,
    OmitEmptySerializer,
    ReferenceField,
    ReferenceSerializer,
    SourceField,
    StatedSerializer,
    UrlBuilder,
    show_all,
)
from pzgent.kernel.rest.parameters import Code, Day, Reference
from pzgent.kernel.rest.parts import NestedRows, with_parts
from pzgent.kernel.rest.resources import Collection
from pzgent.kernel.rest.tables import LongTable, columns_of, parts_of

AS_OF = Day(name="asOf", is_shared=True, description="The structure as it is on this day; today when absent.")
ONE_DAY = datetime.timedelta(days=1)
UNITS_TAG = "Organisation"
# What belongs to the place of a unit in one organogram, and not to the unit.
OF_THE_PLACE = {"children_rows", "alsoUnder_rows", "alsoOver_rows"}


def unit_reference(name: str, description: str, lookup: str = "") -> Reference:
    """A parameter that names units by their slug."""
    return Reference(
        name=name, description=description, lookup=lookup, known=lambda: Unit.objects.in_public_structure()
    )


WITHIN = unit_reference(
    "ancestor",
    "Slug of a unit: of that unit, of all below it, and of units that became one of these or that it became.",
)


class UnitPageField(HtmlUrlField):
    """The page of a unit; some units have none."""

    def to_representation(self, value: Unit) -> str:
        """An absolute address, empty when the unit has no page."""
        return super().to_representation(value) if value.publication_level == PublicationLevel.PUBLIC else ""


class PlacedUnitSerializer(OmitEmptySerializer):
    """A unit under the name it has at one place."""

    slug = serializers.CharField(source="unit.slug")
    name = serializers.CharField()
    abbreviation = serializers.CharField(required=False)
    kind = CodeField(UnitKind, required=False)
    href = HrefField("units", source="unit")


class LineSerializer(StatedSerializer):
    """A unit at the other end of a line beside the tree, under the name that it has there."""

    slug = serializers.CharField()
    name = serializers.CharField()
    href = HrefField("units")
    kind = CodeField(LineKind)
    kindLabel = LabelField(LineKind, source="kind")
    note = serializers.CharField(required=False)


class SuccessionSerializer(OmitEmptySerializer):
    """What became of a unit, or what a unit came from."""

    kind = CodeField(SuccessionKind)
    unit = ReferenceField("units", source="other")
    organogram = ReferenceField("organograms", label="title")
    validFrom = serializers.DateField(source="organogram.valid_from")
    note = serializers.CharField(required=False)


def parent_of(place: Placement, links: UrlBuilder) -> dict[str, str] | None:
    """What stands right above a place, under the name that it has there; None at the top."""
    if place.parent is None:
        return None
    slug = place.parent.unit.slug
    return {"slug": slug, "name": place.parent.name, "href": links.href("units", slug)}


class UnitSerializer(OmitEmptySerializer):
    """A unit, under the name and at the place that it has in the organogram in force."""

    id = serializers.UUIDField(source="unit.id")
    slug = serializers.CharField(source="unit.slug")
    href = HrefField("units", source="unit")
    htmlUrl = UnitPageField(source="unit", required=False)
    name = serializers.CharField()
    abbreviation = serializers.CharField(required=False)
    kind = CodeField(UnitKind, required=False)
    kindLabel = LabelField(UnitKind, source="kind", required=False)
    parent = serializers.SerializerMethodField(required=False)  # type: ignore[assignment]  # a field named like an attribute of fields
    path = serializers.SerializerMethodField(
        required=False, help_text="Names from the top down to the unit itself; names alone are not unique."
    )
    level = serializers.IntegerField(required=False, help_text="0 at the top.")
    organisation = serializers.SerializerMethodField(required=False)
    alsoUnder = serializers.SerializerMethodField(required=False)
    summary = serializers.CharField(source="unit.summary", required=False)
    tasks = serializers.SerializerMethodField(required=False)
    endedOn = serializers.SerializerMethodField(
        required=False, help_text="The first day on which it no longer stood in the organogram."
    )
    children = serializers.SerializerMethodField(required=False)
    alsoOver = serializers.SerializerMethodField(required=False)
    successors = serializers.SerializerMethodField(required=False)
    predecessors = serializers.SerializerMethodField(required=False)
    modified = serializers.DateTimeField(source="unit.modified")
    source = SourceField(source="unit")  # type: ignore[assignment]  # a field named like an attribute of fields
    basis = CodeField(FactBasis, source="unit.basis", help_text=BASIS_HELP)
    basisLabel = LabelField(FactBasis, source="unit.basis")
    sourceNote = serializers.CharField(source="unit.public_note", required=False, help_text=NOTE_HELP)
    changeNumber = ChangeNumberField()

    @extend_schema_field(ReferenceSerializer)
    def get_parent(self, place: Placement) -> dict[str, str] | None:
        """The unit of which this one is a part, under the name that it has there."""
        return parent_of(place, self.context["links"])

    def get_path(self, place: Placement) -> list[str]:
        """The names from the top down."""
        return [step["name"] for step in self.context["paths"].get(place.pk, [])]

    @extend_schema_field(ReferenceSerializer)
    def get_organisation(self, place: Placement) -> dict[str, str] | None:
        """The organisation of which it is a unit: what stands at the top of the organogram."""
        top, *below = self.context["paths"].get(place.pk) or [None]
        if top is None or not below:
            return None
        return {
            "slug": top["slug"],
            "name": top["name"],
            "href": self.context["links"].href("units", top["slug"]),
        }

    def get_tasks(self, place: Placement) -> list[str]:
        """The tasks, one text each."""
        return place.unit.task_list

    def get_endedOn(self, place: Any) -> datetime.date | None:
        """Since when the unit is no more, for one that ended."""
        return getattr(place, "ended_on", None)

    @extend_schema_field(LineSerializer(many=True))
    def get_alsoUnder(self, place: Placement) -> list[Any]:
        """The units that also steer this one, or to which it also reports, beside the one that it is part of."""
        return self.part("alsoUnder", place, LineSerializer)

    @extend_schema_field(LineSerializer(many=True))
    def get_alsoOver(self, place: Placement) -> list[Any]:
        """The units that this one also steers, or that also report to it; in a list only with embed."""
        return self.part("alsoOver", place, LineSerializer)

    @extend_schema_field(PlacedUnitSerializer(many=True))
    def get_children(self, place: Placement) -> list[Any]:
        """The units right below this one; in a list only with embed."""
        return self.part("children", place, PlacedUnitSerializer)

    @extend_schema_field(SuccessionSerializer(many=True))
    def get_successors(self, place: Placement) -> list[Any]:
        """What became of the unit; in a list only with embed."""
        return self.part("successors", place, SuccessionSerializer)

    @extend_schema_field(SuccessionSerializer(many=True))
    def get_predecessors(self, place: Placement) -> list[Any]:
        """What the unit came from; in a list only with embed."""
        return self.part("predecessors", place, SuccessionSerializer)

    def part(self, name: str, place: Placement, serializer: type[OmitEmptySerializer]) -> list[Any]:
        """Some of what belongs to the unit, if it was fetched."""
        rows = getattr(place, f"{name}_rows", None)
        return show_all(serializer, self.context["parts"][name].read(rows), self.context) if rows else []


class StandingSerializer(OmitEmptySerializer):
    """A unit's place in one organogram, and the name it has there."""

    slug = serializers.CharField(source="organogram.slug")
    title = serializers.CharField(source="organogram.title")
    href = HrefField("organograms", source="organogram")
    validFrom = serializers.DateField(source="organogram.valid_from")
    validUntil = serializers.SerializerMethodField(
        required=False, help_text="The last day before the next organogram; absent while there is none."
    )
    name = serializers.CharField()
    abbreviation = serializers.CharField(required=False)
    kind = CodeField(UnitKind)
    parent = serializers.SerializerMethodField(required=False)  # type: ignore[assignment]  # a field named like an attribute of fields

    def get_validUntil(self, place: Any) -> datetime.date | None:
        """The last day on which the unit stood there, under that name."""
        return place.next_start - ONE_DAY if place.next_start else None

    @extend_schema_field(ReferenceSerializer)
    def get_parent(self, place: Placement) -> dict[str, str] | None:
        """The unit of which it was a part from the first to the last day, under the name that this one had then."""
        return parent_of(place, self.context["links"])


class UnitDetailSerializer(UnitSerializer):
    """A unit with its parts and its history."""

    description = serializers.CharField(source="unit.description", required=False, help_text="HTML subset.")
    logoAlt = serializers.CharField(source="unit.logo_alt", required=False)
    organograms = serializers.SerializerMethodField(required=False)

    @extend_schema_field(StandingSerializer(many=True))
    def get_organograms(self, place: Placement) -> list[Any]:
        """The organograms in which the unit stands, the newest first."""
        return show_all(StandingSerializer, self.context["standings"], self.context)


def places_on(found: Iterable[Any], day: datetime.date | None) -> list[Any]:
    """Per unit its place on the day, with `standings`, all its places; in one pass over places of several units.

    A unit that stands only in other organograms gets an unsaved place, without a kind or a parent. One that is hidden
    on the day gets none.
    """
    by_unit: dict[UUID, list[Any]] = {}
    for row in found:
        by_unit.setdefault(row.unit_id, []).append(row)
    absent = [key for key, rows in by_unit.items() if not any(row.in_force for row in rows)]
    hidden = Placement.objects.get_units_placed(absent, day) if absent else set()
    places = []
    for key, rows in by_unit.items():
        if key in hidden:
            continue
        place = next((row for row in rows if row.in_force), None) or _unplaced(rows, day)
        place.standings = rows
        places.append(place)
    return places


def _unplaced(rows: list[Any], day: datetime.date | None) -> Any:
    """A unit without a place, with what is known of it whatever its place, and since when it has none."""
    day, unit = day or timezone.localdate(), rows[0].unit
    place: Any = Placement(unit=unit, name=unit.name, abbreviation=unit.abbreviation)
    last = next((row for row in rows if row.organogram.valid_from <= day), None)
    place.ended_on = last.next_start if last else None
    for name, value in vars(rows[0]).items():
        if name.endswith("_rows") and name not in OF_THE_PLACE:
            setattr(place, name, value)
    return place


def _units() -> type[Collection]:
    return UnitCollection


UNIT_EMBEDS: Embeds = {"parent": _units, **dict.fromkeys((*LISTED_PARTS, *UNIT_PARTS), _units)}


class UnitCollection(Collection):
    """The units of the organogram in force on a day, in the order of the organogram."""

    name = "Unit"
    item_summary = "One unit"
    item_description = """One unit as it stands in the organogram in force on a day.

    A unit that ended keeps its address: it then has no kind, parent, path or level. A former slug redirects.
    """
    item_serializer = UnitDetailSerializer
    item_parameters = (AS_OF,)
    summary = "Units, flat"
    tag = UNITS_TAG
    serializer = UnitSerializer
    linked_node = staticmethod(unit_node)
    parts: Mapping[str, NestedRows] = UNIT_PARTS
    embeds: Embeds = UNIT_EMBEDS
    embedded_only: Iterable[str] = ("endedOn", *UNIT_PARTS)
    id_field = "unit_id"
    search_fields = ("name", "abbreviation", "unit__summary", "unit__tasks")
    orders = {"name": "name", "kind": "kind", "level": "level", "slug": "unit__slug"}
    parameters = (
        Code(name="kind", choices=UnitKind, lookup="kind__in", description="Kind of unit."),
        unit_reference("parent", "Units right below this one.", "parent__unit__slug__in"),
        unit_reference("ancestor", "Units anywhere below this one."),
        unit_reference("alsoUnder", "Units that this one also steers, or that also report to it."),
        AS_OF,
    )

    long_tables = {
        "unitLines": LongTable(
            parts_of("alsoUnder", "unit", "above"),
            (
                *columns_of("unit", "id", "slug", "name"),
                *columns_of("above", "slug", "name"),
                "kind",
                "kindLabel",
                "note",
            ),
        ),
    }
    columns = {
        "above": "boven",
        "alsoUnder": "staat ook onder",
        "organisation": "organisatie",
        "path": "pad",
        "tasks": "taken",
    }
    affected_by = {
        Unit: {"pk": "id", "unit__lines_up__above": "id"},
        FunctionalLine: {"pk": "unit_id"},
        Organogram: None,
        Document: {"unit__source": "id", "unit__lines_up__source": "id"},
    }

    def rows(self, asked: ApiQuery) -> QuerySet:
        """The visible places in the organogram in force."""
        rows = Placement.objects.in_organogram_of(asked.get("asOf")).published()
        if asked.get("ancestor"):
            rows = rows.below_any(asked.get("ancestor"))
        return rows.also_under_any(asked.get("alsoUnder")) if asked.get("alsoUnder") else rows

    def prepared(self, rows: Any, asked: ApiQuery) -> Any:
        """The places with their unit, their parent's unit and the lines beside the tree."""
        return with_parts(rows.with_unit(), LISTED_PARTS)

    def rows_of(self, keys: list[str], asked: ApiQuery) -> list[Placement]:
        """The places of these units on the day; an unsaved one for a unit that then stands in no organogram."""
        found = with_parts(Placement.objects.of_units(keys, asked.get("asOf")), LISTED_PARTS)
        return places_on(self.numbered(found), asked.get("asOf"))

    def context_for(self, rows: list[Any], asked: ApiQuery) -> dict[str, Any]:
        """The paths of all units on the page, in one query."""
        paths = Placement.objects.get_paths(row.pk for row in rows if row.organogram_id)
        return {"paths": paths, "parts": {**LISTED_PARTS, **self.parts}}

    def item_rows(self, asked: ApiQuery) -> QuerySet:
        """The units that the public may know of."""
        return Unit.objects.in_public_structure()

    def row(self, asked: ApiQuery, key: str) -> Placement | None:
        """The unit's place on the day; an unsaved one when it stands only in other organograms."""
        own = self.numbered(Placement.objects.of_units([key], asked.get("asOf")))
        found = with_parts(own, {**LISTED_PARTS, **self.parts})
        places = places_on(found, asked.get("asOf"))
        if not found:
            _redirect_former(key, asked)
        return places[0] if places else None

    def item_context(self, row: Any, asked: ApiQuery) -> dict[str, Any]:
        """The path, the parts and the history of the unit."""
        return {"standings": row.standings, **self.context_for([row], asked)}

    def last_edit(self, row: Any) -> datetime.datetime:
        """When the unit itself was edited last."""
        return row.unit.modified

    def retired(self, asked: ApiQuery, key: str) -> Unit | None:
        """The unit that has, or once had, this slug and is no longer shown; of a withheld one nothing may be told."""
        return Unit.objects.retired().not_withheld().known_as(key).first()

    def successors(self, retired: Unit, asked: ApiQuery) -> list[dict[str, str]]:
        """The units that a unit became, as far as the public sees them."""
        return [
            {"slug": unit.slug, "name": unit.name, "href": asked.links.href("units", unit.slug)}
            for unit in successors_of(retired)
        ]


def _redirect_former(slug: str, asked: ApiQuery) -> None:
    """Raise Moved when the slug once belonged to a unit that the public sees."""
    unit = Unit.objects.in_public_structure().formerly(slug).first()
    if unit is not None:
        raise Moved(asked.links.href("units", unit.slug), asked.query.urlencode())
