"""Until when what is being made stays true: what says what is open now holds until that changes."""

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
