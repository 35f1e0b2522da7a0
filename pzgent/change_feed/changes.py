"""The change feed: every change of what the API shows, numbered in the order in which readers may see it.

There are no hooks in the many ways in which data changes (forms, tree moves, bulk loads, cascades, a date that passes).
Instead, the items that the API shows are compared with those that the feed last published, and each difference gets the
next number. The background worker does that (`pzgent.worker`) whenever the data has changed, in one transaction that
holds a lock, so that numbers become visible in order. Of several changes between two comparisons the feed publishes the
last state. What it published stays as history: each number with its time and the names of the fields, without values.

Readers only read. Until a change is numbered, the feed stays as it was. A row may then be newer than what the feed
published under its number, but never older: its change follows under a higher number, so that no client misses it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from functools import cache, reduce
from operator import or_
from uuid import UUID

import orjson
from django.db import transaction
from django.db.models import Max, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone, translation

from pzgent.change_feed.witness import was_restored, witness
from pzgent.exports.export import Export
from pzgent.kernel.rest.fields import UrlBuilder
from pzgent.kernel.rest.resources import Collection
from pzgent.models import FeedState, HistoryKind, PublishedChange, PublishedItem, new_feed_identity

# Placeholder for the site's address in stored items, because one database may serve several sites.
SITE = "https://site.invalid"
# Increase it when the same data is to be stored in another way: everything is then compared once more.
FORMAT = 3
Earlier = dict[tuple[str, UUID], tuple[int, bytes, bool]]


def read_feed() -> FeedState:
    """Return the feed's identity and newest number; an empty feed without identity before the first number."""
    return FeedState.objects.first() or FeedState(identity="")


def is_numbered(feed: FeedState, data: str) -> bool:
    """Return whether the feed covers all data of this revision."""
    return feed.fingerprint.endswith(_digest(data))


def require_own_identity(feed: FeedState) -> FeedState:
    """Give the feed a new identity if the database was restored, so that no number gets a second meaning.

    Then remember its newest number outside the database.
    """
    if was_restored(feed):
        with transaction.atomic():
            feed = FeedState.objects.select_for_update().get(pk=feed.pk)
            if was_restored(feed):
                feed.identity = new_feed_identity()
                feed.save()
    witness(feed)
    return feed


def fingerprint_of(collections: Mapping[str, type[Collection]], data: str) -> str:
    """Return a digest that changes whenever the data behind the items changes, or the format in which it is stored."""
    return _format_of(tuple(collections.items())) + _digest(data)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def number_differences(
    collections: Mapping[str, type[Collection]], objects: Mapping[str, set[UUID] | None]
) -> int:
    """Give each object that differs from its last published state the next number; return the newest number.

    `objects` maps each collection to the ids of the objects to compare, or to None for all of them.
    """
    told: Earlier = {
        (row.collection, row.key): (row.pk, bytes(row.body), row.is_removed) for row in _told_of(objects)
    }
    number = PublishedItem.objects.aggregate(last=Max("number"))["last"] or 0
    now = timezone.now()
    changed: list[PublishedItem] = []
    history: list[PublishedChange] = []
    seen = set()
    for collection, key, slug, body in _items(collections, objects):
        seen.add((collection, key))
        known = told.get((collection, key))
        if known is None or known[2] or known[1] != body:
            number += 1
            pk = known[0] if known else None
            changed.append(PublishedItem(pk, collection, key, number, body, False, now, slug))
            is_new = known is None or known[2]
            kind = HistoryKind.APPEARED if is_new else HistoryKind.CHANGED
            fields = _changed_fields(known[1], body) if known and not is_new else []
            history.append(PublishedChange(number, collection, key, now, kind, fields))
    for (collection, key), (pk, _body, is_removed) in told.items():
        if (collection, key) not in seen and not is_removed:
            number += 1
            changed.append(PublishedItem(pk, collection, key, number, b"", True, now))
            history.append(PublishedChange(number, collection, key, now, HistoryKind.DISAPPEARED, []))
    # Split before anything is written: `bulk_create` sets the primary key of new items.
    new = [item for item in changed if item.pk is None]
    renewed = [item for item in changed if item.pk is not None and not item.is_removed]
    removed = [item for item in changed if item.is_removed]
    PublishedItem.objects.bulk_create(new, 500)
    PublishedChange.objects.bulk_create(history, 500)
    fields = ["number", "body", "is_removed", "at"]
    PublishedItem.objects.bulk_update(renewed, [*fields, "slug"], 200)
    # A removed item keeps its slug.
    PublishedItem.objects.bulk_update(removed, fields, 200)
    return number


def _changed_fields(before: bytes, after: bytes) -> list[str]:
    """Return the names of the fields that differ; added and removed fields count too."""
    old, new = orjson.loads(before), orjson.loads(after)
    return sorted(name for name in {*old, *new} if old.get(name) != new.get(name))


def _told_of(objects: Mapping[str, set[UUID] | None]) -> Iterator[PublishedItem]:
    whole = [name for name, keys in objects.items() if keys is None]
    conditions = [Q(collection__in=whole)] if whole else []
    conditions += [Q(collection=name, key__in=keys) for name, keys in objects.items() if keys]
    return PublishedItem.objects.filter(reduce(or_, conditions)).iterator() if conditions else iter(())


def _items(
    collections: Mapping[str, type[Collection]], objects: Mapping[str, set[UUID] | None]
) -> Iterator[tuple[str, UUID, str, bytes]]:
    """Yield the objects as JSON, in Dutch, each with its collection, id and slug."""
    export = Export(collections, UrlBuilder(SITE, f"{SITE}/api/v1"), {}, {}, timezone.localtime())
    with translation.override("nl"):
        for name in sorted(name for name, keys in objects.items() if keys is None or keys):
            for item in export.items(name, objects[name]):
                yield name, UUID(str(item["id"])), item["slug"], orjson.dumps(item)


@cache
def _format_of(collections: tuple[tuple[str, type[Collection]], ...]) -> str:
    """Return a digest of the fields that this version of the code stores, so that an added field renews every item."""
    fields = {
        name: list(collection.serializer().fields)
        for name, collection in collections
        if collection.serializer
    }
    return _digest(f"{FORMAT} {sorted(fields.items())}")


def body_for(body: bytes | memoryview, site: str) -> bytes:
    """Return a stored item with the address of this site filled in."""
    return bytes(body).replace(SITE.encode(), site.encode())


def with_numbers(rows: QuerySet, collection: str, key: str) -> QuerySet:
    """Annotate the rows with `change_number`; `key` is the column with the object's id. No extra query."""
    told = PublishedItem.objects.filter(collection=collection, key=OuterRef(key), is_removed=False)
    return rows.annotate(change_number=Subquery(told.order_by().values("number")))


def get_former(collection: str, key: str) -> UUID | None:
    """Return the id of the object that the feed published under this slug or id; None if there was none."""
    try:
        condition = Q(key=UUID(key))
    except ValueError:
        condition = Q(slug=key)
    return (
        PublishedItem.objects.filter(condition, collection=collection).values_list("key", flat=True).first()
    )
