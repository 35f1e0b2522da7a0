"""The sources of an answer: the tables and parts of the change feed that its queries ask, and which of them changed."""

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
# A query that is about one collection of the feed.
FROM_FEED, OF_COLLECTION = f'FROM "{FEED}"', '"collection" = %s'


@contextmanager
def recorded() -> Iterator[Basis]:
    """What the answer rests on that the block makes, its queries included."""
    with gathered() as basis, connection.execute_wrapper(_record):
        yield basis


def _record(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
    rests_on(*sources_of(sql, params))
    return execute(sql, params, many, context)


def sources_of(sql: str, params: Any) -> Iterator[str]:
    """The sources of a query; everything where it asks a table whose changes are not noted one by one."""
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
    """The sources as they were when they were last looked at."""

    def __init__(self) -> None:
        self.marks: dict[int, str | None] = {}
        self.feed: tuple[str, int] = "", 0
        self.zone = ""

    def differences(self, identity: str, number: int) -> frozenset[str] | None:
        """Return which differ from last time, in a feed of this identity up to this number; None: maybe all."""
        before, self.marks = self.marks, dict(DataChange.objects.values_list("mark", "table_name"))
        feed, self.feed = self.feed, (identity, number)
        zone, self.zone = self.zone, zone_digest()
        changed = {table for mark, table in self.marks.items() if mark not in before}
        # Marks that gave way to a new one may have told of a change that nobody saw.
        if not before.keys() <= self.marks.keys() or not changed <= _watched() or feed[0] != identity:
            return None
        told = PublishedItem.objects.filter(number__gt=feed[1]).order_by()
        parts = map(_part_of_feed, told.values_list("collection", flat=True).distinct())
        return frozenset({*filter(None, changed), *parts, *([ZONE] if zone != self.zone else [])})


def zone_digest() -> str:
    """Return a text that differs whenever the zone does, as every page shows it, with the channels that it names."""
    zone = get_zone()
    shown = [zone, *(getattr(zone, name) for name in zone.REFERENCES)]
    values = [
        [(field.attname, getattr(one, field.attname)) for field in one._meta.concrete_fields]
        for one in shown
        if one is not None
    ]
    return hashlib.sha256(repr(values).encode()).hexdigest()
