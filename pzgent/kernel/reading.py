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
    """Cache the rows that a function reads, as `once_per_state` does, but shared by the pages in all languages.

    Rows hold their texts in all languages and select one when rendered: the function itself must render nothing.
    """
    kept = once_per_state(read)

    @wraps(read)
    def once(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Rows:
        with override(None):
            return kept(*args, **kwargs)

    return once
