"""Rows that many pages show, read once for all of them."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.utils.translation import override

from pzgent.kernel.validity import once_per_state

Parameters = ParamSpec("Parameters")
Rows = TypeVar("Rows")


def read_once(read: Callable[Parameters, Rows]) -> Callable[Parameters, Rows]:
    """Keep the rows that a function reads, as `once_per_state` does, for pages in every language together.

    Rows hold their texts in all languages and choose one when they are shown: the function must show nothing itself.
    """
    kept = once_per_state(read)

    @wraps(read)
    def once(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Rows:
        with override(None):
            return kept(*args, **kwargs)

    return once
