"""Group lists under headings, in display order."""

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
    """Group items by the value of a choices field, in order of the choices, without empty groups."""
    groups: dict[Any, list[Any]] = {choice: [] for choice in choices}
    for item in items:
        groups[choices(getattr(item, name))].append(item)
    return [(choice, group) for choice, group in groups.items() if group]


def by_letter(terms: Iterable[Term]) -> list[tuple[str, list[Term]]]:
    """Group terms alphabetically by first letter; terms that do not start with a letter come first."""
    groups: dict[str, list[Term]] = {}
    for term in sorted(terms, key=lambda term: (sort_key(term.abbreviation), term.slug)):
        first = sort_key(term.abbreviation)[:1].upper()
        groups.setdefault(first if "A" <= first <= "Z" else OTHER, []).append(term)
    return sorted(groups.items())


def sort_key(text: str) -> str:
    """Return the text without accents, leading signs or capitals, for dictionary order."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return plain.casefold().lstrip(" \"'(-“”‘’")
