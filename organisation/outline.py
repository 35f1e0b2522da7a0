"""Structure of one organogram serialised directly to JSON: one query, one string per row, one linear pass.

Optimised for very large trees. `organisation.structure` returns the same structure as objects.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable
from itertools import chain
from json.encoder import encode_basestring as quoted
from typing import Any

from django.db.models import Case, F, Subquery, When
from django.db.models.functions import JSONObject

from organisation.models import Document, Organogram
from organisation.tree_rows import PORTION, Row, fetch_places, read_tree, without_hidden

COLUMNS = ("name", "abbreviation", "kind")


def get_outline(
    organogram: Organogram, root_slug: str | None = None, depth: int | None = None
) -> bytes | None:
    """Return the visible structure, or the part from one unit down, as nested JSON; None if there is none.

    `depth` is the number of levels below the root to keep. One query.
    """
    editions = Organogram.objects.filter(pk=organogram.pk)
    return _nested(read_tree(editions, COLUMNS, root_slug, depth))


def get_outline_in_force(
    on: datetime.date | None = None, root_slug: str | None = None, depth: int | None = None
) -> tuple[Any, bytes | None]:
    """Return the organogram in force on a day (default: today) with its source, and its outline.

    The outline is that of `get_outline`. One query; a second one only if the organogram has no placements, or does
    not contain the root.
    """
    editions = Organogram.objects.in_force(on)
    edition = Subquery(editions.order_by().values(found=_as_json())[:1])
    rows = fetch_places(editions, COLUMNS, root_slug, depth, edition=Case(When(level=0, then=edition)))
    first = next(rows, None)
    if first is None:
        return editions.select_related("source").first(), None
    return _edition(first[-1]), _nested(without_hidden(chain([first], rows), root_slug))


def _nested(rows: Iterable[Row]) -> bytes | None:
    """Serialise rows in document order as nested JSON; a node's object closes when the next row is not below it."""
    whole, pieces = bytearray(), []
    top, last = -1, -1
    for level, _visible, slug, name, abbreviation, kind, *_edition in rows:
        if top < 0:
            top = level
        elif level > last:
            pieces.append(',"children":[')
        else:
            pieces.append("}" + "]}" * (last - level) + ",")
        short = f',"abbreviation":{quoted(abbreviation)}' if abbreviation else ""
        pieces.append(f'{{"slug":"{slug}","name":{quoted(name)}{short},"kind":"{kind}"')
        last = level
        if len(pieces) > PORTION:  # joining all pieces at once would use much memory
            whole += "".join(pieces).encode()
            pieces = []
    if top < 0:
        return None
    whole += ("".join(pieces) + "}" + "]}" * (last - top)).encode()
    return bytes(whole)


def _as_json() -> JSONObject:
    """Return an expression for an organogram and its source as one JSON object.

    The source is an object of its own: PostgreSQL takes at most a hundred arguments, which is fifty fields.
    """
    source = {field.attname: F(f"source__{field.name}") for field in Document._meta.concrete_fields}
    own = {field.attname: F(field.name) for field in Organogram._meta.concrete_fields}
    return JSONObject(**own, source=JSONObject(**source))


def _edition(text: str) -> Organogram:
    """Return the organogram, with its source, from the JSON of `_as_json`."""
    values = json.loads(text)
    organogram = _revived(Organogram, values)
    organogram.source = _revived(Document, values["source"]) if organogram.source_id else None
    return organogram


def _revived(model: Any, values: dict[str, Any]) -> Any:
    """Rebuild a model instance from its JSON values; a datetime without a time zone is in UTC."""
    found = {}
    for field in model._meta.concrete_fields:
        value = field.to_python(values[field.attname])
        if isinstance(value, datetime.datetime) and value.tzinfo is None:
            value = value.replace(tzinfo=datetime.UTC)
        found[field.attname] = value
    return model.from_db(None, list(found), list(found.values()))
