"""The change feed: every change of what the API shows, numbered in the order in which readers may see it.

Nothing hooks into the ways in which data change (forms, moves in a tree, bulk loads, cascades, a date that passes).
Instead the items that the API shows are compared with those that the feed last told, and each difference gets the next
number. That happens when somebody asks for the feed and the data differ from last time, in one transaction that holds a
lock: numbers become visible in their own order, and a change that is committed is in the feed from the next question
on. Of several changes between two questions the feed tells the last state.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

import orjson
from django.db import connection, transaction
from django.db.models import Max, Q
from django.utils import timezone, translation

from contact.models import ScheduleException, WeeklySlot
from organisation.models import Grade, Placement, PolicyAction, PolicyDomain, StaffingLine
from projects.models import Project, ProjectUnit
from pzgent.exports import Export
from pzgent.models import FeedState, PublishedItem
from pzgent.rest.fields import Links
from pzgent.rest.resources import Collection
from pzgent.search.sources import revision

# Stands in stored items for the address of the site, which one database may have several of.
SITE = "https://site.invalid"
# What items show of rows that have no version of their own.
PARTS: tuple[Any, ...] = (
    Placement, Grade, StaffingLine, PolicyDomain, PolicyAction, ProjectUnit, Project.objectives.through, WeeklySlot,
    ScheduleException,
)  # fmt: skip
Told = dict[tuple[str, UUID], tuple[int, bytes, bool]]


def bring_up_to_date(collections: Mapping[str, type[Collection]]) -> None:
    """Number what changed since last time; one query for the parts and one for the rest when nothing did."""
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


def _number_differences(collections: Mapping[str, type[Collection]]) -> None:
    told: Told = {
        (row.collection, row.key): (row.pk, bytes(row.body), row.is_removed)
        for row in PublishedItem.objects.all()
    }
    number = PublishedItem.objects.aggregate(last=Max("number"))["last"] or 0
    now = timezone.now()
    changed: list[PublishedItem] = []
    seen = set()
    for collection, key, slug, body in _items(collections):
        seen.add((collection, key))
        known = told.get((collection, key))
        if known is None or known[2] or known[1] != body:
            number += 1
            pk = known[0] if known else None
            changed.append(PublishedItem(pk, collection, key, number, body, False, now, slug))
    for (collection, key), (pk, _body, is_removed) in told.items():
        if (collection, key) not in seen and not is_removed:
            number += 1
            changed.append(PublishedItem(pk, collection, key, number, b"", True, now))
    PublishedItem.objects.bulk_create([item for item in changed if item.pk is None], 500)
    fields = ["number", "body", "is_removed", "at"]
    # A removed item keeps the slug that it had.
    renewed = [item for item in changed if item.pk is not None and not item.is_removed]
    removed = [item for item in changed if item.pk is not None and item.is_removed]
    PublishedItem.objects.bulk_update(renewed, [*fields, "slug"], 200)
    PublishedItem.objects.bulk_update(removed, fields, 200)


def _items(collections: Mapping[str, type[Collection]]) -> Iterator[tuple[str, UUID, str, bytes]]:
    """Every item of every collection with its id and slug, as bytes, in Dutch."""
    export = Export(collections, Links(SITE, f"{SITE}/api/v1"), {}, {}, timezone.localtime())
    with translation.override("nl"):
        for collection in sorted(collections):
            for item in export.items(collection):
                yield collection, UUID(str(item["id"])), item["slug"], orjson.dumps(item)


def _fingerprint() -> str:
    """Differs whenever the data behind the items do."""
    digest = hashlib.sha256(repr(revision()).encode())
    with connection.cursor() as cursor:
        for model in PARTS:
            columns = ", ".join(
                connection.ops.quote_name(part.column) for part in model._meta.concrete_fields
            )
            table = connection.ops.quote_name(model._meta.db_table)
            cursor.execute(f"SELECT {columns} FROM {table} ORDER BY 1")  # noqa: S608  # names of our own
            for row in cursor:
                digest.update(repr(row).encode())
    return digest.hexdigest()


def body_for(item: PublishedItem, site: str) -> bytes:
    """The stored item with the addresses of this site."""
    return bytes(item.body).replace(SITE.encode(), site.encode())


def get_former(collection: str, key: str) -> UUID | None:
    """The id of the object that the feed told of under this slug or id; None when it told of none."""
    try:
        condition = Q(key=UUID(key))
    except ValueError:
        condition = Q(slug=key)
    return (
        PublishedItem.objects.filter(condition, collection=collection).values_list("key", flat=True).first()
    )
