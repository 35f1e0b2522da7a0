"""For how long an answer stays true: until when, and for which states of the data.

What says what is open now holds until that changes. A copy that is given after that moment must not speak of now: it is
made a second time, for any time. What was made from a few sources, such as the tables of the database, still holds
after a change of others. What many pages show is worked out once, and kept for as long as it is true.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import wraps
from typing import Generic, NamedTuple, ParamSpec, TypeVar

from django.utils import timezone
from django.utils.translation import get_language

Parameters = ParamSpec("Parameters")
Value = TypeVar("Value")
# The source of what may depend on anything.
EVERYTHING = "everything"
# Changes of the data that are remembered; what is older than these is made anew.
LONGEST_HISTORY = 200


@dataclass
class Basis:
    """What an answer rests on: the moments that may end it, and the sources that it was made from."""

    moments: list[datetime.datetime] = field(default_factory=list)
    sources: set[str] = field(default_factory=set)


_basis: ContextVar[Basis | None] = ContextVar("basis", default=None)


def holds_until(moment: datetime.datetime | None) -> None:
    """Say that something in the answer at hand is true until this moment only; None: for good."""
    basis = _basis.get()
    if basis is not None and moment is not None:
        basis.moments.append(moment)


def rests_on(*sources: str) -> None:
    """Say that the answer at hand was made from these sources."""
    basis = _basis.get()
    if basis is not None:
        basis.sources.update(sources)


@contextmanager
def gathered() -> Iterator[Basis]:
    """What is said of the answer that the block makes; the one around it is not told."""
    basis = Basis()
    token = _basis.set(basis)
    try:
        yield basis
    finally:
        _basis.reset(token)


class Reading(NamedTuple):
    """The state of the data as it was read, and the sources that differ from the reading before; None: maybe all."""

    state: str
    changed: frozenset[str] | None = None


class StateHistory:
    """The latest states of the data in their order, and which sources differ between one and the next."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._changed: dict[int, frozenset[str] | None] = {}
        self._last = 0

    def note(self, state: str, changed: frozenset[str] | None) -> None:
        """Record that the data have come into another state, by a change of these sources; None: maybe of all."""
        self._last += 1
        self._changed[self._last] = changed
        self._numbers[state] = self._last
        self._changed.pop(self._last - LONGEST_HISTORY, None)
        for known, number in list(self._numbers.items()):
            if number <= self._last - LONGEST_HISTORY:
                del self._numbers[known]

    def is_same(self, earlier: str, later: str, sources: frozenset[str]) -> bool:
        """Return whether nothing changed between two states in the sources of an answer; an unknown state is none."""
        if earlier == later:
            return bool(later)
        first, last = self._numbers.get(earlier), self._numbers.get(later)
        if first is None or last is None or first > last or EVERYTHING in sources:
            return False
        changes = [self._changed.get(number) for number in range(first + 1, last + 1)]
        return all(changed is not None and changed.isdisjoint(sources) for changed in changes)


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


_state: ContextVar[tuple[str, StateHistory]] = ContextVar(
    "state", default=("", StateHistory())
)  # never filled


@contextmanager
def of_state(state: str, history: StateHistory | None = None) -> Iterator[None]:
    """Say in which state the data are, as far as the answer at hand may tell; empty: not known."""
    token = _state.set((state, history or StateHistory()))
    try:
        yield
    finally:
        _state.reset(token)


@dataclass(frozen=True)
class _Kept(Generic[Value]):
    """A value that was worked out, the state of the data in which it was, what it rests on and when it ends."""

    value: Value
    state: str
    sources: frozenset[str]
    until: datetime.datetime | None

    def is_right(self, state: str, history: StateHistory, now: datetime.datetime) -> bool:
        is_over = self.until is not None and self.until <= now
        return not is_over and history.is_same(self.state, state, self.sources)


def once_per_state(make: Callable[Parameters, Value]) -> Callable[Parameters, Value]:
    """Keep what a function returns while it is true: until its sources change, or the first moment that it named.

    Where the state is not known it is called each time. Its arguments must be hashable, and nobody may change what
    it returned: threads share that.
    """
    kept: dict[tuple[object, ...], _Kept[Value]] = {}

    @wraps(make)
    def once(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Value:
        (state, history), now = _state.get(), timezone.now()
        if not state:
            return make(*args, **kwargs)
        key = (get_language(), is_for_any_time(), args, *kwargs.items())
        found = kept.get(key)
        if found is None or not found.is_right(state, history, now):
            with gathered() as basis:
                value = make(*args, **kwargs)
            until = min((moment for moment in basis.moments if moment > now), default=None)
            found = _Kept(value, state, frozenset(basis.sources), until)
            for other, old in kept.copy().items():
                if not old.is_right(state, history, now):
                    kept.pop(other, None)
            kept[key] = found
        holds_until(found.until)
        rests_on(*found.sources)
        return found.value

    return once
