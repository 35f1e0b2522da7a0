"""Source documents of facts, cached for all pages that cite them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar
from uuid import UUID

from organisation.models import Document
from pzgent.kernel.publishing import Sourced
from pzgent.kernel.reading import read_once

Fact = TypeVar("Fact", bound=Sourced)


def with_sources(facts: Iterable[Fact]) -> list[Fact]:
    """Attach the source documents to the facts. One query, or none if they are cached.

    A document that is newer than the cache is fetched when a fact accesses it.
    """
    found = list(facts)
    documents = _documents() if any(fact.source_id for fact in found) else {}
    for fact in found:
        if fact.source_id and fact.source_id in documents:
            fact.source = documents[fact.source_id]
    return found


@read_once
def _documents() -> Mapping[UUID, Document]:
    return Document.objects.in_bulk()
