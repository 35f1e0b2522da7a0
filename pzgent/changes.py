"""The change feed: every change of what the API shows, numbered in the order in which readers may see it.

Nothing hooks into the ways in which data change (forms, moves in a tree, bulk loads, cascades, a date that passes).
Instead the items that the API shows are compared with those that the feed last told, and each difference gets the next
number. That happens when somebody asks for the feed and the data differ from last time, in one transaction that holds a
lock: numbers become visible in their own order, and a change that is committed is in the feed from the next question
on. Of several changes between two questions the feed tells the last state. What it told stays as history: each number
with its moment and the names of the fields, without the values.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator, Mapping
from uuid import UUID

import orjson
from django.db import DatabaseError, transaction
from django.db.models import Max, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone, translation

from pzgent.exports import Export
from pzgent.models import FeedState, HistoryKind, PublishedChange, PublishedItem
from pzgent.rest.fields import Links
from pzgent.rest.resources import Collection
from pzgent.revision import forget_old_marks, revision

# Stands in stored items for the address of the site, which one database may have several of.
SITE = "https://site.invalid"
Earlier = dict[tuple[str, UUID], tuple[int, bytes, bool]]
logger = logging.getLogger(__name__)


def bring_up_to_date(collections: Mapping[str, type[Collection]]) -> None:
    """Number what changed since last time; two small queries when nothing did."""
    if _fingerprint() == FeedState.objects.values_list("fingerprint", flat=True).first():
        return
    with transaction.atomic():
        FeedState.objects.get_or_create(pk=1)
        state = FeedState.objects.select_for_update().get(pk=1)
        # Taken before the items are read: what is committed meanwhile differs from it, and is found next time.
        fingerprint = _fingerprint()
        if fingerprint != state.fingerprint:
            _number_differences(collections)
            state.fingerprint = fingerprint
            state.save()
            forget_old_marks()


def _number_differences(collections: Mapping[str, type[Collection]]) -> None:
    told: Earlier = {
        (row.collection, row.key): (row.pk, bytes(row.body), row.is_removed)
        for row in PublishedItem.objects.all()
    }
    number = PublishedItem.objects.aggregate(last=Max("number"))["last"] or 0
    now = timezone.now()
    changed: list[PublishedItem] = []
    history: list[PublishedChange] = []
    seen = set()
    for collection, key, slug, body in _items(collections):
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
    PublishedItem.objects.bulk_create([item for item in changed if item.pk is None], 500)
    PublishedChange.objects.bulk_create(history, 500)
    fields = ["number", "body", "is_removed", "at"]
    # A removed item keeps the slug that it had.
    renewed = [item for item in changed if item.pk is not None and not item.is_removed]
    removed = [item for item in changed if item.pk is not None and item.is_removed]
    PublishedItem.objects.bulk_update(renewed, [*fields, "slug"], 200)
    PublishedItem.objects.bulk_update(removed, fields, 200)


def _changed_fields(before: bytes, after: bytes) -> list[str]:
    """The fields of an item that differ, by name; one that came or went differs too."""
    old, new = orjson.loads(before), orjson.loads(after)
    return sorted(name for name in {*old, *new} if old.get(name) != new.get(name))


def _items(collections: Mapping[str, type[Collection]]) -> Iterator[tuple[str, UUID, str, bytes]]:
    """Every item of every collection with its id and slug, as bytes, in Dutch."""
    export = Export(collections, Links(SITE, f"{SITE}/api/v1"), {}, {}, timezone.localtime())
    with translation.override("nl"):
        for collection in sorted(collections):
            for item in export.items(collection):
                yield collection, UUID(str(item["id"])), item["slug"], orjson.dumps(item)


def _fingerprint() -> str:
    """Differs whenever the data behind the items do; one small query."""
    return hashlib.sha256(revision().encode()).hexdigest()


def body_for(body: bytes | memoryview, site: str) -> bytes:
    """A stored item with the addresses of this site."""
    return bytes(body).replace(SITE.encode(), site.encode())


class Told:
    """What the feed last told of each object, beside the rows that the API shows; see `pzgent.rest.resources.Told`."""

    def __init__(self, collections: Mapping[str, type[Collection]]) -> None:
        self.collections = collections
        self.done = ""

    def is_up_to_date(self, revision: str) -> bool:
        """Number what changed, once for each revision; False when that cannot be done now."""
        if revision != self.done:
            try:
                bring_up_to_date(self.collections)
            except DatabaseError:
                logger.exception("The change feed could not be brought up to date")
                return False
            self.done = revision
        return True

    def with_numbers(self, rows: QuerySet, collection: str, key: str) -> QuerySet:
        """The rows with `change_number`; `key` is the column with the object's id. No query more."""
        return rows.annotate(change_number=Subquery(self._of(collection, key).values("number")))

    def get_bodies(
        self, rows: QuerySet, collection: str, key: str, site: str
    ) -> list[tuple[int, bytes]] | None:
        """Per row the number, and the object as the feed told it; None when it did not tell all of them. One query."""
        known = self._of(collection, key)
        found = rows.prefetch_related(None).values_list(
            Subquery(known.values("number")), Subquery(known.values("body"))
        )
        told = [(number, body_for(body, site)) for number, body in found if number is not None]
        return told if len(told) == len(found) else None

    def _of(self, collection: str, key: str) -> QuerySet:
        told = PublishedItem.objects.filter(collection=collection, key=OuterRef(key), is_removed=False)
        return told.order_by()


def get_former(collection: str, key: str) -> UUID | None:
    """The id of the object that the feed told of under this slug or id; None when it told of none."""
    try:
        condition = Q(key=UUID(key))
    except ValueError:
        condition = Q(slug=key)
    return (
        PublishedItem.objects.filter(condition, collection=collection).values_list("key", flat=True).first()
    )
