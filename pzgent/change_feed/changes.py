"""The change feed: every change of what the API shows, numbered in the order in which readers may see it.

Nothing hooks into the ways in which data change (forms, moves in a tree, bulk loads, cascades, a date that passes).
Instead the items that the API shows are compared with those that the feed last told, and each difference gets the next
number. The background worker does that (`pzgent.worker`) when the data differ from last time, in one transaction that
holds a lock: numbers become visible in their own order. Of several changes before one comparison the feed tells the
last state. What it told stays as history: each number with its moment and the names of the fields, without the values.

Readers only read. Until a change is numbered, the feed says what it said before. A row may then be newer than what the
feed told under its number, and never older: its change comes with a higher number, so nobody who follows misses it.
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

# Stands in stored items for the address of the site, which one database may have several of.
SITE = "https://site.invalid"
# Raise it when the same data are to be stored in another way: then everything is compared once more.
FORMAT = 3
Earlier = dict[tuple[str, UUID], tuple[int, bytes, bool]]


def read_feed() -> FeedState:
    """Return the feed's identity and newest number; before anything was numbered an empty feed without a name."""
    return FeedState.objects.first() or FeedState(identity="")


def is_numbered(feed: FeedState, data: str) -> bool:
    """Return whether the feed has told all of the data in this revision."""
    return feed.fingerprint.endswith(_digest(data))


def require_own_identity(feed: FeedState) -> FeedState:
    """Give the feed another name when the database was restored, so that no number means something else.

    Then remember how far it came.
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
    """Return a text that differs whenever the data behind the items do, or what is kept of them."""
    return _format_of(tuple(collections.items())) + _digest(data)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def number_differences(
    collections: Mapping[str, type[Collection]], objects: Mapping[str, set[UUID] | None]
) -> int:
    """Give each object that differs from what was last told its number; return the newest number.

    `objects` has the ids of those to compare by collection, and None for all of a collection.
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
    # Parted before anything is written: what is new gets its key by that.
    new = [item for item in changed if item.pk is None]
    renewed = [item for item in changed if item.pk is not None and not item.is_removed]
    removed = [item for item in changed if item.is_removed]
    PublishedItem.objects.bulk_create(new, 500)
    PublishedChange.objects.bulk_create(history, 500)
    fields = ["number", "body", "is_removed", "at"]
    PublishedItem.objects.bulk_update(renewed, [*fields, "slug"], 200)
    # A removed item keeps the slug that it had.
    PublishedItem.objects.bulk_update(removed, fields, 200)
    return number


def _changed_fields(before: bytes, after: bytes) -> list[str]:
    """The fields of an item that differ, by name; one that came or went differs too."""
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
    """The objects as bytes, in Dutch, each with its collection, id and slug."""
    export = Export(collections, UrlBuilder(SITE, f"{SITE}/api/v1"), {}, {}, timezone.localtime())
    with translation.override("nl"):
        for name in sorted(name for name, keys in objects.items() if keys is None or keys):
            for item in export.items(name, objects[name]):
                yield name, UUID(str(item["id"])), item["slug"], orjson.dumps(item)


@cache
def _format_of(collections: tuple[tuple[str, type[Collection]], ...]) -> str:
    """What this version of the program keeps of each item: after an update that adds a field, nothing kept has it."""
    fields = {
        name: list(collection.serializer().fields)
        for name, collection in collections
        if collection.serializer
    }
    return _digest(f"{FORMAT} {sorted(fields.items())}")


def body_for(body: bytes | memoryview, site: str) -> bytes:
    """Return a stored item with the addresses of this site."""
    return bytes(body).replace(SITE.encode(), site.encode())


def with_numbers(rows: QuerySet, collection: str, key: str) -> QuerySet:
    """Return the rows with `change_number`; `key` is the column with the object's id. No query more."""
    told = PublishedItem.objects.filter(collection=collection, key=OuterRef(key), is_removed=False)
    return rows.annotate(change_number=Subquery(told.order_by().values("number")))


def get_former(collection: str, key: str) -> UUID | None:
    """The id of the object that the feed told of under this slug or id; None when it told of none."""
    try:
        condition = Q(key=UUID(key))
    except ValueError:
        condition = Q(slug=key)
    return (
        PublishedItem.objects.filter(condition, collection=collection).values_list("key", flat=True).first()
    )
