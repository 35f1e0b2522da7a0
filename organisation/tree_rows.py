"""Reader of an organogram's tree: its placements in document order, without hidden ones and their descendants.

It bypasses the ORM's model instances: building 100,000 of them costs many times the query itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db import connections
from django.db.models import Case, Q, QuerySet, Subquery, When

from organisation.models import Placement
from organisation.querysets.visibility import visible_unit

# Number of rows fetched from the driver at a time.
PORTION = 5_000
Row = tuple[Any, ...]


def read_tree(
    editions: QuerySet,
    columns: Sequence[str],
    root_slug: str | None = None,
    depth: int | None = None,
    *,
    with_hidden: bool = False,
) -> Iterator[Row]:
    """Yield the visible placements of an organogram, or those from one unit down: level, visible, slug, columns.

    `depth` is the number of levels below the root to keep; editors read the hidden placements too. One query.
    """
    if with_hidden:
        return fetch_places(editions, columns, root_slug, depth)
    return without_hidden(fetch_places(editions, columns, root_slug, depth), root_slug)


def fetch_places(
    editions: QuerySet,
    columns: Sequence[str],
    root_slug: str | None = None,
    depth: int | None = None,
    **more: Case,
) -> Iterator[Row]:
    """Return the unfiltered rows, ancestors of the root first; the values of `more` come last."""
    is_visible = Case(When(visible_unit(), then=1), default=0)
    rows = _places(editions, root_slug, depth).annotate(visible=is_visible, **more)
    return _fetched(rows.values_list("level", "visible", "unit__slug", *columns, *more))


def without_hidden(rows: Iterable[Row], root_slug: str | None = None) -> Iterator[Row]:
    """Yield the rows from the root on that are neither hidden nor below a hidden placement."""
    closed, begun = -1, root_slug is None
    for row in rows:
        if 0 <= closed < row[0]:
            continue
        closed = -1 if row[1] else row[0]
        begun = begun or row[2] == root_slug
        if closed < 0 and begun:
            yield row


def _places(editions: QuerySet, root_slug: str | None, depth: int | None) -> QuerySet:
    """Return the placements of an edition in document order, including the ancestors of the root, which may hide it."""
    tops = Placement.objects.filter(organogram__in=editions, parent=None).order_by()
    # Filter on the tree id, which has an index in document order.
    rows = Placement.objects.filter(tree_id=Subquery(tops.values("tree_id")[:1])).order_by("lft")
    if root_slug is not None:
        root = tops.model.objects.filter(organogram__in=editions, unit__slug=root_slug).order_by()
        lft, rght = Subquery(root.values("lft")[:1]), Subquery(root.values("rght")[:1])
        rows = rows.filter(Q(lft__gte=lft, lft__lte=rght) | Q(lft__lt=lft, rght__gt=rght))
        if depth is not None:
            rows = rows.filter(level__lte=Subquery(root.values("level")[:1]) + depth)
    elif depth is not None:
        rows = rows.filter(level__lte=depth)
    return rows


def _fetched(rows: QuerySet) -> Iterator[Row]:
    """Yield rows straight from the database driver; iterating the queryset doubles the time for large trees."""
    with connections[rows.db].cursor() as cursor:
        cursor.execute(*rows.query.sql_with_params())
        while portion := cursor.fetchmany(PORTION):
            yield from portion
