"""Until when what is being made stays true: what says what is open now holds until that changes.

A copy that is given after that moment must not speak of now: it is made a second time, for any time.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

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
    """Whether what is being made may say nothing of the present moment."""
    return _is_for_any_time.get()


@contextmanager
def for_any_time() -> Iterator[None]:
    """Make what stays true for as long as the data are the same."""
    token = _is_for_any_time.set(True)
    try:
        yield
    finally:
        _is_for_any_time.reset(token)
