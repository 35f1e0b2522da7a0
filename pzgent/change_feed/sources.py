"""The sources of a response: the tables and parts of the change feed that it queries, and which of them changed."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from django.apps import apps
from django.db import connection

from pzgent.change_feed.triggers import watched_models
from pzgent.kernel.validity import EVERYTHING, Basis, gathered, rests_on
from pzgent.kernel.zone import SOURCE as ZONE
from pzgent.kernel.zone import get_zone
from pzgent.models import DataChange, PublishedItem

WORD = re.compile(r"\w+")
FEED = PublishedItem._meta.db_table
# Recognises a query on one collection of the feed.
FROM_FEED, OF_COLLECTION = f'FROM "{FEED}"', '"collection" = %s'


@contextmanager
def recorded() -> Iterator[Basis]:
    """Record the sources of the response made in this block, including those of its queries."""
    with gathered() as basis, connection.execute_wrapper(_record):
        yield basis


def _record(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
    rests_on(*sources_of(sql, params))
    return execute(sql, params, many, context)


def sources_of(sql: str, params: Any) -> Iterator[str]:
    """Yield the sources of a query; EVERYTHING if it reads a table whose changes are not recorded separately."""
    words = set(WORD.findall(sql)) & _tables()
    yield from words & _watched()
    for table in words - _watched():
        if table == FEED and sql.count(FROM_FEED) <= sql.count(OF_COLLECTION):
            yield from (_part_of_feed(value) for value in params if isinstance(value, str))
        else:
            yield EVERYTHING


@cache
def _tables() -> frozenset[str]:
    return frozenset(model._meta.db_table for model in apps.get_models(include_auto_created=True))


@cache
def _watched() -> frozenset[str]:
    return frozenset(model._meta.db_table for model in watched_models())


def _part_of_feed(collection: str) -> str:
    return f"{FEED}.{collection}"


class Sources:
    """The sources as of the last check."""

    def __init__(self) -> None:
        self.marks: dict[int, str | None] = {}
        self.feed: tuple[str, int] = "", 0
        self.zone = ""

    def differences(self, identity: str, number: int) -> frozenset[str] | None:
        """Return the sources that changed since the last call, for this identity and number; None if all may have."""
        before, self.marks = self.marks, dict(DataChange.objects.values_list("mark", "table_name"))
        feed, self.feed = self.feed, (identity, number)
        zone, self.zone = self.zone, zone_digest()
        changed = {table for mark, table in self.marks.items() if mark not in before}
        # Marks that were merged into a new one may include a change that this process has not seen.
        if not before.keys() <= self.marks.keys() or not changed <= _watched() or feed[0] != identity:
            return None
        told = PublishedItem.objects.filter(number__gt=feed[1]).order_by()
        parts = map(_part_of_feed, told.values_list("collection", flat=True).distinct())
        return frozenset({*filter(None, changed), *parts, *([ZONE] if zone != self.zone else [])})


def zone_digest() -> str:
    """Return a digest of the zone as every page shows it, including the channels that it refers to."""
    zone = get_zone()
    shown = [zone, *(getattr(zone, name) for name in zone.REFERENCES)]
    values = [
        [(field.attname, getattr(one, field.attname)) for field in one._meta.concrete_fields]
        for one in shown
        if one is not None
    ]
    return hashlib.sha256(repr(values).encode()).hexdigest()
