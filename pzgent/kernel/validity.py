"""The validity of responses: until which moment, and for which states of the data.

A response that says what is open now is valid until that changes. A copy served after that moment must not mention the
present: it is rendered a second time, time-independently. A response made from a few sources, such as database tables,
stays valid when others change. Results that many pages share are computed once and cached while they are valid.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import wraps
from typing import Generic, NamedTuple, ParamSpec, TypeVar

from django.utils.translation import get_language

from pzgent.kernel import clock

Parameters = ParamSpec("Parameters")
Value = TypeVar("Value")
# The source of results that may depend on anything.
EVERYTHING = "everything"
# Number of changes that are remembered; anything older is made again.
LONGEST_HISTORY = 200


@dataclass
class Basis:
    """The basis of a response: the moments that may end its validity, and the sources that it was made from."""

    moments: list[datetime.datetime] = field(default_factory=list)
    sources: set[str] = field(default_factory=set)


_basis: ContextVar[Basis | None] = ContextVar("basis", default=None)


def holds_until(moment: datetime.datetime | None) -> None:
    """Declare that part of the current response is valid only until this moment; None: without end."""
    basis = _basis.get()
    if basis is not None and moment is not None:
        basis.moments.append(moment)


def rests_on(*sources: str) -> None:
    """Declare that the current response was made from these sources."""
    basis = _basis.get()
    if basis is not None:
        basis.sources.update(sources)


@contextmanager
def gathered() -> Iterator[Basis]:
    """Collect the basis of what the block makes; the surrounding basis is not affected."""
    basis = Basis()
    token = _basis.set(basis)
    try:
        yield basis
    finally:
        _basis.reset(token)


class Reading(NamedTuple):
    """The state of the data as it was read, and the sources changed since the previous reading; None: maybe all."""

    state: str
    changed: frozenset[str] | None = None


class StateHistory:
    """The latest states of the data in order, and the sources that changed between successive ones."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._changed: dict[int, frozenset[str] | None] = {}
        self._last = 0

    def note(self, state: str, changed: frozenset[str] | None) -> None:
        """Record a new state of the data, caused by a change of these sources; None: maybe of all."""
        self._last += 1
        self._changed[self._last] = changed
        self._numbers[state] = self._last
        self._changed.pop(self._last - LONGEST_HISTORY, None)
        for known, number in list(self._numbers.items()):
            if number <= self._last - LONGEST_HISTORY:
                del self._numbers[known]

    def is_same(self, earlier: str, later: str, sources: frozenset[str]) -> bool:
        """Return whether these sources are unchanged between two states; an unknown state is never the same."""
        if earlier == later:
            return bool(later)
        first, last = self._numbers.get(earlier), self._numbers.get(later)
        if first is None or last is None or first > last or EVERYTHING in sources:
            return False
        changes = [self._changed.get(number) for number in range(first + 1, last + 1)]
        return all(changed is not None and changed.isdisjoint(sources) for changed in changes)


_is_for_any_time: ContextVar[bool] = ContextVar("is_for_any_time", default=False)


def is_for_any_time() -> bool:
    """Return whether the current response must not mention the present moment."""
    return _is_for_any_time.get()


@contextmanager
def for_any_time() -> Iterator[None]:
    """Render time-independently: output that stays valid as long as the data is unchanged."""
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
    """Set the state of the data for the current response; empty: unknown."""
    token = _state.set((state, history or StateHistory()))
    try:
        yield
    finally:
        _state.reset(token)


@dataclass(frozen=True)
class _Kept(Generic[Value]):
    """A cached value, the state of the data it was made from, its sources and its expiry time."""

    value: Value
    state: str
    sources: frozenset[str]
    until: datetime.datetime | None

    def is_right(self, state: str, history: StateHistory, now: datetime.datetime) -> bool:
        is_over = self.until is not None and self.until <= now
        return not is_over and history.is_same(self.state, state, self.sources)


def once_per_state(make: Callable[Parameters, Value]) -> Callable[Parameters, Value]:
    """Cache the result of a function while it is valid: until its sources change, or the first moment it declared.

    If the state is unknown, the function is called each time. Its arguments must be hashable, and its result must not
    be modified: threads share it.
    """
    kept: dict[tuple[object, ...], _Kept[Value]] = {}

    @wraps(make)
    def once(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Value:
        (state, history), now = _state.get(), clock.now()
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
