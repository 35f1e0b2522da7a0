"""Until when what is being made stays true: what says what is open now holds until that changes.

A copy that is given after that moment must not speak of now: it is made a second time, for any time.
What many pages show is worked out once, and kept for as long as it is true.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import ParamSpec, TypeVar

from django.utils import timezone
from django.utils.translation import get_language

Parameters = ParamSpec("Parameters")
Value = TypeVar("Value")

_moments: ContextVar[list[datetime.datetime] | None] = ContextVar("validity", default=None)


def holds_until(moment: datetime.datetime | None) -> None:
    """Say that something in the answer at hand is true until this moment only; None: for good."""
    found = _moments.get()
    if found is not None and moment is not None:
        found.append(moment)


@contextmanager
def gathered() -> Iterator[list[datetime.datetime]]:
    """The moments that are named while the block runs, in a list that fills meanwhile."""
    found: list[datetime.datetime] = []
    token = _moments.set(found)
    try:
        yield found
    finally:
        _moments.reset(token)


_is_for_any_time: ContextVar[bool] = ContextVar("is_for_any_time", default=False)


def is_for_any_time() -> bool:
    """Return whether the answer being made must not mention the present moment."""
    return _is_for_any_time.get()


@contextmanager
def for_any_time() -> Iterator[None]:
    """Make what stays true for as long as the data are the same."""
    token = _is_for_any_time.set(True)
    try:
        yield
    finally:
        _is_for_any_time.reset(token)


_state: ContextVar[str] = ContextVar("state", default="")


@contextmanager
def of_state(state: str) -> Iterator[None]:
    """Say in which state the data are, as far as the answer at hand may tell; empty: not known."""
    token = _state.set(state)
    try:
        yield
    finally:
        _state.reset(token)


def once_per_state(make: Callable[Parameters, Value]) -> Callable[Parameters, Value]:
    """Keep what a function returns while it is true: in one state of the data, until the first moment that it named.

    Where the state is not known it is called each time. Its arguments must be hashable, and nobody may change what
    it returned: threads share that.
    """
    kept: dict[tuple[object, ...], tuple[Value, datetime.datetime | None]] = {}

    @wraps(make)
    def once(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Value:
        state, now = _state.get(), timezone.now()
        if not state:
            return make(*args, **kwargs)
        key = (state, get_language(), is_for_any_time(), args, *kwargs.items())
        found = kept.get(key)
        if found is None or (found[1] is not None and found[1] <= now):
            with gathered() as moments:
                value = make(*args, **kwargs)
            found = value, min((moment for moment in moments if moment > now), default=None)
            for earlier in [other for other in kept.copy() if other[0] != state]:
                kept.pop(earlier, None)
            kept[key] = found
        holds_until(found[1])
        return found[0]

    return once
