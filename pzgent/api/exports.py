"""The bulk files of the API."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.conf import settings
from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.utils import timezone, translation
from django.utils.text import slugify
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse
from rest_framework import serializers
from rest_framework.request import Request

from pzgent.api.docs import get_description
from pzgent.change_feed.changes import read_feed
from pzgent.change_feed.state import public_state
from pzgent.exports.bulk_files import Busy, get_file
from pzgent.exports.columns import Headers
from pzgent.exports.export import CSV, JSON, ZIP, Export, files_of, tables_of
from pzgent.kernel.compression import BLOCK, PLAIN, compressed, preferred
from pzgent.kernel.problems import refuse
from pzgent.kernel.rest import JSONRenderer, NotFound
from pzgent.kernel.rest.answering import ApiQuery, Resource, links_for, site_of
from pzgent.kernel.rest.conditional import etag_of, unless_modified
from pzgent.kernel.rest.fields import UrlBuilder
from pzgent.kernel.rest.parameters import Code, read_query
from pzgent.kernel.rest.resources import Collection
from pzgent.kernel.rest.schema import ResourceSchema
from pzgent.kernel.zone import get_zone

TAG = "Bulk"
CACHED = "public, max-age=300"
HEADERS = Code(name="headers", description="Language of the first line.", choices=Headers, repeatable=False)


class FileSchema(ResourceSchema):
    """Description of a resource whose response is a file."""

    def get_response_serializers(self) -> Any:
        """Return the file under its own media type."""
        file_type = OpenApiTypes.OBJECT if self.view.file_type == JSON else OpenApiTypes.BINARY
        return {(200, self.view.file_type): OpenApiResponse(file_type, self.view.summary)}


class CSVFile(JSONRenderer):
    """Renderer that lets clients request CSV; the file is written elsewhere, and errors are always JSON."""

    media_type, format = CSV, "csv"


class ZIPFile(JSONRenderer):
    """Renderer that lets clients request a ZIP file."""

    media_type, format = ZIP, "zip"


class ExportFile(Resource):
    """Base of the files: each is generated once per state of the data, stored on disk, and cacheable for five minutes.

    The ETag depends on the state of the data and the request, so that 304 needs no file. `Feed-Identity` and
    `Feed-Number` give the position in the change feed from which to continue.
    """

    schema = FileSchema()
    tag = TAG
    file_type = ""
    cache_control = CACHED
    # Whether the same data give the same bytes. What tells when it was made does not, so its tag is a weak one.
    says_when = False
    collections: Mapping[str, type[Collection]] = {}

    def get(self, request: Request, **keys: str) -> HttpResponseBase:
        """Return the file as an attachment with its own name."""
        asked = read_query(self.all_parameters(), request.query_params)
        headers = str(asked.get("headers", Headers.ENGLISH))
        coding, language = self.coding(), get_language() or settings.LANGUAGE_CODE
        subject = (site_of(request._request), request.path, headers, language, coding)
        version = str(settings.SPECTACULAR_SETTINGS["VERSION"])
        # Read before the data, so that a file is never newer than its tag says. The same data under other numbers, or
        # in another feed, are another file: it says where to go on.
        known_by = (public_state(), version, *subject)
        state = etag_of("\n".join(known_by).encode()).strip('"')
        known = unless_modified(request._request, HttpResponse(headers=self._headers(state)))
        if known.status_code == 304:
            return known

        def make() -> tuple[str, int, Iterator[bytes]]:
            feed = read_feed()
            export = self._export(links_for(request._request), feed.identity, feed.number)
            parts = _in_language(language, self.parts(export, headers, **keys))
            return feed.identity, feed.number, compressed(parts, coding)

        try:
            file = get_file(subject, state, make)
        except Busy:
            return refuse(request._request, 503)
        answer = FileResponse(
            file.path.open("rb"),
            as_attachment=True,
            filename=self.file_name(**keys),
            content_type=self.content_type,
            headers=self._headers(file.state),
        )
        answer.headers["Feed-Identity"], answer.headers["Feed-Number"] = file.feed, str(file.number)
        if coding != PLAIN:
            answer.headers["Content-Encoding"] = coding
        return answer

    def _headers(self, state: str) -> dict[str, str]:
        tag = f'W/"{state}"' if self.says_when else f'"{state}"'
        return {"Cache-Control": self.cache_control, "Vary": "Accept-Encoding", "ETag": tag}

    def coding(self) -> str:
        """Return the content coding that the client prefers for the file."""
        return preferred(self.request.headers.get("Accept-Encoding", ""))

    def parts(self, export: Export, headers: str, **keys: str) -> Iterator[bytes]:
        """Yield the file in parts; `headers` is the language of the column names."""
        raise NotImplementedError  # a hook: each kind says its own

    def file_name(self, **keys: str) -> str:
        """Return the name of the file."""
        raise NotImplementedError  # a hook: each kind says its own

    @property
    def content_type(self) -> str:
        """Return the media type of the file with its parameters."""
        return self.file_type

    def _export(self, links: UrlBuilder, feed: str, number: int) -> Export:
        about: dict[str, Any] = settings.SPECTACULAR_SETTINGS
        zone = get_zone()
        known = {"title": f"{zone.name}: open API", "version": about["VERSION"]}
        known |= {"license": zone.licence_page} if zone.licence else {}
        schemas = get_description()["components"]["schemas"]
        return Export(self.collections, links, known, schemas, timezone.localtime(), feed, number)


def _in_language(code: str, parts: Iterator[bytes]) -> Iterator[bytes]:
    """Yield the parts in the language of the request, which may no longer be active when they are generated."""
    with translation.override(code):
        yield from parts


class JSONExport(ExportFile):
    """All collections and structures in one JSON document."""

    summary = "Everything as JSON"
    file_type = JSON
    says_when = True
    renderer_classes = [JSONRenderer]

    def parts(self, export: Export, headers: str, **keys: str) -> Iterator[bytes]:
        """Yield the document."""
        return export.as_json()

    def file_name(self, **keys: str) -> str:
        """Return the name of the document."""
        return "organisation.json"


class ZIPExport(ExportFile):
    """Everything as JSON and CSV, with a description, in one ZIP file."""

    summary = "Everything in one archive"
    parameters = (HEADERS,)
    file_type = ZIP
    says_when = True
    renderer_classes = [ZIPFile, JSONRenderer]

    def parts(self, export: Export, headers: str, **keys: str) -> Iterator[bytes]:
        """Yield the archive."""
        with export.as_zip(headers) as archive:
            while piece := archive.read(BLOCK):
                yield piece

    def file_name(self, **keys: str) -> str:
        """Return the name of the archive."""
        return f"{slugify(get_zone().name)}.zip"

    def coding(self) -> str:
        """Return None: the archive is compressed already."""
        return PLAIN


class CSVExport(ExportFile):
    """One table as CSV (RFC 4180, UTF-8). Absent values are empty; values of lists are separated by bars.

    There is a table for each collection, and for each list of objects within one: staffingLines, openingSlots,
    projectUnits.
    """

    path_help = {"table": "Name of the table."}
    summary = "One table as CSV"
    parameters = (HEADERS,)
    file_type = CSV
    renderer_classes = [CSVFile, JSONRenderer]

    @property
    def path_values(self) -> Mapping[str, Iterable[str]]:  # type: ignore[override]  # known once it is composed
        """Return the names of the tables."""
        return {"table": tables_of(self.collections)}

    def get(self, request: Request, **keys: str) -> HttpResponseBase:
        """Return the table. Raises NotFound for an unknown name."""
        if keys["table"] not in tables_of(self.collections):
            raise NotFound("table", keys["table"], _("Nothing has this address."))
        return super().get(request, **keys)

    def parts(self, export: Export, headers: str, **keys: str) -> Iterator[bytes]:
        """Yield the table line by line."""
        return export.as_csv(keys["table"], headers)

    def file_name(self, **keys: str) -> str:
        """Return the name of the table."""
        return f"{keys['table']}.csv"

    @property
    def content_type(self) -> str:
        """Return the media type of RFC 4180."""
        return f"{CSV}; charset=utf-8; header=present"


class ExportLinkSerializer(serializers.Serializer):
    """One file."""

    name = serializers.CharField()
    mediaType = serializers.CharField()
    href = serializers.URLField()


class ExportListSerializer(serializers.Serializer):
    """The files."""

    self = serializers.URLField()
    license = serializers.URLField(required=False, help_text="Missing while the zone has chosen none.")
    feed = serializers.CharField(help_text="Identity of the change feed.")
    number = serializers.IntegerField(help_text="Newest number of the change feed.")
    items = ExportLinkSerializer(many=True)
    total = serializers.IntegerField()


class ExportList(Resource):
    """The files with the complete data."""

    summary = "Bulk files"
    tag = TAG
    serializer = ExportListSerializer
    collections: Mapping[str, type[Collection]] = {}

    def answer(self, asked: ApiQuery, **keys: str) -> dict[str, Any]:
        """Return the names, types and addresses of the files."""
        root = f"{asked.links.api}/exports"
        items = [
            {"name": name, "mediaType": kind, "href": f"{root}/{name}"}
            for name, kind in files_of(self.collections)
        ]
        zone = get_zone()
        feed = read_feed()
        known = {"self": root, "feed": feed.identity, "number": feed.number}
        known |= {"license": zone.licence_page} if zone.licence else {}
        return {**known, "items": items, "total": len(items)}
