"""Cached paths of pages."""

from __future__ import annotations

from functools import lru_cache

from django.urls import reverse
from django.utils.translation import get_language

MOST = 20_000


def path_of(name: str, *args: str) -> str:
    """Return the path of a page in the active language. Lists contain hundreds of paths, and `reverse` is slow."""
    return _path_in(get_language(), name, args)


@lru_cache(maxsize=MOST)
def _path_in(language: str | None, name: str, args: tuple[str, ...]) -> str:
    return reverse(name, args=args)
