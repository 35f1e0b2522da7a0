"""What a preview shows that is not stored: changes that are made in a transaction and rolled back."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from contact.models import Notice
from contact.models.dated import Dated
from organisation.models import Organogram, Unit
from pzgent.kernel import clock
from pzgent.kernel.editions import Edition
from pzgent.kernel.publishing import PublicationStatus, Publishable, published_at

# Returns those of some items that somebody may see.
Sieve = Callable[[Iterable[Publishable]], list[Publishable]]


@dataclass(frozen=True)
class Change:
    """A change to show: what it is in words (empty: not mentioned), and a function that makes it."""

    words: str
    make: Callable[[], Any]
    # Whether it may change the current names of units.
    is_about_names: bool = False


@contextmanager
def made(changes: Iterable[Change]) -> Iterator[None]:
    """Make the changes for the duration of the block; nothing of them is stored.

    Without changes there is no transaction: on SQLite it would keep everybody else from writing.
    """
    pending = list(changes)
    if not pending:
        yield
        return
    with transaction.atomic():
        for change in pending:
            change.make()
        try:
            yield
        finally:
            transaction.set_rollback(True)


def publication_of(item: Publishable, moment: datetime.datetime, seen: Sieve) -> list[Change]:
    """Return the changes with which the public would see an item at a moment: its own publication, and that of its
    owners, as far as these are `seen`."""
    found = {item.pk: item, **{owner.pk: owner for owner in seen(owners_of(item))}}
    return [_published(one) for one in found.values() if not is_public(one, moment)]


def publication_of_parts(item: Publishable, seen: Sieve) -> list[Change]:
    """Return the changes that publish the drafts which belong to an item, as far as these are `seen`."""
    return [_published(part) for part in seen(_parts_of(item, PublicationStatus.DRAFT))]


def owners_of(item: Publishable) -> list[Publishable]:
    """Return everything without which the public does not see an item."""
    found: dict[Any, Publishable] = {}
    waiting = item.get_owners()
    while waiting:
        one = waiting.pop(0)
        if one.pk not in found:
            found[one.pk] = one
            waiting += one.get_owners()
    return list(found.values())


def _parts_of(item: Publishable, status: PublicationStatus) -> list[Publishable]:
    return [part for parts in item.get_parts() for part in parts.filter(status=status)]


def is_public(item: Publishable, moment: datetime.datetime) -> bool:
    """Return whether the status and the moments of publication of an item make it public at a moment."""
    return type(item)._base_manager.filter(published_at(moment), pk=item.pk).exists()


def _published(item: Publishable) -> Change:
    rivals = list(item.get_rivals()) if isinstance(item, Edition) else []
    words = _("“%(item)s” as if it were published") % {"item": item}
    if rivals:
        words = _("“%(item)s” as if it were published, in the place of “%(other)s”") % {
            "item": item,
            "other": rivals[0],
        }

    def make() -> None:
        # Written past save(): nothing of it stays, and save() would notify trees, names and files.
        for rival in rivals:
            _rows_of(rival).update(status=PublicationStatus.WITHDRAWN)
        _rows_of(item).update(status=PublicationStatus.PUBLISHED, publish_from=None, publish_until=None)

    return Change(words, make, is_about_names=isinstance(item, Organogram))


def _rows_of(item: Publishable) -> QuerySet[Any]:
    return QuerySet(type(item)).filter(pk=item.pk)


def concealment(
    items: Iterable[Publishable], moment: datetime.datetime, seen: Sieve, others: Sieve
) -> list[Change]:
    """Return the changes that hide what becomes public between now and a moment.

    A preview must not reveal the plans of others: it shows its items, their owners and their parts as far as these are
    `seen`, and what `others` lets through.
    """
    if moment <= clock.now():
        return []
    shown = list(items)
    own = [one for item in shown for one in (*owners_of(item), *_parts_of(item, PublicationStatus.PUBLISHED))]
    kept = {one.pk for one in (*shown, *seen(own))}
    planned = [one for one in _planned(moment) if one.pk not in kept]
    let_through = {one.pk for one in others(planned)}
    return [_hidden(one) for one in planned if one.pk not in let_through]


def _hidden(item: Publishable) -> Change:
    return Change("", lambda: _rows_of(item).update(status=PublicationStatus.DRAFT))


def _planned(moment: datetime.datetime) -> Iterator[Publishable]:
    """Yield the items that start by a moment, and have not started; whether their owners have makes no difference."""
    now, days = clock.now(), (clock.today(), timezone.localdate(moment))
    for model in apps.get_models():
        if not issubclass(model, Publishable):
            continue
        starts = ~published_at()
        if issubclass(model, Dated):
            starts |= Q(valid_from__gt=days[0], valid_from__lte=days[1])
        if model is Notice:
            starts |= Q(starts__gt=now, starts__lte=moment)
        yield from model._base_manager.filter(published_at(moment), starts)


def renaming(changes: Iterable[Change], moment: datetime.datetime) -> list[Change]:
    """Return the change that gives units the names that they have at a moment, if other organograms are public then;
    the background worker does so once that moment has come."""
    waits = Organogram.objects.published(moment).exclude(published_at()).exists()
    if not waits and not any(change.is_about_names for change in changes):
        return []

    def make() -> None:
        with clock.set_to(moment):
            Unit.objects.sync_names()

    return [Change("", make)]
