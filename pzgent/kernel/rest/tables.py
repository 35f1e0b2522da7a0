"""Tables of the parts of objects, which a single cell of the main table could only hold as JSON.

Each row repeats the key of its object, so that the table can be joined with that of its collection.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Shown = Mapping[str, Any]


@dataclass(frozen=True)
class LongTable:
    """Table derived from the items of a collection.

    `replaces` names the columns of the main table that this table replaces.
    """

    rows: Callable[[Shown], Iterable[Shown]]
    columns: tuple[str, ...]
    replaces: tuple[str, ...] = ()


def parts_of(field: str, owner: str, part: str = "") -> Callable[[Shown], Iterator[Shown]]:
    """Return a function that yields a row for each object in a field: its fields, its owner, and itself as `part`."""

    def rows(item: Shown) -> Iterator[Shown]:
        for each in item.get(field, ()):
            yield {**each, owner: item, **({part: each} if part else {})}

    return rows


def columns_of(owner: str, *fields: str) -> tuple[str, ...]:
    """Return the columns with these fields of the owner."""
    return tuple(f"{owner}.{field}" for field in fields)


OF_EDITION = ("slug", "title", "validFrom", "validUntil")
# What the columns of most tables are called in Dutch; each collection says it of its own.
DUTCH = {
    "abbreviation": "afkorting",
    "audience": "doelgroepcode",
    "basis": "code soort feit",
    "basisLabel": "soort feit",
    "by": "door",
    "code": "code",
    "decision": "beslissing",
    "description": "beschrijving",
    "document": "document",
    "href": "api-adres",
    "htmlUrl": "webpagina",
    "id": "id",
    "kind": "soortcode",
    "kindLabel": "soort",
    "label": "omschrijving",
    "level": "niveau",
    "location": "locatie",
    "modified": "gewijzigd",
    "name": "naam",
    "note": "opmerking",
    "objectives": "doelstellingen",
    "on": "op",
    "parent": "deel van",
    "period": "periode",
    "periodEnded": "periode voorbij",
    "place": "plaats",
    "plan": "plan",
    "postalCode": "postcode",
    "projects": "projecten",
    "ratifiedBy": "bekrachtigd door",
    "ratifiedOn": "bekrachtigd op",
    "slug": "sleutel",
    "source": "bron",
    "sourceNote": "opmerking bij de bron",
    "summary": "samenvatting",
    "text": "tekst",
    "title": "titel",
    "unit": "eenheid",
    "url": "adres op het web",
    "validFrom": "geldig vanaf",
    "validFromPrecision": "nauwkeurigheid geldig vanaf",
    "validUntil": "geldig tot",
    "value": "waarde",
    "verifiedOn": "nagekeken op",
}
