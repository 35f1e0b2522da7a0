"""The rule of the second person: some accounts change what the public sees only through working copies.

Whoever lacks the right `SOLO` prepares a working copy, asks for approval, and another account that may publish releases
it. The rule is held where every edit is logged, so that no form, import, restored version or step in the workshop
passes it by.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import CASCADE, ForeignKey, Model
from django.http import HttpRequest
from django.utils.translation import gettext

from pzgent.kernel.publishing import Publishable
from pzgent.kernel.versions.models import Approvable

# To change what the public sees without a second person, and to decide what it sees.
SOLO, PUBLISH = "pzgent.publish_solo", "pzgent.publish"
_COPY, _OPEN_COPY = "_writes_a_copy", "_opens_a_copy"


class SecondPersonError(ValidationError):
    """Raised when an account without the right `SOLO` would change what the public sees."""


def works_solo(request: HttpRequest) -> bool:
    """Return whether the account may change what the public sees without a second person."""
    return request.user.has_perm(SOLO)


def may_release(request: HttpRequest, item: Approvable, authors: Iterable[Any]) -> bool:
    """Return whether the account may publish a copy or a bundle that these accounts saved.

    Without the right `SOLO` it must be somebody else's, and approval must have been asked for it as it is now.
    """
    if not request.user.has_perm(PUBLISH):
        return False
    return works_solo(request) or (item.is_waiting and request.user.pk not in set(authors))


def is_public(item: Model) -> bool:
    """Return whether the public sees an item, saw it or will see it; a part follows the whole it is deleted with."""
    if isinstance(item, Publishable):
        return item.is_kept
    return any(
        is_public(owner)
        for field in item._meta.concrete_fields
        if isinstance(field, ForeignKey) and field.remote_field.on_delete is CASCADE
        if isinstance(owner := getattr(item, field.name, None), Model)
    )


@contextmanager
def beside_live(request: HttpRequest, *, is_open: bool) -> Iterator[None]:
    """Mark that what is written now belongs to a working copy; `is_open` if its own form is shown, with all fields."""
    before = getattr(request, _COPY, False), getattr(request, _OPEN_COPY, False)
    setattr(request, _COPY, True)
    setattr(request, _OPEN_COPY, is_open)
    try:
        yield
    finally:
        setattr(request, _COPY, before[0])
        setattr(request, _OPEN_COPY, before[1])


def opens_copy(request: HttpRequest) -> bool:
    """Return whether the form of a working copy is shown, in which what decides publication can be set too."""
    return bool(getattr(request, _OPEN_COPY, False))


def require_second_person(request: HttpRequest, items: Iterable[Model]) -> None:
    """Raise SecondPersonError if the account needs a second person to write one of the items."""
    if works_solo(request) or getattr(request, _COPY, False):
        return
    if any(is_public(item) for item in items):
        raise SecondPersonError(
            gettext(
                "Not saved: the public sees this, and a second person must approve what you change. Save it as a "
                "working copy, and ask for approval there."
            )
        )
