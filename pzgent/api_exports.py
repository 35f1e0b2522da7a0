"""The bulk files of the API."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone, translation
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse
from rest_framework import serializers
from rest_framework.request import Request

from pzgent.api_docs import get_description
from pzgent.columns import Headers
from pzgent.compression import PLAIN, compressed, preferred
from pzgent.exports import Export
from pzgent.rest import JSONRenderer, NotFound
from pzgent.rest.parameters import Code, read_query
from pzgent.rest.answering import Asked, Resource, links_for
from pzgent.rest.resources import Collection
from pzgent.rest.schema import ResourceSchema

TAG = "Bulk"
CACHED = "public, max-age=300"
JSON, CSV, ZIP = "application/json", "text/csv", "application/zip"
HEADERS = Code(name="headers", description="Language of the first line.", choices=Headers, repeatable=False)


def files_of(tables: Iterable[str]) -> list[tuple[str, str]]:
    """The name and media type of every file, those with everything first."""
    whole = [("organisation.json", JSON), ("organisation.zip", ZIP)]
    return whole + [(f"{table}.csv", CSV) for table in sorted(tables)]


class FileSchema(ResourceSchema):
    """Describes an answer that is a file."""

    def has_state(self) -> bool:
        """A file is made while it is sent, so it has no ETag."""
        return False

    def get_response_serializers(self) -> Any:
        """The file under its own type."""
        file_type = OpenApiTypes.OBJECT if self.view.file_type == JSON else OpenApiTypes.BINARY
        return {(200, self.view.file_type): OpenApiResponse(file_type, self.view.summary)}


class CSVFile(JSONRenderer):
    """Lets a client ask for CSV; the file itself is written elsewhere, and errors are JSON everywhere."""

    media_type, format = CSV, "csv"


class ZIPFile(JSONRenderer):
    """Lets a client ask for a ZIP file; otherwise the same."""

    media_type, format = ZIP, "zip"


class ExportFile(Resource):
    """What the files share: made while they are sent, kept by caches for five minutes."""

    schema = FileSchema()
    tag = TAG
    file_type = ""
    cache_control = CACHED
    collections: Mapping[str, type[Collection]] = {}

    def get(self, request: Request, **keys: str) -> HttpResponseBase:
        """The file, to be saved under its own name."""
        asked = read_query(self.all_parameters(), request.query_params)
        headers = str(asked.get("headers", Headers.ENGLISH))
        response = self.file(self._export(request._request), headers, **keys)
        response.headers["Cache-Control"] = self.cache_control
        return response

    def file(self, export: Export, headers: str, **keys: str) -> HttpResponseBase:
        """The answer with the file; `headers` is the language of the names of columns."""
        raise NotImplementedError

    def _export(self, request: HttpRequest) -> Export:
        about: dict[str, Any] = settings.SPECTACULAR_SETTINGS
        known = {"title": about["TITLE"], "version": about["VERSION"], "license": about["LICENSE"]["url"]}
        schemas = get_description()["components"]["schemas"]
        return Export(self.collections, links_for(request), known, schemas, timezone.localtime())

    def streamed(self, parts: Iterator[bytes], content_type: str, name: str) -> StreamingHttpResponse:
        """The parts, made in the language asked for and packed as the client likes it, while they are sent."""
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Vary": "Accept-Encoding"}
        coding = preferred(self.request.headers.get("Accept-Encoding", ""))
        if coding != PLAIN:
            headers["Content-Encoding"] = coding
        spoken = _in_language(get_language() or settings.LANGUAGE_CODE, parts)
        return StreamingHttpResponse(compressed(spoken, coding), content_type=content_type, headers=headers)


def _in_language(code: str, parts: Iterator[bytes]) -> Iterator[bytes]:
    """The parts; by the time they are asked for, the language of the request is no longer active."""
    with translation.override(code):
        yield from parts


class JSONExport(ExportFile):
    """Every collection and every structure in one JSON document."""

    summary = "Everything as JSON"
    file_type = JSON
    renderer_classes = [JSONRenderer]

    def file(self, export: Export, headers: str, **keys: str) -> HttpResponseBase:
        """The document."""
        return self.streamed(export.as_json(), JSON, "organisation.json")


class ZIPExport(ExportFile):
    """Everything as JSON and as CSV, with a description, in one ZIP file."""

    summary = "Everything in one archive"
    parameters = (HEADERS,)
    file_type = ZIP
    renderer_classes = [ZIPFile, JSONRenderer]

    def file(self, export: Export, headers: str, **keys: str) -> HttpResponseBase:
        """The archive."""
        return FileResponse(
            export.as_zip(headers), as_attachment=True, filename="politiezone-gent.zip", content_type=ZIP
        )


class CSVExport(ExportFile):
    """One collection as CSV (RFC 4180, UTF-8). Absent values are empty; lists have bars between their values."""

    summary = "One table as CSV"
    parameters = (HEADERS,)
    file_type = CSV
    renderer_classes = [CSVFile, JSONRenderer]

    @property
    def path_values(self) -> Mapping[str, Iterable[str]]:  # type: ignore[override]  # known once it is composed
        """The tables there are."""
        return {"table": sorted(self.collections)}

    def file(self, export: Export, headers: str, **keys: str) -> HttpResponseBase:
        """The table. Raises NotFound for a name that is no table."""
        table = keys["table"]
        if table not in export.collections:
            raise NotFound("table", table, _("Nothing has this address."))
        return self.streamed(
            export.as_csv(table, headers), f"{CSV}; charset=utf-8; header=present", f"{table}.csv"
        )


class ExportLinkSerializer(serializers.Serializer):
    """One file."""

    name = serializers.CharField()
    mediaType = serializers.CharField()
    href = serializers.URLField()


class ExportListSerializer(serializers.Serializer):
    """The files."""

    self = serializers.URLField()
    license = serializers.URLField()
    items = ExportLinkSerializer(many=True)
    total = serializers.IntegerField()


class ExportList(Resource):
    """The files that hold everything at once."""

    summary = "Bulk files"
    tag = TAG
    serializer = ExportListSerializer
    collections: Mapping[str, type[Collection]] = {}

    def answer(self, asked: Asked, **keys: str) -> dict[str, Any]:
        """Their names, types and addresses."""
        root = f"{asked.links.api}/exports"
        items = [
            {"name": name, "mediaType": kind, "href": f"{root}/{name}"}
            for name, kind in files_of(self.collections)
        ]
        about: dict[str, Any] = settings.SPECTACULAR_SETTINGS
        return {"self": root, "license": about["LICENSE"]["url"], "items": items, "total": len(items)}
