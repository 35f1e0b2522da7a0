"""What the change feed last told of each object: the same as the API shows, made once for each change."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from django.db.models import QuerySet


class ToldObject(NamedTuple):
    """An object as the feed keeps it, with the addresses of this site."""

    id: Any
    # JSON in Dutch with all fields, its number included, but those that only `embed` shows: these are apart.
    body: bytes
    parts: bytes


class Told(Protocol):
    """Given by whoever composes the API."""

    def is_up_to_date(self, revision: str) -> bool:
        """Number what changed until this revision; False when that cannot be done now."""

    def with_numbers(self, rows: QuerySet, collection: str, key: str) -> QuerySet:
        """The rows with `change_number`; `key` is the column with the object's id. No query more."""

    def get_page(
        self, rows: QuerySet, part: slice, collection: str, key: str, site: str
    ) -> tuple[int, Sequence[ToldObject]] | None:
        """How many rows there are, and the objects of some of them; None where the feed does not tell that."""

    def get_objects(
        self, wanted: Mapping[str, Iterable[str]], by_id: Container[str], site: str
    ) -> Mapping[tuple[str, str], ToldObject]:
        """The objects with these slugs, or these ids, by collection and that key, as far as the feed told of them."""
