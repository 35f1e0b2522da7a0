"""The organogram in the API: its editions, its structure on a day, and the changes between two days."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

import orjson
from django.db.models import QuerySet, TextChoices
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from organisation.api.linked import change_node, structure_node
from organisation.api.units import AS_OF, UNITS_TAG
from organisation.models import Document, Organogram, Placement, Unit, UnitKind
from organisation.outline import get_outline_in_force
from organisation.structure import Change, compare
from pzgent.kernel import clock
from pzgent.kernel.rest import NotFound
from pzgent.kernel.rest.answering import ApiQuery, Resource
from pzgent.kernel.rest.fields import (
    CodeField,
    DecisionField,
    EditionSerializer,
    HrefField,
    HtmlUrlField,
    PeriodEndedField,
    ReferenceSerializer,
    StatedSerializer,
)
from pzgent.kernel.rest.parameters import BadRequest, Day, Number, Reference, issue
from pzgent.kernel.rest.resources import Collection

NOT_IN_IT = _("This unit does not stand in that organogram.")
WRONG_ORDER = _("The first day must not be later than the last.")
NOTHING_YET = _("No organogram was in force on that day.")


class OrganogramSerializer(EditionSerializer):
    """Edition of the structure."""

    href = HrefField("organograms")
    summary = serializers.CharField(required=False)
    structure = serializers.SerializerMethodField(
        help_text="The address of the whole structure in this version."
    )

    @extend_schema_field(serializers.URLField())
    def get_structure(self, organogram: Organogram) -> str:
        """Return the address of the structure on the first day of this edition."""
        return f"{self.context['links'].api}/organogram?asOf={organogram.valid_from.isoformat()}"


class OrganogramCollection(Collection):
    """All editions of the structure, newest first, including future ones."""

    name = "Organogram"
    item_summary = "One version"
    item_description = "One version of the structure, without its units."
    summary = "Versions of the structure"
    tag = UNITS_TAG
    serializer = OrganogramSerializer
    search_fields = ("title", "summary")
    orders = {"validFrom": "valid_from", "title": "title"}
    parameters = (Day(name="asOf", is_shared=True, description="Only the version in force on this day."),)

    columns = {"structure": "structuur"}
    affected_by = {Organogram: None, Document: {"source": "id"}}

    def rows(self, asked: ApiQuery) -> QuerySet:
        """Return the published editions, or the one in force on a day."""
        return Organogram.objects.published_as_of(asked.get("asOf")).select_related("source")


@extend_schema_field({"type": "array", "items": {"$ref": "#/components/schemas/OrganogramNode"}})
class ChildrenField(serializers.ListField):
    """Units below a unit, as nodes."""


class OrganogramNodeSerializer(serializers.Serializer):
    """Unit in the structure, with the units below it."""

    slug = serializers.CharField()
    name = serializers.CharField()
    abbreviation = serializers.CharField(required=False)
    kind = CodeField(UnitKind)
    children = ChildrenField(required=False)


class StructureSerializer(StatedSerializer):
    """The structure on one day."""

    slug = serializers.CharField()
    title = serializers.CharField()
    href = HrefField("organograms")
    htmlUrl = HtmlUrlField()
    validFrom = serializers.DateField(source="valid_from")
    validUntil = serializers.DateField(source="valid_until", required=False)
    periodEnded = PeriodEndedField()
    decision = DecisionField()
    organisation = ReferenceSerializer(
        required=False, help_text="What stands at the top, where the root that was asked for is a part of it."
    )
    root = OrganogramNodeSerializer(required=False)


class Structure(Resource):
    """The complete structure on a day, or the branch below one unit."""

    summary = "The structure as a tree"
    tag = UNITS_TAG
    serializer = StructureSerializer
    linked_node = staticmethod(structure_node)
    parameters = (
        AS_OF,
        Reference(
            name="root",
            description="Only this unit and what is below it.",
            known=lambda: Unit.objects.in_public_structure(),
            repeatable=False,
        ),
        Number(name="depth", description="How many levels below the root.", low=0, high=100),
    )

    def answer(self, asked: ApiQuery, **keys: str) -> dict[str, Any]:
        """Return the edition in force with its units. Raises NotFound before the first organogram."""
        place = asked.get("root"), asked.get("depth")
        organogram, outline = get_outline_in_force(asked.get("asOf"), *place)
        if organogram is None:
            raise NotFound("asOf", str(asked.get("asOf") or clock.today()), str(NOTHING_YET), "query")
        if outline is None and asked.get("root"):
            raise BadRequest([issue("root", asked.get("root"), str(NOT_IN_IT))])
        organogram.root = organogram.organisation = None
        shown = StructureSerializer(context={"links": asked.links}).to_representation(organogram)
        if outline and asked.get("root"):
            shown |= _whole(organogram, asked)
        return {**shown, "root": orjson.Fragment(outline)} if outline else shown


def _whole(organogram: Organogram, asked: ApiQuery) -> dict[str, Any]:
    """Return the root of an organogram, unless that is the requested root."""
    top = Placement.objects.published().tops_of(organogram).select_related("unit").first()
    if top is None or top.unit.slug == asked.get("root"):
        return {}
    href = asked.links.href("units", top.unit.slug)
    return {"organisation": {"slug": top.unit.slug, "name": top.name, "href": href}}


class ChangeKind(TextChoices):
    """Kind of change of a unit between two organograms."""

    CREATED = "created", _("New")
    ENDED = "ended", _("Ended")
    RENAMED = "renamed", _("Other name")
    MOVED = "moved", _("Other place")
    MERGED = "merged", _("Merged")
    SPLIT = "split", _("Split")
    REPLACED = "replaced", _("Replaced")


class ComparedSerializer(ReferenceSerializer):
    """One of the two compared organograms."""

    validFrom = serializers.DateField()


class ChangeSerializer(serializers.Serializer):
    """Change of one unit."""

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
        """Return the fields; one of them has a name that Python reserves."""
        fields: dict[Any, serializers.Field] = dict(super().get_fields())
        fields["from"] = ComparedSerializer(help_text="The organogram before.")
        fields["to"] = ComparedSerializer(help_text="The organogram after: the change holds from it on.")
        return fields

    def to_representation(self, instance: Change) -> dict[str, Any]:
        """Return the known parts of the change."""
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
    """Units created, ended, renamed, moved, merged, split or replaced between two days."""

    summary = "What changed between two days"
    tag = UNITS_TAG
    serializer = ChangeSerializer
    linked_node = staticmethod(change_node)
    parameters = (
        Day(name="from", description="The earlier day.", required=True),
        Day(name="to", description="The later day; today when absent."),
    )

    def rows(self, asked: ApiQuery) -> Sequence[Change]:
        """Return the changes between the organograms in force on both days. Raises BadRequest before the first one."""
        start, end = asked.get("from"), asked.get("to") or clock.today()
        if start > end:
            raise BadRequest([issue("from", start.isoformat(), str(WRONG_ORDER))])
        old, new = _in_force("from", start), _in_force("to", end)
        self.compared = {"from": old, "to": new}
        return [] if old == new else compare(old, new)

    def context_for(self, rows: list[Any], asked: ApiQuery) -> dict[str, Any]:
        """Return the two compared organograms."""
        return {"compared": self.compared}


def _in_force(name: str, day: datetime.date) -> Organogram:
    """Return the organogram in force on a day. Raises BadRequest before the first one."""
    organogram = Organogram.objects.get_in_force(day)
    if organogram is None:
        raise BadRequest([issue(name, day.isoformat(), str(NOTHING_YET))])
    return organogram
