"""The change feed of the API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from pzgent.change_feed.changes import body_for, read_feed
from pzgent.kernel.rest import Gone, NotFound
from pzgent.kernel.rest.answering import NOT_CACHED, ApiQuery, Resource
from pzgent.kernel.rest.fields import CodeField, LabelField, OmitEmptySerializer
from pzgent.kernel.rest.parameters import Names, Number, SearchTerms
from pzgent.kernel.rest.resources import NOTHING_HERE, SIZE, Collection
from pzgent.models import HistoryKind, PublishedChange, PublishedItem

UPSERT, REMOVED = "upsert", "delete"
ACTIONS = [(UPSERT, UPSERT), (REMOVED, REMOVED)]


@extend_schema_field(OpenApiTypes.OBJECT)
class BodyField(serializers.JSONField):
    """Item as in its collection."""


class FeedEntrySerializer(OmitEmptySerializer):
    """One change: the current state of an item, or its removal."""

    number = serializers.IntegerField()
    action = serializers.ChoiceField(choices=ACTIONS)
    collection = serializers.CharField()
    id = serializers.UUIDField()
    at = serializers.DateTimeField(help_text="When the feed noticed it.")
    item = BodyField(required=False, help_text="The item as its collection shows it; absent when it is gone.")


class FeedPageSerializer(serializers.Serializer):
    """The changes after a number, in order."""

    self = serializers.URLField()
    feed = serializers.CharField(
        help_text="Identity of the feed to which the numbers belong; it changes when the data were restored or reset."
    )
    items = FeedEntrySerializer(many=True)
    last = serializers.IntegerField(help_text="Ask for the changes after this number next time.")
    next = serializers.URLField(required=False, help_text="There are more.")


class Changes(Resource):
    """All changes after a number, oldest first: follow `next`, keep `last`, and poll with `after=last`.

    An item that changed several times occurs once, in its current state. Removed items stay in the feed as `delete`.
    Start with `after=0` to get everything, or with the `feed` and `number` of a bulk file.

    Send `feed` together with `after`. 410 means that the numbers are no longer valid, because the database was
    restored or reset: discard the copy and start again.
    """

    summary = "Change feed"
    tag = "Bulk"
    serializer = FeedPageSerializer
    cache_control = NOT_CACHED
    may_be_gone = True
    collections: Mapping[str, type[Collection]] = {}

    def all_parameters(self) -> tuple[Any, ...]:
        """Return the parameters of this address."""
        after = Number(
            name="after",
            description="Only changes with a higher number.",
            low=0,
            default=0,
            high=9_999_999_999_999,
        )
        names = Names(name="collection", description="Only these collections.", known=tuple(self.collections))
        feed = SearchTerms(name="feed", description="The feed to which the number in `after` belongs.")
        return after, feed, names, SIZE

    def answer(self, asked: ApiQuery, **keys: str) -> dict[str, Any]:
        """Return one page of changes. Raises Gone for a number of another feed."""
        state = read_feed()
        after, size = asked.get("after", 0), asked.get("pageSize", 50)
        if asked.get("feed", state.identity) != state.identity:
            raise Gone("feed", asked.get("feed"), _advice(asked), place="query")
        if after > state.number:
            raise Gone("after", str(after), _advice(asked), place="query")
        rows = PublishedItem.objects.after(after)
        if names := asked.get("collection"):
            rows = rows.filter(collection__in=names)
        found = list(rows[: size + 1])
        shown, has_more = found[:size], len(found) > size
        last = shown[-1].number if shown else after
        answer = {
            "self": _address(asked, after),
            "feed": state.identity,
            "items": [_change(row, asked) for row in shown],
            "last": last,
        }
        return {**answer, "next": _address(asked, last, state.identity)} if has_more else answer


def _advice(asked: ApiQuery) -> str:
    return _(
        "The data were restored or reset, and these numbers no longer mean the same. Drop your copy; start again "
        "from %(file)s, which names its feed and number, or with after=0."
    ) % {"file": f"{asked.links.api}/exports/organisation.json"}


def _change(row: PublishedItem, asked: ApiQuery) -> dict[str, Any]:
    shown = {
        "number": row.number,
        "action": REMOVED if row.is_removed else UPSERT,
        "collection": row.collection,
        "id": row.key,
        "at": row.at,
    }
    return (
        shown if row.is_removed else {**shown, "item": orjson.Fragment(body_for(row.body, asked.links.site))}
    )


def _address(asked: ApiQuery, after: int, feed: str = "") -> str:
    query = asked.query.copy()
    query["after"] = str(after)
    if feed:
        query["feed"] = feed
    return f"{asked.address}?{query.urlencode()}"


class HistoryEntrySerializer(OmitEmptySerializer):
    """One change of an object."""

    number = serializers.IntegerField(help_text="The number under which the change feed told of it.")
    at = serializers.DateTimeField(help_text="When the feed noticed it.")
    kind = CodeField(HistoryKind)
    kindLabel = LabelField(HistoryKind, source="kind")
    changedFields = serializers.ListField(
        child=serializers.CharField(),
        source="changed_fields",
        required=False,
        help_text="The fields that changed, by name; absent when it came or went.",
    )


class History(Collection):
    """The history of one object, oldest first: publication, changes, removal.

    Each change has its number in the change feed, which returns the current values. Authors are not public. The
    history starts on the day since which the site keeps it.
    """

    operation = "getHistory"
    path_help = {"collection": "Name of the collection."}
    summary = "History of one object"
    tag = "Bulk"
    serializer = HistoryEntrySerializer
    cache_control = NOT_CACHED
    collections: Mapping[str, type[Collection]] = {}

    def answer(self, asked: ApiQuery, **keys: str) -> dict[str, Any]:
        """Return the changes in pages. Raises NotFound for an object that the feed never published."""
        which = {"collection": keys["collection"], "key": keys["id"]}
        if not PublishedItem.objects.filter(**which).exists():
            raise NotFound("id", str(keys["id"]), str(NOTHING_HERE))
        self.changes = PublishedChange.objects.filter(**which)
        return super().answer(asked, **keys)

    def rows(self, asked: ApiQuery) -> QuerySet:
        """Return the changes of the object, in order."""
        return self.changes
