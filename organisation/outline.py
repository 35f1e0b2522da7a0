"""The structure of one organogram written straight as JSON: one row, one piece of text, one linear pass.

Built for the largest trees. `organisation.structure` gives the same structure as objects.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from json.encoder import encode_basestring as quoted

from django.db import connections
from django.db.models import QuerySet

from organisation.models import Organogram, Placement

COLUMNS = ("lft", "level", "unit__slug", "name", "abbreviation", "kind")
Row = tuple[int, int, str, str, str, str]


def get_outline(
    organogram: Organogram, root_slug: str | None = None, depth: int | None = None
) -> bytes | None:
    """The visible structure, or the part below (and with) one unit, as nested JSON; None when there is none.

    `depth` is the number of levels below the root to keep. Two queries.
    """
    places = Placement.objects.of_organogram(organogram)
    hidden = dict(places.with_hidden_unit().order_by("lft").values_list("lft", "rght"))
    rows = _fetch(places.within(organogram, root_slug, depth).values_list(*COLUMNS))
    return _nested(_without(hidden, rows) if hidden else rows)


def _fetch(rows: QuerySet) -> list[Row]:
    """The rows as the database driver gives them; going through the queryset doubles the time of large trees."""
    with connections[rows.db].cursor() as cursor:
        cursor.execute(*rows.query.sql_with_params())
        return cursor.fetchall()


def _without(hidden: dict[int, int], rows: Iterable[Row]) -> Iterator[Row]:
    """The rows that do not stand at or below a hidden place; `hidden` maps left to right edges."""
    closed_until: int | None = None
    for row in rows:
        lft = row[0]
        if closed_until is None:
            closed_until = max((right for left, right in hidden.items() if left <= lft <= right), default=0)
        if lft < closed_until:
            continue
        if lft in hidden:
            closed_until = hidden[lft]
            continue
        yield row


def _nested(rows: Iterable[Row]) -> bytes | None:
    """Rows in document order as nested JSON objects; a node's object closes when the next one is not below it."""
    pieces: list[str] = []
    add, top, last = pieces.append, -1, -1
    for _lft, level, slug, name, abbreviation, kind in rows:
        if level > last:
            add(',"children":[' if pieces else "")
        else:
            add("}" + "]}" * (last - level) + ",")
        short = f',"abbreviation":{quoted(abbreviation)}' if abbreviation else ""
        add(f'{{"slug":"{slug}","name":{quoted(name)}{short},"kind":"{kind}"')
        top, last = level if top < 0 else top, level
    return ("".join(pieces) + "}" + "]}" * (last - top)).encode() if pieces else None
