"""Checks of what needs an editor's attention: each names a condition of rows, counted on the home page of the admin.

Each app lists its own in `desk.py`; `pzgent/registry/desk.py` combines them with the checks below, which apply to every
model of their kind. A check is also a filter of the changelist of its model.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import CharField, Count, IntegerField, Model, Q, Value
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pzgent.kernel.editions import Edition
from pzgent.kernel.publishing import PublicationStatus, Publishable, Sourced
from pzgent.kernel.translations import OTHER_LANGUAGES, Translated, source_digest

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django_stubs_ext import StrOrPromise

# The name of the check of what has to be translated, which translators see too.
TRANSLATIONS = "translations"
SOON = datetime.timedelta(days=30)


@dataclass(frozen=True, kw_only=True)
class Check:
    """One thing to look at, about rows of one model.

    `condition` is the condition of these rows on a day; it joins no multi-valued relation, so that rows are counted
    once. `keys` returns their primary keys instead, for what a database cannot tell.
    """

    name: str
    title: StrOrPromise
    model: type[Model]
    condition: Callable[[datetime.date], Q] | None = None
    keys: Callable[[datetime.date], Collection[Any]] | None = None
    # The parameter of the changelist that shows these rows, if it has one of its own.
    parameter: str = ""
    # True if it is about single rows; a damaged tree is about the whole.
    is_filter: bool = True

    @property
    def query(self) -> str:
        """The query string of the changelist of these rows."""
        return (self.parameter or f"attention={self.name}") if self.is_filter else ""

    def narrow(self, rows: QuerySet, on: datetime.date) -> QuerySet:
        """Filter the rows that need attention on a day."""
        if self.condition is not None:
            return rows.filter(self.condition(on))
        return rows.filter(pk__in=self.keys(on)) if self.keys else rows


def count_all(
    checks: Iterable[Check], on: datetime.date, rows_of: Callable[[type[Model]], Any]
) -> dict[Check, int]:
    """Return the number of rows for each check. One query for all conditions, plus those of checks with `keys`."""
    by_model: dict[type[Model], list[Check]] = {}
    counts: dict[Check, int] = {}
    for check in checks:
        if check.condition is not None:
            by_model.setdefault(check.model, []).append(check)
        elif check.keys is not None:
            counts[check] = _count_keys(check.keys(on), rows_of(check.model))
    width = max(map(len, by_model.values()), default=0)
    parts = [
        _counts_of(rows_of(model), model, [check.condition(on) for check in found if check.condition], width)
        for model, found in by_model.items()
    ]
    for label, *numbers in parts[0].union(*parts[1:], all=True) if parts else ():
        found = next(found for model, found in by_model.items() if model._meta.label == label)
        counts.update(zip(found, numbers, strict=False))
    return counts


def _count_keys(keys: Collection[Any], rows: QuerySet) -> int:
    """Count the keys among the rows; a query only if there are both keys and a restriction of the rows."""
    return rows.filter(pk__in=keys).count() if keys and rows.query.has_filters() else len(keys)


def _counts_of(rows: QuerySet, model: type[Model], conditions: list[Q], width: int) -> Any:
    """Return a queryset of one row: the label of the model, and a number per condition, filled up to the width."""
    zeros = {f"count_{place}": Value(0, IntegerField()) for place in range(len(conditions), width)}
    numbers = {f"count_{place}": Count("pk", filter=condition) for place, condition in enumerate(conditions)}
    labelled = rows.order_by().values(of_model=Value(model._meta.label, CharField()))
    names = ("of_model", *(f"count_{place}" for place in range(width)))
    return labelled.annotate(**numbers, **zeros).values_list(*names)


def publication_checks(model: type[Any]) -> Iterator[Check]:
    """Yield the checks that apply to a model because of its kind: publication, review, period, translation."""
    if issubclass(model, Publishable):
        yield Check(name="drafts", title=_("Drafts"), model=model, condition=_is_draft)
        yield Check(
            name="starting", title=_("On the site within 30 days"), model=model, condition=_is_starting
        )
        yield Check(
            name="ending", title=_("Off the site within 30 days"), model=model, condition=_is_ending(model)
        )
    if issubclass(model, Sourced):
        yield Check(
            name="due",
            title=_("To check again"),
            model=model,
            condition=_is_due(model),
            parameter="review=overdue",
        )
    if issubclass(model, Edition):
        yield Check(name="over", title=_("Period is over"), model=model, condition=_is_over(model))
    if issubclass(model, Translated) and model.translated_fields:
        yield Check(
            name=TRANSLATIONS,
            title=_("Translation is missing or old"),
            model=model,
            keys=lambda on: _badly_translated(model),
        )


def _is_draft(on: datetime.date) -> Q:
    return Q(status=PublicationStatus.DRAFT)


def _soon() -> tuple[datetime.datetime, datetime.datetime]:
    now = timezone.now()
    return now, now + SOON


def _is_starting(on: datetime.date) -> Q:
    return Q(status=PublicationStatus.PUBLISHED, publish_from__range=_soon())


def _is_ending(model: type[Model]) -> Callable[[datetime.date], Q]:
    dated = not issubclass(model, Edition) and any(
        field.name == "valid_until" for field in model._meta.fields
    )

    def condition(on: datetime.date) -> Q:
        ends = Q(publish_until__range=_soon())
        ends |= Q(valid_until__range=(on, on + SOON)) if dated else Q()
        return Q(status=PublicationStatus.PUBLISHED) & ends

    return condition


def _is_due(model: type[Model]) -> Callable[[datetime.date], Q]:
    def condition(on: datetime.date) -> Q:
        kept = ~Q(status=PublicationStatus.WITHDRAWN) if issubclass(model, Publishable) else Q()
        return Q(review_by__lte=on) & kept

    return condition


def _is_over(model: type[Any]) -> Callable[[datetime.date], Q]:
    return lambda on: Q(pk=model.objects.key_in_force(on), valid_until__lt=on)


def _badly_translated(model: type[Any]) -> list[Any]:
    """Return the keys of the rows that lack a translation, or whose Dutch text changed after it. One query."""
    rows = model._base_manager.all()
    if issubclass(model, Publishable):
        rows = rows.exclude(status=PublicationStatus.WITHDRAWN)
    names = model.translated_fields
    return [
        key
        for key, translations, *texts in rows.values_list("pk", "translations", *names)
        if any(
            _is_behind([translations.get(language, {}).get(name) for language in OTHER_LANGUAGES], text)
            for name, text in zip(names, texts, strict=True)
            if text
        )
    ]


def _is_behind(found: list[dict[str, str] | None], text: str) -> bool:
    """Return whether one of the translations of a Dutch text is missing or old."""
    digest = source_digest(text) if all(found) else ""
    return any(one is None or one["of"] != digest for one in found)
