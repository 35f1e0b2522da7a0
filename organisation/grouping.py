"""Lists under headings, in the order in which a page shows them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Any

from django.db import models

from organisation.models import Term

OTHER = "0-9"


def by_choice(
    items: Iterable[Any], name: str, choices: type[models.TextChoices]
) -> list[tuple[Any, list[Any]]]:
    """Items per value of a field, in the order of its choices; values without items are left out."""
    groups: dict[Any, list[Any]] = {choice: [] for choice in choices}
    for item in items:
        groups[choices(getattr(item, name))].append(item)
    return [(choice, group) for choice, group in groups.items() if group]


def by_letter(terms: Iterable[Term]) -> list[tuple[str, list[Term]]]:
    """Terms in alphabetical order under their first letter; what starts with no letter comes first."""
    groups: dict[str, list[Term]] = {}
    for term in sorted(terms, key=lambda term: (sort_key(term.abbreviation), term.slug)):
        first = sort_key(term.abbreviation)[:1].upper()
        groups.setdefault(first if "A" <= first <= "Z" else OTHER, []).append(term)
    return sorted(groups.items())


def sort_key(text: str) -> str:
    """The text without accents, signs in front or capitals, the way a dictionary sorts it."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return plain.casefold().lstrip(" \"'(-“”‘’")
