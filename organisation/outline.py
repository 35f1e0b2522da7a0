"""The structure of one organogram written straight as JSON: one query, one row one piece of text, one linear pass.

Built for the largest trees. `organisation.structure` gives the same structure as objects.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable, Iterator
from itertools import chain
from json.encoder import encode_basestring as quoted
from typing import Any

from django.db import connections
from django.db.models import Case, F, Q, QuerySet, Subquery, When
from django.db.models.functions import JSONObject

from organisation.models import Document, Organogram, Placement
from organisation.querysets.visibility import visible_unit

# Rows are taken from the driver in portions and pieces joined in portions: neither all at once takes much memory.
PORTION = 5_000
Row = tuple[Any, ...]


def get_outline(
    organogram: Organogram, root_slug: str | None = None, depth: int | None = None
) -> bytes | None:
    """The visible structure, or the part below (and with) one unit, as nested JSON; None when there is none.

    `depth` is the number of levels below the root to keep. One query.
    """
    editions = Organogram.objects.filter(pk=organogram.pk)
    return _nested(_visible(_fetch(_rows(editions, root_slug, depth)), root_slug))


def get_outline_in_force(
    on: datetime.date | None = None, root_slug: str | None = None, depth: int | None = None
) -> tuple[Any, bytes | None]:
    """The organogram in force on a day (default: today) with its source, and its structure as in `get_outline`.

    One query; a second one only where no unit stands in the organogram, or the root does not.
    """
    editions = Organogram.objects.in_force(on)
    rows = _fetch(_rows(editions, root_slug, depth, with_edition=True))
    first = next(rows, None)
    if first is None:
        return editions.select_related("source").first(), None
    return _edition(first[-1]), _nested(_visible(chain([first], rows), root_slug))


def _rows(
    editions: QuerySet, root_slug: str | None, depth: int | None, *, with_edition: bool = False
) -> QuerySet:
    """The places of an edition in document order, those above the root first: they may hide it."""
    tops = Placement.objects.filter(organogram__in=editions, parent=None).order_by()
    # Through the number of the tree, in which there is an index in document order.
    rows = Placement.objects.filter(tree_id=Subquery(tops.values("tree_id")[:1])).order_by("lft")
    if root_slug is not None:
        root = tops.model.objects.filter(organogram__in=editions, unit__slug=root_slug).order_by()
        lft, rght = Subquery(root.values("lft")[:1]), Subquery(root.values("rght")[:1])
        rows = rows.filter(Q(lft__gte=lft, lft__lte=rght) | Q(lft__lt=lft, rght__gt=rght))
        if depth is not None:
            rows = rows.filter(level__lte=Subquery(root.values("level")[:1]) + depth)
    elif depth is not None:
        rows = rows.filter(level__lte=depth)
    rows = rows.annotate(visible=Case(When(visible_unit(), then=1), default=0))
    columns = ["level", "visible", "unit__slug", "name", "abbreviation", "kind"]
    if with_edition:
        edition = Subquery(editions.order_by().values(found=_as_json())[:1])
        rows = rows.annotate(edition=Case(When(level=0, then=edition)))
        columns.append("edition")
    return rows.values_list(*columns)


def _fetch(rows: QuerySet) -> Iterator[Row]:
    """The rows as the database driver gives them; going through the queryset doubles the time of large trees."""
    with connections[rows.db].cursor() as cursor:
        cursor.execute(*rows.query.sql_with_params())
        while portion := cursor.fetchmany(PORTION):
            yield from portion


def _visible(rows: Iterable[Row], root_slug: str | None) -> Iterator[Row]:
    """The rows that do not stand at or below a hidden place, from the root on."""
    closed, begun = -1, root_slug is None
    for row in rows:
        if 0 <= closed < row[0]:
            continue
        closed = -1 if row[1] else row[0]
        begun = begun or row[2] == root_slug
        if closed < 0 and begun:
            yield row


def _nested(rows: Iterable[Row]) -> bytes | None:
    """Rows in document order as nested JSON objects; a node's object closes when the next one is not below it."""
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
        if len(pieces) > PORTION:
            whole += "".join(pieces).encode()
            pieces = []
    if top < 0:
        return None
    whole += ("".join(pieces) + "}" + "]}" * (last - top)).encode()
    return bytes(whole)


def _as_json() -> JSONObject:
    """An expression: an organogram and its source as one JSON object."""
    source = {
        f"source.{field.attname}": F(f"source__{field.name}") for field in Document._meta.concrete_fields
    }
    return JSONObject(
        **{field.attname: F(field.name) for field in Organogram._meta.concrete_fields}, **source
    )


def _edition(text: str) -> Organogram:
    """The organogram, with its source, that the text of `_as_json` tells."""
    values = json.loads(text)
    source = {
        name.removeprefix("source."): value for name, value in values.items() if name.startswith("source.")
    }
    organogram = _revived(Organogram, values)
    organogram.source = _revived(Document, source) if organogram.source_id else None
    return organogram


def _revived(model: Any, values: dict[str, Any]) -> Any:
    """A stored row from the values as JSON writes them; a moment without a time zone is in UTC."""
    found = {}
    for field in model._meta.concrete_fields:
        value = field.to_python(values[field.attname])
        if isinstance(value, datetime.datetime) and value.tzinfo is None:
            value = value.replace(tzinfo=datetime.UTC)
        found[field.attname] = value
    return model.from_db(None, list(found), list(found.values()))
