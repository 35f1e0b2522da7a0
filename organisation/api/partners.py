"""Partners outside the police in the API."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers

from organisation.api.units import UNITS_TAG, UnitCollection, unit_reference
from organisation.models import Document, Organogram, Partner, Unit
from organisation.models.partners import PartnerKind
from pzgent.kernel.rest.answering import ApiQuery
from pzgent.kernel.rest.fields import (
    CodeField,
    HrefField,
    LabelField,
    OmitEmptySerializer,
    ReferenceField,
    SourcedSerializer,
)
from pzgent.kernel.rest.parameters import Code
from pzgent.kernel.rest.parts import NestedRows, row_of
from pzgent.kernel.rest.resources import Collection
from pzgent.kernel.rest.tables import LongTable, columns_of, parts_of

OF_UNIT = NestedRows(
    lambda: Partner.objects.published().of_place(),
    {"slug": "slug", "name": "name", "kind": "kind"},
    row_of(Partner),
)


class PartnerBriefSerializer(OmitEmptySerializer):
    """Partner as other objects represent it."""

    slug = serializers.CharField()
    name = serializers.CharField()
    kind = CodeField(PartnerKind)
    href = HrefField("partners")


class PartnerSerializer(SourcedSerializer):
    """Body outside the police, with the units that work with it."""

    href = HrefField("partners")
    name = serializers.CharField()
    kind = CodeField(PartnerKind)
    kindLabel = LabelField(PartnerKind, source="kind")
    summary = serializers.CharField(required=False, help_text="What it does together with the police.")
    url = serializers.URLField(required=False, help_text="Its own public website.")
    units = serializers.ListField(
        child=ReferenceField("units", label="name"), source="units.all", required=False
    )


class PartnerCollection(Collection):
    """Outside bodies, and groups of bodies, that units of the police work with."""

    name = "Partner"
    item_summary = "One partner"
    item_description = "One partner."
    summary = "Partners"
    tag = UNITS_TAG
    serializer = PartnerSerializer
    embeds = {"units": lambda: UnitCollection}
    search_fields = ("name", "summary")
    orders = {"name": "name", "kind": "kind"}
    parameters = (
        Code(name="kind", choices=PartnerKind, lookup="kind__in", description="Kind of partner."),
        unit_reference("unit", "Slug of a unit that works with it."),
    )

    long_tables = {
        "partnerUnits": LongTable(
            parts_of("units", "partner", "unit"),
            (*columns_of("partner", "id", "slug", "name"), *columns_of("unit", "slug", "name", "href")),
        ),
    }
    columns = {"partner": "partner", "units": "eenheden"}
    affected_by = {
        Partner: {"pk": "id"},
        Partner.units.through: {"pk": "partner_id"},
        Unit: {"units": "id"},
        Organogram: None,
        Document: {"source": "id"},
    }

    def rows(self, asked: ApiQuery) -> QuerySet:
        """Return the published partners, or those of some units."""
        rows: Any = Partner.objects.published()
        return rows.of_units(asked.get("unit")) if asked.get("unit") else rows

    def prepared(self, rows: Any, asked: ApiQuery) -> Any:
        """Return the partners with the units that the public sees."""
        return super().prepared(rows.select_related("source").with_public_units(), asked)
