"""The one reader of an organogram's tree: its places in document order, without what is hidden and what is below that.

It goes past the objects of the framework: building 100,000 of them costs many times the query itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db import connections
from django.db.models import Case, Q, QuerySet, Subquery, When

from organisation.models import Placement
from organisation.querysets.visibility import visible_unit

# Rows are taken from the driver in portions.
PORTION = 5_000
Row = tuple[Any, ...]


def read_tree(
    editions: QuerySet, columns: Sequence[str], root_slug: str | None = None, depth: int | None = None
) -> Iterator[Row]:
    """The visible places of one organogram, or those at and below one unit: level, whether visible, slug, columns.

    `depth` is the number of levels below the root to keep. One query.
    """
    return without_hidden(fetch_places(editions, columns, root_slug, depth), root_slug)


def fetch_places(
    editions: QuerySet,
    columns: Sequence[str],
    root_slug: str | None = None,
    depth: int | None = None,
    **more: Case,
) -> Iterator[Row]:
    """The rows before anything is left out, those above the root first; the values of `more` come last."""
    is_visible = Case(When(visible_unit(), then=1), default=0)
    rows = _places(editions, root_slug, depth).annotate(visible=is_visible, **more)
    return _fetched(rows.values_list("level", "visible", "unit__slug", *columns, *more))


def without_hidden(rows: Iterable[Row], root_slug: str | None = None) -> Iterator[Row]:
    """The rows that do not stand at or below a hidden place, from the root on."""
    closed, begun = -1, root_slug is None
    for row in rows:
        if 0 <= closed < row[0]:
            continue
        closed = -1 if row[1] else row[0]
        begun = begun or row[2] == root_slug
        if closed < 0 and begun:
            yield row


def _places(editions: QuerySet, root_slug: str | None, depth: int | None) -> QuerySet:
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
    return rows


def _fetched(rows: QuerySet) -> Iterator[Row]:
    """The rows as the database driver gives them; going through the queryset doubles the time of large trees."""
    with connections[rows.db].cursor() as cursor:
        cursor.execute(*rows.query.sql_with_params())
        while portion := cursor.fetchmany(PORTION):
            yield from portion
