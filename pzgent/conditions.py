"""Conditions that questions of every app may set."""

from collections.abc import Iterable

from django.db.models import Q


def contains_words(text: str, fields: Iterable[str]) -> Q:
    """A condition: every word of the text occurs in one of the fields."""
    condition = Q()
    for word in text.split():
        any_field = Q()
        for field in fields:
            any_field |= Q(**{f"{field}__icontains": word})
        condition &= any_field
    return condition
