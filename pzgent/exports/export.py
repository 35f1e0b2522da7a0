"""Bulk export of the whole data set: one JSON document, a CSV file per table, and a ZIP archive with all of these.

A table has the same fields as the collection of the API, so that these are documented once; nested lists of objects
have long tables of their own. Rows are in their default order, with ties broken by primary key: two exports of the same
data differ only in their time of generation.
"""

from __future__ import annotations

import datetime
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import IO, Any
from uuid import UUID

import orjson
from django.conf import settings
from django.db.models import QuerySet
from django.http import QueryDict

from organisation.models import Organogram
from organisation.outline import get_outline
from pzgent.exports.columns import Headers, dutch_names, named
from pzgent.kernel.csv_lines import csv_line, escape_formula
from pzgent.kernel.rest.answering import ApiQuery
from pzgent.kernel.rest.fields import UrlBuilder
from pzgent.kernel.rest.resources import Collection
from pzgent.kernel.rest.schema import component_name
from pzgent.kernel.rest.tables import LongTable

CHUNK = 500
JSON, CSV, ZIP = "application/json", "text/csv", "application/zip"
# The number from the change feed is left out of the cached files, like the momentary fields of each collection, whose
# values only hold at the time of the request.
NOT_KEPT = ("changeNumber",)
# The earliest time that ZIP supports; a fixed time makes the archive reproducible.
ZIP_MOMENT = (1980, 1, 1, 0, 0, 0)
MEMORY_FOR_ZIP = 8 * 1024 * 1024
Schemas = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Export:
    """One export: its collections and its metadata."""

    collections: Mapping[str, type[Collection]]
    links: UrlBuilder
    about: Mapping[str, str]
    schemas: Schemas
    generated: datetime.datetime
    # Position in the change feed from which a copy continues.
    feed: str = ""
    number: int = 0
    columns: dict[str, list[str]] = field(default_factory=dict)

    @cached_property
    def dutch(self) -> dict[str, str]:
        """The Dutch names of the parts of columns."""
        return dutch_names(self.collections)

    @property
    def tables(self) -> list[str]:
        """The names of all tables."""
        return tables_of(self.collections)

    def items(self, table: str, keys: set[UUID] | None = None) -> Iterator[dict[str, Any]]:
        """Yield the items of a table as represented by the API, read in chunks; with `keys`, only those items."""
        collection = self.collections[table]()
        names = collection.serializer().fields if collection.serializer else ()
        kept = [name for name in names if name not in (*collection.momentary, *NOT_KEPT)]
        asked = ApiQuery({"select": kept}, self.links, QueryDict(), "")
        rows: Any = collection.rows(asked)
        found = rows if keys is None else rows.filter(**{f"{collection.id_field}__in": keys})
        for chunk in _in_chunks(collection.prepared(found, asked)):
            yield from collection.show(chunk, asked, **collection.context_for(chunk, asked))

    def as_json(self) -> Iterator[bytes]:
        """Yield the whole data set as one JSON document, in chunks."""
        yield orjson.dumps(self._head())[:-1] + b',"collections":{'
        for number, table in enumerate(sorted(self.collections)):
            yield (b"," if number else b"") + orjson.dumps(table) + b":["
            for index, item in enumerate(self.items(table)):
                yield (b"," if index else b"") + orjson.dumps(item)
            yield b"]"
        yield b'},"structures":{'
        for number, organogram in enumerate(Organogram.objects.published().in_order()):
            outline = get_outline(organogram) or b"null"
            yield (b"," if number else b"") + orjson.dumps(organogram.slug) + b":" + outline
        yield b"}}"

    def as_csv(self, table: str, headers: str = Headers.ENGLISH) -> Iterator[bytes]:
        """Yield a table as CSV (RFC 4180) in UTF-8, line by line, starting with the header line."""
        columns = self.columns_of(table)
        yield csv_line(named(columns, self.dutch) if headers == Headers.DUTCH else columns)
        for row in self.rows(table):
            yield csv_line(_cell(row, column) for column in columns)

    def rows(self, table: str) -> Iterator[Mapping[str, Any]]:
        """Yield the rows of a table: the items of a collection, or their parts for a long table."""
        if table in self.collections:
            yield from self.items(table)
            return
        owner, long_table = long_tables_of(self.collections)[table]
        for item in self.items(owner):
            yield from long_table.rows(item)

    def as_zip(self, headers: str = Headers.ENGLISH) -> IO[bytes]:
        """Return an archive of all files, positioned at its start; it is spooled to disk above 8 MB."""
        file: IO[bytes] = tempfile.SpooledTemporaryFile(MEMORY_FOR_ZIP)  # noqa: SIM115  # the response closes it
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            _add(archive, "README.txt", [self._readme().encode()])
            _add(archive, "organisation.json", self.as_json())
            for table in self.tables:
                _add(archive, f"{table}.csv", self.as_csv(table, headers))
        file.seek(0)
        return file

    def columns_of(self, table: str) -> list[str]:
        """Return the columns of a table, derived from the API schema: one column for each part of an object."""
        if table not in self.collections:
            return list(long_tables_of(self.collections)[table][1].columns)
        collection = self.collections[table]
        left_out = {*collection.momentary, *NOT_KEPT, *collection.embedded_only}
        shown = (
            self.schemas[component_name(collection.serializer)]["properties"] if collection.serializer else {}
        )
        found: list[str] = []
        for column, schema in shown.items():
            if column in left_out:
                continue
            parts = self._parts_of(schema)
            found += [f"{column}.{part}" for part in parts if part != "href"] if parts else [column]
        others = {column for long in collection.long_tables.values() for column in long.replaces}
        return [column for column in found if column not in others]

    def _parts_of(self, schema: Mapping[str, Any]) -> list[str]:
        if "additionalProperties" in schema:  # a text per language
            return [code for code, _name in settings.LANGUAGES]
        for known in (schema, *schema.get("allOf", ())):
            if "$ref" in known:
                return list(self.schemas[known["$ref"].rsplit("/", 1)[1]].get("properties", ()))
        return []

    def _head(self) -> dict[str, Any]:
        edition = Organogram.objects.get_in_force(self.generated.date())
        known = {
            **self.about,
            "generated": self.generated.isoformat(timespec="seconds"),
            "api": self.links.api,
            "feed": self.feed,
            "number": self.number,
        }
        if edition:
            known["organogram"] = f"{edition.slug} ({edition.valid_from.isoformat()})"
        return known

    def _readme(self) -> str:
        lines = [f"{name}: {value}" for name, value in self._head().items()]
        return "\r\n".join([*lines, "", *self.described(), ""])

    def described(self) -> Iterator[str]:
        """Yield the lines of a Markdown table per table, with its columns in English and in Dutch."""
        for table in self.tables:
            columns = self.columns_of(table)
            yield from (f"## {table}.csv", "", "| English | Nederlands |", "|---|---|")
            yield from (
                f"| {one} | {other} |" for one, other in zip(columns, named(columns, self.dutch), strict=True)
            )
            yield ""


def tables_of(collections: Mapping[str, type[Collection]]) -> list[str]:
    """Return the sorted names of all tables: the collections and the long tables derived from them."""
    return sorted([*collections, *long_tables_of(collections)])


def files_of(collections: Mapping[str, type[Collection]]) -> list[tuple[str, str]]:
    """Return the name and media type of every file, those with the whole data set first."""
    whole = [("organisation.json", JSON), ("organisation.zip", ZIP)]
    return whole + [(f"{table}.csv", CSV) for table in tables_of(collections)]


def long_tables_of(collections: Mapping[str, type[Collection]]) -> dict[str, tuple[str, LongTable]]:
    """Return the long tables by name, each with the name of the collection that it is derived from."""
    return {
        name: (owner, table)
        for owner, collection in collections.items()
        for name, table in collection.long_tables.items()
    }


def _in_chunks(rows: QuerySet | Sequence[Any]) -> Iterator[list[Any]]:
    """Yield the rows in chunks, in their own order with ties broken by primary key; only the keys are all held at once.

    This avoids server-side cursors, which would stay open on a reused connection after a client disconnects, and
    client-side cursors, with which the driver fetches every row.
    """
    if not isinstance(rows, QuerySet):
        yield from (list(rows[start : start + CHUNK]) for start in range(0, len(rows), CHUNK))
        return
    order = rows.query.order_by or rows.model._meta.ordering
    keys = list(rows.order_by(*order, "pk").values_list("pk", flat=True))
    for start in range(0, len(keys), CHUNK):
        found = {row.pk: row for row in rows.filter(pk__in=keys[start : start + CHUNK])}
        yield [found[key] for key in keys[start : start + CHUNK] if key in found]


def _cell(item: Mapping[str, Any], column: str) -> str:
    """Return the text of one cell, escaped against formula injection in spreadsheets."""
    value: Any = item
    for part in column.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return escape_formula(_text(value))


def _text(value: Any) -> str:
    """Return a value as text: "" for None, and the parts of a list separated by vertical bars."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return " | ".join(_text(part) for part in value)
    if isinstance(value, Mapping):
        return str(value["slug"]) if "slug" in value else orjson.dumps(value).decode()
    return str(value)


def _add(archive: zipfile.ZipFile, name: str, parts: Iterable[bytes]) -> None:
    entry = zipfile.ZipInfo(name, ZIP_MOMENT)
    entry.compress_type = zipfile.ZIP_DEFLATED
    with archive.open(entry, "w") as file:
        for part in parts:
            file.write(part)
