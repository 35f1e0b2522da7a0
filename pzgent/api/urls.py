"""The API as a whole: its addresses, what composes the apps, and what describes the API itself."""

from __future__ import annotations

from typing import Any

from django.urls import path, re_path
from django.views.decorators.csrf import csrf_exempt
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from contact.api import channels, hours, places, topics
from contact.api.channels import ChannelBriefSerializer
from organisation.api import facts, staffing, structure, units
from organisation.models import Placement
from projects import api as projects
from projects.api import ProjectBriefSerializer
from pzgent.api import about, docs, exports
from pzgent.api.changes import Changes, History
from pzgent.api.consumers import ConsumerCollection
from pzgent.change_feed.changes import get_former, with_numbers
from pzgent.kernel.rest.embedding import Embeds
from pzgent.kernel.rest.resources import Collection

app_name = "api"


UNIT_PARTS = {**units.UNIT_PARTS, "channels": channels.OF_UNIT, "projects": projects.OF_UNIT}
UNIT_EMBEDS: Embeds = {
    **units.UNIT_EMBEDS,
    "channels": lambda: channels.ChannelCollection,
    "projects": lambda: projects.ProjectCollection,
}


class UnitSerializer(units.UnitSerializer):
    """A unit, under the name and at the place that it has on the day."""

    channels = serializers.SerializerMethodField(required=False)
    projects = serializers.SerializerMethodField(required=False)

    @extend_schema_field(ChannelBriefSerializer(many=True))
    def get_channels(self, place: Placement) -> list[Any]:
        """How to reach the unit, the most urgent first; in a list only with embed."""
        return self.part("channels", place, ChannelBriefSerializer)

    @extend_schema_field(ProjectBriefSerializer(many=True))
    def get_projects(self, place: Placement) -> list[Any]:
        """The projects in which the unit takes part; in a list only with embed."""
        return self.part("projects", place, ProjectBriefSerializer)


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
    "locations": places.LocationCollection,
    "careAreas": places.CareAreaCollection,
    "notices": places.NoticeCollection,
    "consumers": ConsumerCollection,
}
# What changed between two days follows from the organograms, which are in the files.
EXPORTED = {name: collection for name, collection in COLLECTIONS.items() if collection.name}


FILES: dict[str, Any] = {"collections": EXPORTED}


def _addresses_of(name: str, collection: type[Collection]) -> list[Any]:
    """The addresses of a collection and of its items."""
    if not collection.name:
        return [path(f"v1/{name}", collection.as_view(), name=name)]
    known: dict[str, Any] = {"with_numbers": with_numbers, "told_as": name}
    key = "<uuid:id>" if collection.key == "id" else "<slug:slug>"
    return [
        path(f"v1/{name}", collection.as_view(**known), name=name),
        path(f"v1/{name}/{key}", collection.item_view(**known, get_former=get_former), name=f"{name}-item"),
    ]


urlpatterns = [
    path("v1", about.Index.as_view(collections=tuple(COLLECTIONS)), name="index"),
    *(address for name, collection in COLLECTIONS.items() for address in _addresses_of(name, collection)),
    path("v1/organogram", structure.Structure.as_view(), name="organogram"),
    path(
        "v1/channels/<uuid:id>/openingHours",
        hours.OpeningHoursCollection.as_view(),
        name="openingHours",
    ),
    path("v1/changes", Changes.as_view(collections=EXPORTED), name="changes"),
    path(
        "v1/changes/<slug:collection>/<uuid:id>",
        History.as_view(collections=EXPORTED, path_values={"collection": tuple(EXPORTED)}),
        name="history",
    ),
    path("v1/exports", exports.ExportList.as_view(collections=EXPORTED), name="exports"),
    path("v1/exports/organisation.json", exports.JSONExport.as_view(**FILES), name="export-json"),
    path("v1/exports/organisation.zip", exports.ZIPExport.as_view(**FILES), name="export-zip"),
    path("v1/exports/<slug:table>.csv", exports.CSVExport.as_view(**FILES), name="export-csv"),
    path("v1/search", about.Search.as_view(), name="search"),
    path("v1/refData", about.CodeLists.as_view(), name="refData"),
    path("v1/refData/<slug:name>", about.CodeListCollection.as_view(), name="refData-item"),
    path("v1/health", about.Health.as_view(), name="health"),
    path("v1/openapi.json", docs.OpenApi.as_view(), name="openapi"),
    path("v1/openapi.yaml", docs.OpenApiYaml.as_view(), name="openapi-yaml"),
    path("v1/docs", csrf_exempt(docs.documentation), name="docs"),
    re_path(r"^.*$", about.Nowhere.as_view(), name="nowhere"),
]
