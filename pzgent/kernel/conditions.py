"""Query conditions that every app may use."""

from collections.abc import Iterable

from django.db.models import Q

from pzgent.kernel.folding import fold


def contains_words(text: str, fields: Iterable[str]) -> Q:
    """Return a condition that every word of the text occurs in one of the fields, after folding."""
    condition = Q()
    for word in fold(text).split():
        any_field = Q()
        for field in fields:
            any_field |= Q(**{f"{field}__holds": word})
        condition &= any_field
    return condition
