"""Locations, their care areas, and notices in the API."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from contact.api import TAG
from contact.api.channels import AT_LOCATION, ChannelBriefSerializer, ChannelCollection
from contact.api.dated import FirstDayField, LastDayField
from contact.api.linked import location_node
from contact.models import CareArea, Location, Notice
from contact.models.notices import NoticeLevel
from contact.models.places import Certainty, LocationKind
from organisation.api.units import WITHIN, UnitCollection, unit_reference
from organisation.models import Document, Organogram, Unit
from pzgent.kernel.rest.answering import ApiQuery
from pzgent.kernel.rest.embedding import Embeds
from pzgent.kernel.rest.fields import (
    CodeField,
    HrefField,
    ItemSerializer,
    LabelField,
    NumberField,
    OmitEmptySerializer,
    PlainTextField,
    ReferenceField,
    SourcedSerializer,
    StatedSerializer,
    TranslatedField,
    show_all,
)
from pzgent.kernel.rest.parameters import BadValue, Code, Day, Parameter, PostalCode, Reference
from pzgent.kernel.rest.parts import with_parts
from pzgent.kernel.rest.resources import Collection
from pzgent.kernel.rich_text import to_text

POINT = re.compile(
    r"-?(90(\.0{1,8})?|[0-8]?[0-9](\.[0-9]{1,8})?),-?(180(\.0{1,8})?|(1[0-7][0-9]|[0-9]{1,2})(\.[0-9]{1,8})?)",
    re.ASCII,
)
EARTH_RADIUS = 6_371_000
AS_OF = Day(
    name="asOf", is_shared=True, description="The locations that can be used on this day; today when absent."
)


@dataclass(frozen=True, kw_only=True)
class Point(Parameter):
    """Geographic point, as latitude and longitude."""

    def read(self, text: str) -> tuple[float, float]:
        """Return latitude and longitude in degrees."""
        north, _comma, east = text.partition(",")
        if not POINT.fullmatch(text):
            raise BadValue(_("Write a point as latitude,longitude, for example 51.054,3.725."))
        return float(north), float(east)

    def schema(self) -> dict[str, Any]:
        """Return the OpenAPI schema of the value."""
        return {"type": "string", "pattern": f"^{POINT.pattern}$", "example": "51.054,3.725"}


def metres_between(one: tuple[float, float], other: tuple[float, float]) -> int:
    """Return the great-circle distance between two points, in metres (haversine)."""
    (north, east), (north_too, east_too) = (tuple(map(math.radians, point)) for point in (one, other))
    across = math.sin((north_too - north) / 2) ** 2
    across += math.cos(north) * math.cos(north_too) * math.sin((east_too - east) / 2) ** 2
    return round(2 * EARTH_RADIUS * math.asin(math.sqrt(across)))


class ServedAreaSerializer(OmitEmptySerializer):
    """Part of the city that a location serves."""

    slug = serializers.CharField()
    name = TranslatedField("name")
    postalCode = serializers.CharField(source="postal_code", required=False)
    certainty = CodeField(Certainty)
    href = HrefField("careAreas")


LOCATION_EMBEDS: Embeds = {
    "unit": lambda: UnitCollection,
    "channels": lambda: ChannelCollection,
    "careAreas": lambda: CareAreaCollection,
}
LOCATION_PARTS = {"channels": AT_LOCATION}
CARE_AREA_EMBEDS: Embeds = {"location": lambda: LocationCollection}


class LocationSerializer(SourcedSerializer):
    """Location of the police; address and coordinates only if known."""

    href = HrefField("locations")
    name = TranslatedField("name")
    kind = CodeField(LocationKind)
    kindLabel = LabelField(LocationKind, source="kind")
    unit = ReferenceField("units", shown_if="unit_shown")
    street = serializers.CharField(required=False)
    postalCode = serializers.CharField(source="postal_code", required=False)
    city = serializers.CharField(required=False)
    address = serializers.CharField(required=False, help_text="In one line.")
    latitude = NumberField(required=False)
    longitude = NumberField(required=False)
    serves = TranslatedField("serves", required=False, help_text="The part of the city, in words.")
    accessibility = TranslatedField("accessibility", required=False)
    note = TranslatedField("note", required=False)
    validFrom = FirstDayField()
    validUntil = LastDayField()
    distance = serializers.SerializerMethodField(
        required=False, help_text="In metres as the crow flies; only with `near`."
    )
    careAreas = ServedAreaSerializer(source="care_areas", many=True, required=False)
    channels = serializers.SerializerMethodField(required=False)

    @extend_schema_field(ChannelBriefSerializer(many=True))
    def get_channels(self, location: Location) -> list[Any]:
        """Return the channels at this location; only with embed."""
        rows = AT_LOCATION.read(getattr(location, "channels_rows", None))
        return show_all(ChannelBriefSerializer, rows, self.context)

    def get_distance(self, location: Location) -> int | None:
        """Return the distance from the requested point."""
        near = self.context["asked"].get("near") if "asked" in self.context else None
        if near is None or location.latitude is None or location.longitude is None:
            return None
        return metres_between(near, (float(location.latitude), float(location.longitude)))


class LocationCollection(Collection):
    """Police stations, branch offices and police points."""

    name = "Location"
    item_summary = "One location"
    item_description = "One location with the areas it serves."
    item_parameters = (AS_OF,)
    summary = "Locations"
    tag = TAG
    serializer = LocationSerializer
    linked_node = staticmethod(location_node)
    embeds = LOCATION_EMBEDS
    parts = LOCATION_PARTS
    embedded_only = ("channels",)
    momentary = ("distance",)
    search_fields = ("name", "street", "city", "serves", "note")
    orders = {"name": "name", "kind": "kind"}
    parameters = (
        PostalCode(name="postalCode", description="Locations that serve (part of) this postcode."),
        Point(
            name="near",
            description="Only locations of which the point is known, the nearest to this point first.",
        ),
        Code(name="kind", choices=LocationKind, lookup="kind__in", description="Sort of place."),
        unit_reference("unit", "Slug of the unit.", "unit__slug__in"),
        WITHIN,
        AS_OF,
    )

    columns = {
        "accessibility": "toegankelijkheid",
        "address": "adres",
        "careAreas": "zorggebieden",
        "city": "gemeente",
        "latitude": "breedtegraad",
        "longitude": "lengtegraad",
        "serves": "bedient",
        "street": "straat en nummer",
    }
    affected_by = {
        Location: {"pk": "id"},
        CareArea: {"pk": "location_id"},
        Unit: {"unit": "id"},
        Organogram: None,
        Document: {"source": "id"},
    }

    def rows(self, asked: ApiQuery) -> QuerySet:
        """Return the published locations that serve one of the postcodes, or those near a point."""
        rows: Any = Location.objects.published(on=asked.get("asOf")).with_public_relations()
        if near := asked.get("near"):
            rows = rows.nearest_to(*near)
        if units := asked.get("ancestor"):
            rows = rows.of_any(Unit.objects.within_any(units, asked.get("asOf")))
        return rows.serving_any(asked.get("postalCode")) if asked.get("postalCode") else rows

    def item_rows(self, asked: ApiQuery) -> QuerySet:
        """Return the locations valid on the day, with their channels if these are embedded."""
        rows = self.rows(asked)
        return with_parts(rows, LOCATION_PARTS) if "channels" in asked.get("embed", ()) else rows

    def retired(self, asked: ApiQuery, key: str) -> Location | None:
        """Return a withdrawn location, or one past its last day."""
        return super().retired(asked, key) or Location.objects.ended().filter(slug=key).first()


class CareAreaSerializer(StatedSerializer, ItemSerializer):
    """Part of the city, and the location that serves it."""

    href = HrefField("careAreas")
    name = TranslatedField("name")
    postalCode = serializers.CharField(source="postal_code", required=False)
    location = ReferenceField(
        "locations",
        label="translated.name",
        shown_if="location.is_published",
        help_text="Absent when unknown.",
    )
    certainty = CodeField(Certainty)
    certaintyLabel = LabelField(Certainty, source="certainty")
    note = TranslatedField("note", required=False)


class CareAreaCollection(Collection):
    """Which location serves which part of the city."""

    name = "CareArea"
    item_summary = "One care area"
    item_description = "One part of the city."
    summary = "Care areas"
    tag = TAG
    serializer = CareAreaSerializer
    embeds = CARE_AREA_EMBEDS
    search_fields = ("name", "postal_code", "note")
    orders = {"name": "name", "postalCode": "postal_code"}
    parameters = (
        PostalCode(name="postalCode", lookup="postal_code__in", description="Postcode of the area."),
        Code(name="certainty", choices=Certainty, lookup="certainty__in", description="How sure it is."),
        Reference(
            name="location",
            lookup="location__slug__in",
            description="Slug of the location that serves the area.",
            known=lambda: Location.objects.published(),
        ),
    )

    columns = {"certainty": "zekerheidscode", "certaintyLabel": "zekerheid"}
    affected_by = {
        CareArea: {"pk": "id"},
        Location: {"location": "id"},
        Unit: {"location__unit": "id"},
        Document: {"source": "id"},
    }

    def rows(self, asked: ApiQuery) -> QuerySet:
        """Return the published areas."""
        return CareArea.objects.published().with_location()


class NoticeSerializer(ItemSerializer):
    """Message shown on every page for a limited time."""

    href = HrefField("notices")
    level = CodeField(NoticeLevel)
    levelLabel = LabelField(NoticeLevel, source="level")
    title = TranslatedField("title")
    text = PlainTextField(help_text="In the language asked for; in Dutch when there is no such text.")
    texts = serializers.SerializerMethodField(help_text="The text per language.")
    starts = serializers.DateTimeField()
    ends = serializers.DateTimeField()

    def get_texts(self, notice: Notice) -> dict[str, str]:
        """Return the available texts, by language."""
        texts: dict[str, Any] = {code: getattr(notice, f"text_{code}") for code in ("nl", "fr", "en", "de")}
        return {code: to_text(text) for code, text in texts.items() if text}


class NoticeCollection(Collection):
    """Notices in force now, by level."""

    name = "Notice"
    item_summary = "One notice"
    item_description = "One notice in force now."
    summary = "Notices"
    tag = TAG
    serializer = NoticeSerializer
    search_fields = ("title", "text_nl", "text_fr", "text_en", "text_de")
    parameters = (Code(name="level", choices=NoticeLevel, lookup="level__in", description="How serious."),)

    columns = {
        "de": "de",
        "en": "en",
        "ends": "einde",
        "fr": "fr",
        "levelLabel": "ernst",
        "nl": "nl",
        "starts": "begin",
        "texts": "teksten",
    }
    affected_by = {Notice: {"pk": "id"}}

    def rows(self, asked: ApiQuery) -> QuerySet:
        """Return the notices in force."""
        return Notice.objects.in_force()

    def retired(self, asked: ApiQuery, key: str) -> Notice | None:
        """Return a withdrawn notice, or one that has expired."""
        return super().retired(asked, key) or Notice.objects.ended().filter(slug=key).first()
