"""Units, the organogram, its versions and what changed between two of them."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import orjson
from django.db.models import QuerySet, TextChoices
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from organisation.api.linked import change_node, structure_node, unit_node
from organisation.api.unit_parts import LISTED_PARTS, UNIT_PARTS, successors_of
from organisation.models import LineKind, Organogram, Placement, Unit, UnitKind
from organisation.models.structure import PublicationLevel, SuccessionKind
from organisation.outline import get_outline_in_force
from organisation.structure import Change, compare
from pzgent.rest import Moved, NotFound
from pzgent.rest.embedding import Embeds
from pzgent.rest.fields import (
    ChangeNumberField,
    CodeField,
    DecisionField,
    EditionSerializer,
    HrefField,
    HtmlUrlField,
    KnownSerializer,
    LabelField,
    Links,
    ReferenceField,
    ReferenceSerializer,
    SourceField,
    show_all,
)
from pzgent.rest.parameters import BadRequest, Code, Day, Number, Reference, issue
from pzgent.rest.parts import Part, with_parts
from pzgent.rest.resources import Asked, Collection, Item, Resource

AS_OF = Day(name="asOf", description="The structure as it is on this day; today when absent.")
ONE_DAY = datetime.timedelta(days=1)
UNITS_TAG = "Organisation"
NOT_IN_IT = _("This unit does not stand in that organogram.")
WRONG_ORDER = _("The first day must not be later than the last.")
NOTHING_YET = _("No organogram was in force on that day.")


def unit_reference(name: str, description: str, lookup: str = "") -> Reference:
    """A parameter that names units by their slug."""
    return Reference(
        name=name, description=description, lookup=lookup, known=lambda: Unit.objects.in_public_structure()
    )


class UnitPageField(HtmlUrlField):
    """The page of a unit; some units have none."""

    def to_representation(self, value: Unit) -> str:
        """An absolute address, empty when the unit has no page."""
        return super().to_representation(value) if value.publication_level == PublicationLevel.PUBLIC else ""


class PlacedUnitSerializer(KnownSerializer):
    """A unit under the name it has at one place."""

    slug = serializers.CharField(source="unit.slug")
    name = serializers.CharField()
    abbreviation = serializers.CharField(required=False)
    kind = CodeField(UnitKind, required=False)
    href = HrefField("units", source="unit")


class LineSerializer(KnownSerializer):
    """A unit at the other end of a line beside the tree, under the name that it has there."""

    slug = serializers.CharField()
    name = serializers.CharField()
    href = HrefField("units")
    kind = CodeField(LineKind)
    kindLabel = LabelField(LineKind, source="kind")
    note = serializers.CharField(required=False)
    source = SourceField()  # type: ignore[assignment]  # a field named like an attribute of fields


class SuccessionSerializer(KnownSerializer):
    """What became of a unit, or what a unit came from."""

    kind = CodeField(SuccessionKind)
    unit = ReferenceField("units", source="other")
    organogram = ReferenceField("organograms", label="title")
    validFrom = serializers.DateField(source="organogram.valid_from")
    note = serializers.CharField(required=False)


def parent_of(place: Placement, links: Links) -> dict[str, str] | None:
    """What stands right above a place, under the name that it has there; None at the top."""
    if place.parent is None:
        return None
    slug = place.parent.unit.slug
    return {"slug": slug, "name": place.parent.name, "href": links.href("units", slug)}


class UnitSerializer(KnownSerializer):
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
    changeNumber = ChangeNumberField()

    @extend_schema_field(ReferenceSerializer)
    def get_parent(self, place: Placement) -> dict[str, str] | None:
        """The unit of which this one is a part, under the name that it has there."""
        return parent_of(place, self.context["links"])

    def get_path(self, place: Placement) -> list[str]:
        """The names from the top down."""
        return [step["name"] for step in self.context["paths"].get(place.pk, [])]

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

    def part(self, name: str, place: Placement, serializer: type[KnownSerializer]) -> list[Any]:
        """Some of what belongs to the unit, if it was fetched."""
        rows = getattr(place, f"{name}_rows", None)
        return show_all(serializer, self.context["parts"][name].read(rows), self.context) if rows else []


class StandingSerializer(KnownSerializer):
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


# What belongs to the place of a unit in one organogram, and not to the unit.
OF_THE_PLACE = {"children_rows", "alsoUnder_rows", "alsoOver_rows"}


def _units() -> type[Collection]:
    return UnitCollection


UNIT_EMBEDS: Embeds = {"parent": _units, **dict.fromkeys((*LISTED_PARTS, *UNIT_PARTS), _units)}


class UnitCollection(Collection):
    """The units of the organogram in force on a day, in the order of the organogram."""

    summary = "Units, flat"
    tag = UNITS_TAG
    serializer = UnitSerializer
    linked_node = staticmethod(unit_node)
    parts: dict[str, Part] = UNIT_PARTS
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

    def rows(self, asked: Asked) -> QuerySet:
        """The visible places in the organogram in force."""
        rows = Placement.objects.in_organogram_of(asked.get("asOf")).published().with_unit()
        if asked.get("ancestor"):
            rows = rows.below_any(asked.get("ancestor"))
        if asked.get("alsoUnder"):
            rows = rows.also_under_any(asked.get("alsoUnder"))
        embedded = {name: self.parts[name] for name in asked.get("embed", ()) if name in self.parts}
        return with_parts(rows, {**LISTED_PARTS, **embedded})

    def rows_of(self, keys: list[str], asked: Asked) -> list[Placement]:
        """The places of these units on the day; an unsaved one for a unit that then stands in no organogram."""
        found = with_parts(Placement.objects.of_units(keys, asked.get("asOf")), LISTED_PARTS)
        return places_on(found, asked.get("asOf"))

    def context_for(self, rows: list[Any], asked: Asked) -> dict[str, Any]:
        """The paths of all units on the page, in one query."""
        paths = Placement.objects.get_paths(row.pk for row in rows if row.organogram_id)
        return {"paths": paths, "parts": {**LISTED_PARTS, **self.parts}}


class UnitItem(Item):
    """One unit as it stands in the organogram in force on a day.

    A unit that ended keeps its address: it then has no kind, parent, path or level. A former slug redirects.
    """

    summary = "One unit"
    tag = UNITS_TAG
    serializer = UnitDetailSerializer
    linked_node = staticmethod(unit_node)
    parts: dict[str, Part] = UNIT_PARTS
    embeds: Embeds = UNIT_EMBEDS
    id_field = "unit_id"
    parameters = (AS_OF,)

    def rows(self, asked: Asked) -> QuerySet:
        """The units that are, or are not, shown."""
        return Unit.objects.visible()

    def row(self, asked: Asked, key: str) -> Placement | None:
        """The unit's place on the day; an unsaved one when it stands only in other organograms."""
        parts = {**LISTED_PARTS, **self.parts}
        found = with_parts(self.numbered(Placement.objects.of_units([key], asked.get("asOf"))), parts)
        places = places_on(found, asked.get("asOf"))
        if not found:
            _redirect_former(key, asked)
        return places[0] if places else None

    def last_edit(self, row: Any) -> datetime.datetime:
        """When the unit itself was edited last."""
        return row.unit.modified

    def retired(self, asked: Asked, key: str) -> Unit | None:
        """The unit that has, or once had, this slug and is no longer shown; of a withheld one nothing may be told."""
        return Unit.objects.retired().not_withheld().known_as(key).first()

    def successors(self, retired: Unit, asked: Asked) -> list[dict[str, str]]:
        """The units that a unit became, as far as the public sees them."""
        return [
            {"slug": unit.slug, "name": unit.name, "href": asked.links.href("units", unit.slug)}
            for unit in successors_of(retired)
        ]

    def context_for(self, rows: list[Any], asked: Asked) -> dict[str, Any]:
        """The path, the parts and the history of the unit."""
        (place,) = rows
        paths = Placement.objects.get_paths([place.pk] if place.organogram_id else [])
        return {"standings": place.standings, "paths": paths, "parts": {**LISTED_PARTS, **self.parts}}


def _redirect_former(slug: str, asked: Asked) -> None:
    """Raise Moved when the slug once belonged to a unit that the public sees."""
    unit = Unit.objects.in_public_structure().formerly(slug).first()
    if unit is not None:
        raise Moved(asked.links.href("units", unit.slug), asked.query.urlencode())


class OrganogramSerializer(EditionSerializer):
    """One version of the structure."""

    href = HrefField("organograms")
    summary = serializers.CharField(required=False)
    structure = serializers.SerializerMethodField(
        help_text="The address of the whole structure in this version."
    )

    @extend_schema_field(serializers.URLField())
    def get_structure(self, organogram: Organogram) -> str:
        """The organogram on the first day of this edition."""
        return f"{self.context['links'].api}/organogram?asOf={organogram.valid_from.isoformat()}"


class OrganogramCollection(Collection):
    """All versions of the structure, the newest first; also those that start in the future."""

    summary = "Versions of the structure"
    tag = UNITS_TAG
    serializer = OrganogramSerializer
    search_fields = ("title", "summary")
    orders = {"validFrom": "valid_from", "title": "title"}
    parameters = (Day(name="asOf", description="Only the version in force on this day."),)

    def rows(self, asked: Asked) -> QuerySet:
        """The published versions, or the one in force on a day."""
        versions = Organogram.objects
        rows = versions.in_force(asked.get("asOf")) if asked.get("asOf") else versions.published()
        return rows.select_related("source")


class OrganogramItem(Item):
    """One version of the structure, without its units."""

    summary = "One version"
    tag = UNITS_TAG
    serializer = OrganogramSerializer

    def rows(self, asked: Asked) -> QuerySet:
        """The published versions."""
        return Organogram.objects.published().select_related("source")


@extend_schema_field({"type": "array", "items": {"$ref": "#/components/schemas/OrganogramNode"}})
class ChildrenField(serializers.ListField):
    """What stands below a unit: nodes again."""


class OrganogramNodeSerializer(serializers.Serializer):
    """A unit in the structure, with what stands below it."""

    slug = serializers.CharField()
    name = serializers.CharField()
    abbreviation = serializers.CharField(required=False)
    kind = CodeField(UnitKind)
    children = ChildrenField(required=False)


class StructureSerializer(KnownSerializer):
    """The structure on one day."""

    slug = serializers.CharField()
    title = serializers.CharField()
    href = HrefField("organograms")
    htmlUrl = HtmlUrlField()
    validFrom = serializers.DateField(source="valid_from")
    decision = DecisionField()
    source = SourceField()  # type: ignore[assignment]  # a field named like an attribute of fields
    root = OrganogramNodeSerializer(required=False)


class StructureItem(Resource):
    """The whole structure on a day in one answer, or the part below one unit."""

    summary = "The structure as a tree"
    tag = UNITS_TAG
    serializer = StructureSerializer
    linked_node = staticmethod(structure_node)
    parameters = (
        AS_OF,
        Reference(
            name="root",
            description="Only this unit and what is below it.",
            known=lambda: Unit.objects.visible(),
            repeatable=False,
        ),
        Number(name="depth", description="How many levels below the root.", low=0, high=100),
    )

    def answer(self, asked: Asked, **keys: str) -> dict[str, Any]:
        """The edition in force with its units. Raises NotFound before the first organogram."""
        place = asked.get("root"), asked.get("depth")
        organogram, outline = get_outline_in_force(asked.get("asOf"), *place)
        if organogram is None:
            raise NotFound("asOf", str(asked.get("asOf") or timezone.localdate()), str(NOTHING_YET), "query")
        if outline is None and asked.get("root"):
            raise BadRequest([issue("root", asked.get("root"), str(NOT_IN_IT))])
        organogram.root = None
        shown = StructureSerializer(context={"links": asked.links}).to_representation(organogram)
        return {**shown, "root": orjson.Fragment(outline)} if outline else shown


class ChangeKind(TextChoices):
    """What happened to a unit between two organograms."""

    CREATED = "created", _("New")
    ENDED = "ended", _("Ended")
    RENAMED = "renamed", _("Other name")
    MOVED = "moved", _("Other place")
    MERGED = "merged", _("Merged")
    SPLIT = "split", _("Split")
    REPLACED = "replaced", _("Replaced")


class ComparedSerializer(ReferenceSerializer):
    """One of the two organograms that are compared."""

    validFrom = serializers.DateField()


class ChangeSerializer(serializers.Serializer):
    """What happened to one unit."""

    kind = CodeField(ChangeKind)
    kindLabel = serializers.CharField()
    unit = ReferenceSerializer()
    before = serializers.CharField(
        required=False, help_text="The former name, or the name of the former parent."
    )
    after = serializers.CharField(required=False, help_text="The new name, parent or successor.")
    successors = ReferenceSerializer(
        many=True, required=False, help_text="The units in which one that ended goes on."
    )

    def get_fields(self) -> dict[Any, serializers.Field]:
        """The fields; one of them has a name that a class cannot give."""
        fields: dict[Any, serializers.Field] = dict(super().get_fields())
        fields["from"] = ComparedSerializer(help_text="The organogram before.")
        fields["to"] = ComparedSerializer(help_text="The organogram after: the change holds from it on.")
        return fields

    def to_representation(self, instance: Change) -> dict[str, Any]:
        """The known parts of the change."""
        shown: dict[str, Any] = {"kind": instance.kind, "kindLabel": str(ChangeKind(instance.kind).label)}
        shown |= {"unit": self._reference("units", instance.slug, instance.name)}
        shown |= {"before": instance.before, "after": instance.after}
        shown["successors"] = [self._reference("units", heir.slug, heir.name) for heir in instance.heirs]
        for name, edition in self.context["compared"].items():
            shown[name] = self._reference("organograms", edition.slug, edition.title)
            shown[name]["validFrom"] = edition.valid_from
        return {name: part for name, part in shown.items() if part and name in self.fields}

    def _reference(self, collection: str, slug: str, name: str) -> dict[str, Any]:
        return {"slug": slug, "name": name, "href": self.context["links"].href(collection, slug)}


class OrganogramChangeCollection(Collection):
    """What was created, ended, renamed, moved, merged, split or replaced between two days."""

    summary = "What changed between two days"
    tag = UNITS_TAG
    serializer = ChangeSerializer
    linked_node = staticmethod(change_node)
    parameters = (
        Day(name="from", description="The earlier day.", required=True),
        Day(name="to", description="The later day; today when absent."),
    )

    def rows(self, asked: Asked) -> Sequence[Change]:
        """The changes between the organograms in force on both days. Raises BadRequest before the first one."""
        start, end = asked.get("from"), asked.get("to") or timezone.localdate()
        if start > end:
            raise BadRequest([issue("from", start.isoformat(), str(WRONG_ORDER))])
        old, new = _in_force("from", start), _in_force("to", end)
        self.compared = {"from": old, "to": new}
        return [] if old == new else compare(old, new)

    def context_for(self, rows: list[Any], asked: Asked) -> dict[str, Any]:
        """The two organograms that were compared."""
        return {"compared": self.compared}


def _in_force(name: str, day: datetime.date) -> Organogram:
    """The organogram in force on a day. Raises BadRequest before the first one."""
    organogram = Organogram.objects.get_in_force(day)
    if organogram is None:
        raise BadRequest([issue(name, day.isoformat(), str(NOTHING_YET))])
    return organogram
