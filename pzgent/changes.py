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
import time
from collections.abc import Container, Iterable, Iterator, Mapping
from functools import cache, reduce
from operator import or_
from uuid import UUID

import orjson
from django.db import transaction
from django.db.models import Count, Max, OuterRef, Q, QuerySet, Subquery, Window
from django.utils import timezone, translation

from pzgent.exports import Export
from pzgent.feed_witness import was_restored, witness
from pzgent.models import FeedState, HistoryKind, PublishedChange, PublishedItem, new_feed_identity
from pzgent.rest.fields import Links
from pzgent.rest.resources import Collection
from pzgent.rest.told import ToldObject
from pzgent.revision import revision

# Stands in stored items for the address of the site, which one database may have several of.
SITE = "https://site.invalid"
# Raise it when the same data are to be stored in another way: then everything is compared once more.
FORMAT = 2
Earlier = dict[tuple[str, UUID], tuple[int, bytes, bool]]
# Seconds that answers wait for the numbers of a change before they do without.
LONGEST_NUMBERING = 0.4


def read_feed() -> FeedState:
    """Return the feed's identity and newest number; before anything was numbered an empty feed without a name."""
    return FeedState.objects.first() or FeedState(identity="")


def is_numbered(feed: FeedState, data: str) -> bool:
    """Return whether the feed has told all of the data in this revision."""
    return feed.fingerprint.endswith(_digest(data))


def public_state() -> str:
    """Return a text that differs whenever the public may see something else; two small queries."""
    return _state_of(revision(), read_feed())


def _state_of(data: str, feed: FeedState) -> str:
    return f"{data}.{feed.identity}.{feed.number}.{feed.fingerprint}"


class SettledState:
    """The same for one process, which waits a moment for the numbers of an edit: it then changes once and not twice."""

    def __init__(self) -> None:
        self.state = ""
        self.waiting_since: float | None = None

    def read(self) -> str:
        """Return the state of before while a change is being numbered, for as long as that may take."""
        data, feed, now = revision(), read_feed(), time.monotonic()
        if is_numbered(feed, data):
            self.waiting_since = None
        elif self.waiting_since is None:
            self.waiting_since = now
        if not self.state or self.waiting_since is None or now - self.waiting_since > LONGEST_NUMBERING:
            self.state = _state_of(data, feed)
        return self.state


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


def number_differences(collections: Mapping[str, type[Collection]]) -> int:
    """Give each item that differs from the one last told its number; return the newest number."""
    told: Earlier = {
        (row.collection, row.key): (row.pk, bytes(row.body), row.is_removed)
        for row in PublishedItem.objects.all()
    }
    number = PublishedItem.objects.aggregate(last=Max("number"))["last"] or 0
    now = timezone.now()
    changed: list[PublishedItem] = []
    history: list[PublishedChange] = []
    beside: list[PublishedItem] = []
    seen = set()
    for collection, key, slug, body in _items(collections):
        seen.add((collection, key))
        known = told.get((collection, key))
        if known is None or known[2] or _split(known[1])[0] != _split(body)[0]:
            number += 1
            pk = known[0] if known else None
            changed.append(PublishedItem(pk, collection, key, number, body, False, now, slug))
            is_new = known is None or known[2]
            kind = HistoryKind.APPEARED if is_new else HistoryKind.CHANGED
            fields = _changed_fields(known[1], body) if known and not is_new else []
            history.append(PublishedChange(number, collection, key, now, kind, fields))
        elif known[1] != body:
            # What stands beside it changed, which is a change of that and not of this.
            beside.append(PublishedItem(pk=known[0], body=body))
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
    PublishedItem.objects.bulk_update(beside, ["body"], 200)
    return number


def _changed_fields(before: bytes, after: bytes) -> list[str]:
    """The fields of an item that differ, by name; one that came or went differs too."""
    old, new = (orjson.loads(_split(body)[0]) for body in (before, after))
    return sorted(name for name in {*old, *new} if old.get(name) != new.get(name))


def _items(collections: Mapping[str, type[Collection]]) -> Iterator[tuple[str, UUID, str, bytes]]:
    """Every item of every collection with its id and slug, as bytes, in Dutch; on a second line what `embed` adds."""
    export = Export(collections, Links(SITE, f"{SITE}/api/v1"), {}, {}, timezone.localtime())
    with translation.override("nl"):
        for name in sorted(collections):
            for item in export.items(name, embedded=True):
                parts = {part: item.pop(part) for part in collections[name].parts if part in item}
                body = orjson.dumps(item) + b"\n" + orjson.dumps(parts)
                yield name, UUID(str(item["id"])), item["slug"], body


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
    """A stored item with the addresses of this site, without the parts that only `embed` shows."""
    return _split(bytes(body).replace(SITE.encode(), site.encode()))[0]


def _told_object(key: UUID, body: bytes | memoryview, number: int, site: str) -> ToldObject:
    """A stored item with the addresses of this site; its number is the last field."""
    item, parts = _split(bytes(body).replace(SITE.encode(), site.encode()))
    return ToldObject(key, b'%b,"changeNumber":%d}' % (item[:-1], number), parts)


def _split(body: bytes) -> tuple[bytes, bytes]:
    """The two lines of a stored item: what all see of it, and the parts that only `embed` shows."""
    item, _line_end, parts = body.partition(b"\n")
    return item, parts


class Told:
    """What the feed last told of each object, beside the rows that the API shows; see `pzgent.rest.told.Told`."""

    def is_up_to_date(self, revision: str) -> bool:
        """Return whether it has told all of the data in this revision. One small query."""
        return is_numbered(read_feed(), revision)

    def with_numbers(self, rows: QuerySet, collection: str, key: str) -> QuerySet:
        """The rows with `change_number`; `key` is the column with the object's id. No query more."""
        return rows.annotate(change_number=Subquery(self._of(collection, key).values("number")))

    def get_page(
        self, rows: QuerySet, part: slice, collection: str, key: str, site: str
    ) -> tuple[int, list[ToldObject]] | None:
        """How many rows there are, and the objects of some of them; None where the feed does not tell that. One query.

        The number of rows comes with each row. Past the last row it is not known, nor where a row is found twice.
        """
        if rows.query.distinct:
            return None
        known = self._of(collection, key)
        found = list(
            rows.prefetch_related(None).values_list(
                key, Subquery(known.values("number")), Subquery(known.values("body")), Window(Count("*"))
            )[part]
        )
        if (not found and part.start) or any(number is None for _id, number, _body, _total in found):
            return None
        total = found[0][-1] if found else 0
        return total, [_told_object(pk, body, number, site) for pk, number, body, _total in found]

    def get_objects(
        self, wanted: Mapping[str, Iterable[str]], by_id: Container[str], site: str
    ) -> dict[tuple[str, str], ToldObject]:
        """The objects with these slugs, or these ids, by collection and that key, as far as the feed told of them.

        One query.
        """
        conditions = [
            Q(collection=name, **{"key__in" if name in by_id else "slug__in": list(keys)})
            for name, keys in wanted.items()
        ]
        rows = PublishedItem.objects.filter(reduce(or_, conditions), is_removed=False).order_by()
        return {
            (name, str(key) if name in by_id else str(slug)): _told_object(key, body, number, site)
            for name, key, slug, number, body in rows.values_list(
                "collection", "key", "slug", "number", "body"
            )
        }

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
