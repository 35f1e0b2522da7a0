"""Units in the API, each with its name and position on a day."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from organisation.api.linked import unit_node
from organisation.api.unit_parts import (
    LISTED_PARTS,
    UNIT_PARTS,
    LineSerializer,
    PlacedUnitSerializer,
    SuccessionSerializer,
    successors_of,
)
from organisation.models import (
    Document,
    FunctionalLine,
    Organogram,
    Placement,
    Unit,
    UnitKind,
)
from organisation.models.structure import PublicationLevel
from pzgent.kernel import clock
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
    HtmlField,
    HtmlUrlField,
    LabelField,
    OmitEmptySerializer,
    ReferenceSerializer,
    SourceField,
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
LINE_COLUMNS = (
    *columns_of("unit", "id", "slug", "name"),
    *columns_of("above", "slug", "name"),
    "kind",
    "kindLabel",
    "note",
)
# What belongs to the place of a unit in one organogram, and not to the unit.
OF_THE_PLACE = {"children_rows", "alsoUnder_rows", "alsoOver_rows", "ledBy_rows", "leads_rows"}


def unit_reference(name: str, description: str, lookup: str = "") -> Reference:
    """Return a parameter that references units by slug."""
    return Reference(
        name=name, description=description, lookup=lookup, known=lambda: Unit.objects.in_public_structure()
    )


WITHIN = unit_reference(
    "ancestor",
    "Slug of a unit: of that unit, of all below it, and of units that became one of these or that it became.",
)


class UnitPageField(HtmlUrlField):
    """Web page of the unit; some units have none."""

    def to_representation(self, value: Unit) -> str:
        """Return an absolute URL; empty if the unit has no page."""
        return super().to_representation(value) if value.publication_level == PublicationLevel.PUBLIC else ""


def parent_of(place: Placement, links: UrlBuilder) -> dict[str, str] | None:
    """Return the parent of a placement, under its name there; None for a root."""
    if place.parent is None:
        return None
    slug = place.parent.unit.slug
    return {"slug": slug, "name": place.parent.name, "href": links.href("units", slug)}


class UnitSerializer(OmitEmptySerializer):
    """Unit, with its name and position in the organogram in force."""

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
    ledBy = serializers.SerializerMethodField(required=False)
    summary = serializers.CharField(source="unit.summary", required=False)
    tasks = serializers.SerializerMethodField(required=False)
    endedOn = serializers.SerializerMethodField(
        required=False, help_text="The first day on which it no longer stood in the organogram."
    )
    children = serializers.SerializerMethodField(required=False)
    alsoOver = serializers.SerializerMethodField(required=False)
    leads = serializers.SerializerMethodField(required=False)
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
        """Return the parent of the unit, under its name there."""
        return parent_of(place, self.context["links"])

    def get_path(self, place: Placement) -> list[str]:
        """Return the names from the root down."""
        return [step["name"] for step in self.context["paths"].get(place.pk, [])]

    @extend_schema_field(ReferenceSerializer)
    def get_organisation(self, place: Placement) -> dict[str, str] | None:
        """Return the organisation to which the unit belongs: the root of the organogram."""
        top, *below = self.context["paths"].get(place.pk) or [None]
        if top is None or not below:
            return None
        return {
            "slug": top["slug"],
            "name": top["name"],
            "href": self.context["links"].href("units", top["slug"]),
        }

    def get_tasks(self, place: Placement) -> list[str]:
        """Return the list of tasks."""
        return place.unit.task_list

    def get_endedOn(self, place: Any) -> datetime.date | None:
        """Return the day since which the unit no longer exists."""
        return getattr(place, "ended_on", None)

    @extend_schema_field(LineSerializer(many=True))
    def get_alsoUnder(self, place: Placement) -> list[Any]:
        """Return the units that also direct this one, or to which it also reports, besides its parent."""
        return self.part("alsoUnder", place, LineSerializer)

    @extend_schema_field(LineSerializer(many=True))
    def get_alsoOver(self, place: Placement) -> list[Any]:
        """Return the units that this one also directs, or that also report to it; in lists only with embed."""
        return self.part("alsoOver", place, LineSerializer)

    @extend_schema_field(LineSerializer(many=True))
    def get_ledBy(self, place: Placement) -> list[Any]:
        """Return the posts and bodies that lead the unit: functions, not persons."""
        return self.part("ledBy", place, LineSerializer)

    @extend_schema_field(LineSerializer(many=True))
    def get_leads(self, place: Placement) -> list[Any]:
        """Return the units that this post or body leads; in lists only with embed."""
        return self.part("leads", place, LineSerializer)

    @extend_schema_field(PlacedUnitSerializer(many=True))
    def get_children(self, place: Placement) -> list[Any]:
        """Return the units directly below this one; in lists only with embed."""
        return self.part("children", place, PlacedUnitSerializer)

    @extend_schema_field(SuccessionSerializer(many=True))
    def get_successors(self, place: Placement) -> list[Any]:
        """Return the successors of the unit; in lists only with embed."""
        return self.part("successors", place, SuccessionSerializer)

    @extend_schema_field(SuccessionSerializer(many=True))
    def get_predecessors(self, place: Placement) -> list[Any]:
        """Return the predecessors of the unit; in lists only with embed."""
        return self.part("predecessors", place, SuccessionSerializer)

    def part(self, name: str, place: Placement, serializer: type[OmitEmptySerializer]) -> list[Any]:
        """Return related objects of the unit, if they were fetched."""
        rows = getattr(place, f"{name}_rows", None)
        return show_all(serializer, self.context["parts"][name].read(rows), self.context) if rows else []


class StandingSerializer(OmitEmptySerializer):
    """Position of a unit in one organogram, with its name there."""

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
        """Return the last day on which the unit had that position and name."""
        return place.next_start - ONE_DAY if place.next_start else None

    @extend_schema_field(ReferenceSerializer)
    def get_parent(self, place: Placement) -> dict[str, str] | None:
        """Return the parent of the unit from the first to the last day, under its name at that time."""
        return parent_of(place, self.context["links"])


class UnitDetailSerializer(UnitSerializer):
    """Unit with its parts and its history."""

    description = HtmlField(source="unit.description", required=False, help_text="HTML subset.")
    logoAlt = serializers.CharField(source="unit.logo_alt", required=False)
    organograms = serializers.SerializerMethodField(required=False)

    @extend_schema_field(StandingSerializer(many=True))
    def get_organograms(self, place: Placement) -> list[Any]:
        """Return the organograms that contain the unit, newest first."""
        return show_all(StandingSerializer, self.context["standings"], self.context)


def places_on(found: Iterable[Any], day: datetime.date | None) -> list[Any]:
    """Return each unit's placement on the day, with `standings`, all its placements; one pass over the placements.

    A unit that is only in other organograms gets an unsaved placement, without kind or parent. A unit hidden on the
    day gets none.
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
    """Return an unsaved placement of a unit, with the day since which it has none."""
    day, unit = day or clock.today(), rows[0].unit
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
    """Units of the organogram in force on a day, in its order."""

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
        unit_reference("ledBy", "Units that this post or body leads."),
        AS_OF,
    )

    long_tables = {
        "unitLines": LongTable(
            parts_of("alsoUnder", "unit", "above"),
            LINE_COLUMNS,
        ),
        "unitLeaders": LongTable(parts_of("ledBy", "unit", "above"), LINE_COLUMNS),
    }
    columns = {
        "above": "boven",
        "alsoUnder": "staat ook onder",
        "ledBy": "leiding",
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
        """Return the visible placements in the organogram in force."""
        rows = Placement.objects.in_organogram_of(asked.get("asOf")).published()
        if asked.get("ancestor"):
            rows = rows.below_any(asked.get("ancestor"))
        if asked.get("alsoUnder"):
            rows = rows.also_under_any(asked.get("alsoUnder"))
        return rows.led_by_any(asked.get("ledBy")) if asked.get("ledBy") else rows

    def prepared(self, rows: Any, asked: ApiQuery) -> Any:
        """Return the placements with their unit, their parent's unit and their functional lines."""
        return with_parts(rows.with_unit(), LISTED_PARTS)

    def rows_of(self, keys: list[str], asked: ApiQuery) -> list[Placement]:
        """Return the placements of these units on the day; unsaved ones for units without a placement that day."""
        found = with_parts(Placement.objects.of_units(keys, asked.get("asOf")), LISTED_PARTS)
        return places_on(self.numbered(found), asked.get("asOf"))

    def context_for(self, rows: list[Any], asked: ApiQuery) -> dict[str, Any]:
        """Return the paths of all units on the page, in one query."""
        paths = Placement.objects.get_paths(row.pk for row in rows if row.organogram_id)
        return {"paths": paths, "parts": {**LISTED_PARTS, **self.parts}}

    def item_rows(self, asked: ApiQuery) -> QuerySet:
        """Return the public units."""
        return Unit.objects.in_public_structure()

    def row(self, asked: ApiQuery, key: str) -> Placement | None:
        """Return the unit's placement on the day; an unsaved one if it is only in other organograms."""
        own = self.numbered(Placement.objects.of_units([key], asked.get("asOf")))
        found = with_parts(own, {**LISTED_PARTS, **self.parts})
        places = places_on(found, asked.get("asOf"))
        if not found:
            _redirect_former(key, asked)
        return places[0] if places else None

    def item_context(self, row: Any, asked: ApiQuery) -> dict[str, Any]:
        """Return the path, the parts and the history of the unit."""
        return {"standings": row.standings, **self.context_for([row], asked)}

    def last_edit(self, row: Any) -> datetime.datetime:
        """Return the moment of the last edit of the unit itself."""
        return row.unit.modified

    def retired(self, asked: ApiQuery, key: str) -> Unit | None:
        """Return the retired unit with this slug or former slug; never a withheld one, whose existence is secret."""
        return Unit.objects.retired().not_withheld().known_as(key).first()

    def successors(self, retired: Unit, asked: ApiQuery) -> list[dict[str, str]]:
        """Return the public successors of the unit."""
        return [
            {"slug": unit.slug, "name": unit.name, "href": asked.links.href("units", unit.slug)}
            for unit in successors_of(retired)
        ]


def _redirect_former(slug: str, asked: ApiQuery) -> None:
    """Raise Moved if the slug is a former one of a public unit."""
    unit = Unit.objects.in_public_structure().formerly(slug).first()
    if unit is not None:
        raise Moved(asked.links.href("units", unit.slug), asked.query.urlencode())
