"""Registry of the API collections, and the serializers that combine several apps."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from contact.api import channels, guides, places, topics
from contact.api.channels import ChannelBriefSerializer
from organisation.api import facts, partners, staffing, structure, units
from organisation.api.partners import PartnerBriefSerializer
from organisation.models import Placement
from projects import api as projects
from projects.api import ProjectBriefSerializer
from pzgent.kernel.rest.embedding import Embeds
from pzgent.kernel.rest.resources import Collection
from pzgent.registry.consumers import ConsumerCollection

UNIT_PARTS = {
    **units.UNIT_PARTS,
    "channels": channels.OF_UNIT,
    "projects": projects.OF_UNIT,
    "partners": partners.OF_UNIT,
}
UNIT_EMBEDS: Embeds = {
    **units.UNIT_EMBEDS,
    "channels": lambda: channels.ChannelCollection,
    "projects": lambda: projects.ProjectCollection,
    "partners": lambda: partners.PartnerCollection,
}


class UnitSerializer(units.UnitSerializer):
    """A unit, under the name and at the place that it has on the day."""

    channels = serializers.SerializerMethodField(required=False)
    projects = serializers.SerializerMethodField(required=False)
    partners = serializers.SerializerMethodField(required=False)

    @extend_schema_field(ChannelBriefSerializer(many=True))
    def get_channels(self, place: Placement) -> list[Any]:
        """How to reach the unit, the most urgent first; in a list only with embed."""
        return self.part("channels", place, ChannelBriefSerializer)

    @extend_schema_field(ProjectBriefSerializer(many=True))
    def get_projects(self, place: Placement) -> list[Any]:
        """The projects in which the unit takes part; in a list only with embed."""
        return self.part("projects", place, ProjectBriefSerializer)

    @extend_schema_field(PartnerBriefSerializer(many=True))
    def get_partners(self, place: Placement) -> list[Any]:
        """The bodies outside the police that the unit works with; in a list only with embed."""
        return self.part("partners", place, PartnerBriefSerializer)


class WholeUnitSerializer(units.UnitDetailSerializer, UnitSerializer):
    """A unit with its parts, its history, how to reach it and what it works on."""


class UnitCollection(units.UnitCollection):
    """The units of the organogram in force on a day, in the order of the organogram."""

    serializer = UnitSerializer
    parts = UNIT_PARTS
    embeds = UNIT_EMBEDS
    embedded_only = ("endedOn", *UNIT_PARTS)
    item_serializer = WholeUnitSerializer
    item_description = """One unit as it stands in the organogram in force on a day, with its parts, channels, projects and history.

    A unit that ended keeps its address: it then has no kind, parent, path or level. A former slug redirects.
    """  # noqa: E501  # a paragraph of the description


COLLECTIONS: dict[str, type[Collection]] = {
    "units": UnitCollection,
    "organograms": structure.OrganogramCollection,
    "organogramChanges": structure.OrganogramChangeCollection,
    "partners": partners.PartnerCollection,
    "staffingTables": staffing.StaffingTableCollection,
    "policies": staffing.PolicyCollection,
    "corporatePlans": facts.CorporatePlanCollection,
    "plans": projects.PlanCollection,
    "projects": projects.ProjectCollection,
    "objectives": projects.ObjectiveCollection,
    "keyFigures": projects.KeyFigureCollection,
    "statements": facts.StatementCollection,
    "documents": facts.DocumentCollection,
    "terms": facts.TermCollection,
    "topics": topics.TopicCollection,
    "channels": channels.ChannelCollection,
    "guides": guides.GuideCollection,
    "locations": places.LocationCollection,
    "careAreas": places.CareAreaCollection,
    "notices": places.NoticeCollection,
    "consumers": ConsumerCollection,
}
# Collections without rows of their own are not exported: organogram changes are derived from the organograms,
# which are in the files already.
EXPORTED = {name: collection for name, collection in COLLECTIONS.items() if collection.name}
