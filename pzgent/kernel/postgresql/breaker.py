"""A circuit breaker for new connections to the server, per process."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

_refusing = threading.Event()
_trying = threading.local()


def is_open() -> bool:
    """Return whether the current thread may not connect now."""
    return _refusing.is_set() and not getattr(_trying, "is_allowed", False)


def set_open(is_refusing: bool) -> None:
    """Refuse new connections from now on, or allow them again."""
    if is_refusing:
        _refusing.set()
    else:
        _refusing.clear()


@contextmanager
def trying() -> Iterator[None]:
    """Allow the current thread to connect in this block, to find out whether the server is back."""
    _trying.is_allowed = True
    try:
        yield
    finally:
        _trying.is_allowed = False
