"""The URLs of the API."""

from __future__ import annotations

from typing import Any

from django.urls import path, re_path
from django.views.decorators.csrf import csrf_exempt

from contact.api import hours
from organisation.api import structure
from pzgent.api import about, docs, exports
from pzgent.api.changes import Changes, History
from pzgent.change_feed.changes import get_former, with_numbers
from pzgent.kernel.rest.resources import Collection
from pzgent.registry.collections import COLLECTIONS, EXPORTED

app_name = "api"


FILES: dict[str, Any] = {"collections": EXPORTED}


def _addresses_of(name: str, collection: type[Collection]) -> list[Any]:
    """Return the URL patterns of a collection and its items."""
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
