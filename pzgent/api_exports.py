"""The bulk files of the API."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
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
from pzgent.rest.answering import Asked, Resource, links_for, site_of
from pzgent.rest.conditional import tag_of, unless_modified
from pzgent.rest.parameters import Code, read_query
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
    """What the files share: made while they are sent, kept by caches for five minutes.

    Their tag follows from the state of the data and from what was asked, so that a client that has a file already is
    told so before anything is read.
    """

    schema = FileSchema()
    tag = TAG
    file_type = ""
    cache_control = CACHED
    # Whether the same data give the same bytes. What tells when it was made does not, so its tag is a weak one.
    says_when = False
    collections: Mapping[str, type[Collection]] = {}

    def get(self, request: Request, **keys: str) -> HttpResponseBase:
        """The file, to be saved under its own name."""
        asked = read_query(self.all_parameters(), request.query_params)
        headers = str(asked.get("headers", Headers.ENGLISH))
        state = {"Cache-Control": self.cache_control, "Vary": "Accept-Encoding"}
        if self.revision is not None:
            # Read before the data, so that a file is never newer than its tag says.
            state["ETag"] = self._tag(request._request, self.revision(), headers)
            known = unless_modified(request._request, HttpResponse(headers=state))
            if known.status_code == 304:
                return known
        response = self.file(self._export(request._request), headers, **keys)
        for name, value in state.items():
            response.headers[name] = value
        return response

    def _tag(self, request: HttpRequest, revision: str, headers: str) -> str:
        """The tag of the file: another one for other data, another question, language, coding or version of the API."""
        question = (site_of(request), request.path, headers, get_language() or "", self._coding())
        tag = tag_of("\n".join((revision, str(settings.SPECTACULAR_SETTINGS["VERSION"]), *question)).encode())
        return f"W/{tag}" if self.says_when else tag

    def _coding(self) -> str:
        """In which coding the client likes to get the file."""
        return preferred(self.request.headers.get("Accept-Encoding", ""))

    def file(self, export: Export, headers: str, **keys: str) -> HttpResponseBase:
        """The answer with the file; `headers` is the language of the names of columns."""
        raise NotImplementedError  # a hook: each kind says its own

    def _export(self, request: HttpRequest) -> Export:
        about: dict[str, Any] = settings.SPECTACULAR_SETTINGS
        known = {"title": about["TITLE"], "version": about["VERSION"], "license": about["LICENSE"]["url"]}
        schemas = get_description()["components"]["schemas"]
        return Export(self.collections, links_for(request), known, schemas, timezone.localtime())

    def streamed(self, parts: Iterator[bytes], content_type: str, name: str) -> StreamingHttpResponse:
        """The parts, made in the language asked for and packed as the client likes it, while they are sent."""
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        coding = self._coding()
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
    says_when = True
    renderer_classes = [JSONRenderer]

    def file(self, export: Export, headers: str, **keys: str) -> HttpResponseBase:
        """The document."""
        return self.streamed(export.as_json(), JSON, "organisation.json")


class ZIPExport(ExportFile):
    """Everything as JSON and as CSV, with a description, in one ZIP file."""

    summary = "Everything in one archive"
    parameters = (HEADERS,)
    file_type = ZIP
    says_when = True
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

    def get(self, request: Request, **keys: str) -> HttpResponseBase:
        """The table. Raises NotFound for a name that is no table."""
        if keys["table"] not in self.collections:
            raise NotFound("table", keys["table"], _("Nothing has this address."))
        return super().get(request, **keys)

    def file(self, export: Export, headers: str, **keys: str) -> HttpResponseBase:
        """The answer with the table."""
        table = keys["table"]
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
