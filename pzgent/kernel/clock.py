"""The moment that public pages are about: now, or the one that a preview has set.

Everything on the way to a public page asks this clock. What records when something happened asks
`django.utils.timezone`, which a preview does not change.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.utils import timezone

_moment: ContextVar[datetime.datetime | None] = ContextVar("moment", default=None)


def now() -> datetime.datetime:
    """Return the moment that the current response is about."""
    return _moment.get() or timezone.now()


def today() -> datetime.date:
    """Return the day that the current response is about, in the local time zone."""
    return timezone.localdate(now())


@contextmanager
def set_to(moment: datetime.datetime) -> Iterator[None]:
    """Let the block be about this moment, which must be aware of its time zone."""
    token = _moment.set(moment)
    try:
        yield
    finally:
        _moment.reset(token)
