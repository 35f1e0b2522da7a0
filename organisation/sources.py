"""The documents that facts come from, read once for all pages that name them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar
from uuid import UUID

from organisation.models import Document
from pzgent.kernel.publishing import Sourced
from pzgent.kernel.reading import read_once

Fact = TypeVar("Fact", bound=Sourced)


def with_sources(facts: Iterable[Fact]) -> list[Fact]:
    """The facts with their documents at hand. One query, or none where another page asked it.

    A document that is newer than what is kept is asked for when a fact names it.
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
