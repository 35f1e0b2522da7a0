"""Conditions that questions of every app may set."""

from collections.abc import Iterable

from django.db.models import Q

from pzgent.kernel.folding import fold


def contains_words(text: str, fields: Iterable[str]) -> Q:
    """A condition: every word of the text occurs in one of the fields, however it is spelled."""
    condition = Q()
    for word in fold(text).split():
        any_field = Q()
        for field in fields:
            any_field |= Q(**{f"{field}__holds": word})
        condition &= any_field
    return condition
