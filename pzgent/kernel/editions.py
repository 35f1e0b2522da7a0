"""Dated editions of decisions and plans, and the items that belong to them."""

import datetime
from collections.abc import Iterable
from typing import Any, Self

from django.db import models
from django.db.models import ExpressionWrapper, OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _

from pzgent.kernel import clock, fields
from pzgent.kernel.publishing import (
    PublicationStatus,
    Publishable,
    PublishableQuerySet,
    Sourced,
    published_at,
)


class DatePrecision(models.TextChoices):
    """How exactly a source gives a date; the stored day is the first of the period."""

    DAY = "day", _("day")
    MONTH = "month", _("month")
    YEAR = "year", _("year")


class EditionQuerySet(PublishableQuerySet):
    """Queryset of dated editions; for models that derive from `Edition`."""

    def in_force(self, on: datetime.date | None = None) -> Self:
        """Return, per series, the published edition with the latest `valid_from` up to the day (default: today)."""
        return self.filter(pk=self.key_in_force(on))

    def with_in_force(self) -> Self:
        """Annotate `is_in_force`: whether the edition is in force today."""
        return self.annotate(is_in_force=ExpressionWrapper(Q(pk=self.key_in_force()), models.BooleanField()))

    def published_as_of(self, day: datetime.date | None) -> Self:
        """Return, per series, the edition in force on a day; without a day all published editions."""
        return self.in_force(day) if day else self.published()

    def ended(self, on: datetime.date | None = None) -> Self:
        """Return the published editions whose period is over on a day (default: today); see `Edition.has_ended`."""
        return self.published().filter(valid_until__lt=on or clock.today())

    def key_in_force(self, on: datetime.date | None = None) -> Subquery:
        """Return an expression for the id of the edition in force in a row's series; null before the first one."""
        on = on or clock.today()
        model: Any = self.model
        started = model._default_manager.all().published().filter(valid_from__lte=on)
        for field in model.series_fields:
            started = started.filter(**{field: OuterRef(field)})
        return Subquery(started.order_by("-valid_from", "-created", "pk").values("pk")[:1])


class OfPlan:
    """Queryset methods for items that belong to an edition through their field `plan`."""

    def in_force(self, on: datetime.date | None = None) -> Self:
        """Return the published items of the edition in force on a day (default: today)."""
        items: Any = self
        editions = items.model._meta.get_field("plan").related_model.objects.in_force(on)
        found: Self = items.published().filter(plan__in=editions.order_by())
        return found

    def published_as_of(self, day: datetime.date | None) -> Self:
        """Return the published items of the edition in force on a day; without one, of all published editions."""
        items: Any = self
        found: Self = self.in_force(day) if day else items.published()
        return found

    def of_plan(self, plan: Any) -> Self:
        """Return the items of one edition; none without an edition."""
        items: Any = self
        found: Self = items.filter(plan=plan) if plan else items.none()
        return found


class OfPlanQuerySet(OfPlan, PublishableQuerySet):
    """Queryset of items that belong to a dated edition."""

    def published(self, at: datetime.datetime | None = None) -> Self:
        """Return the published items of published editions."""
        return super().published(at).filter(published_at(at, "plan__"))


class Edition(Publishable, Sourced):
    """One dated version of something decided; the editions of one series succeed each other.

    The fields in `series_fields` identify the series; if empty, all rows of the model form one series.
    """

    series_fields: tuple[str, ...] = ()

    title = fields.CharField(
        _("title"),
        max_length=200,
        help_text=_("As the public reads it, with its year or period, for example “Organogram 2027”."),
    )
    valid_from = models.DateField(
        _("valid from"), help_text=_("The first day on which this edition applies.")
    )
    valid_from_precision = fields.CharField(
        _("precision of the start"),
        max_length=5,
        choices=DatePrecision,
        default=DatePrecision.DAY,
        help_text=_("Choose “year” when the source gives only a year; then fill in the first of January."),
    )
    valid_until = models.DateField(
        _("planned until"),
        null=True,
        blank=True,
        help_text=_("The end of the period it was made for. It stays in force until a newer edition starts."),
    )
    decided_by = fields.CharField(
        _("decided by"),
        max_length=200,
        blank=True,
        help_text=_("The body that decided, for example “Politieraad”. Empty: not published."),
    )
    decided_on = models.DateField(
        _("decided on"), null=True, blank=True, help_text=_("The day of that decision. Empty: not published.")
    )
    ratified_by = fields.CharField(
        _("ratified by"),
        max_length=200,
        blank=True,
        help_text=_("Who approved the decision afterwards, if anybody had to."),
    )
    ratified_on = models.DateField(
        _("ratified on"),
        null=True,
        blank=True,
        help_text=_("The day of that approval, never before the decision."),
    )

    class Meta(Publishable.Meta):
        abstract = True
        ordering = ["-valid_from", "title"]
        constraints = [
            *Publishable.Meta.constraints,
            *Sourced.Meta.constraints,
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_validity_order",
                condition=Q(valid_until=None) | Q(valid_until__gte=models.F("valid_from")),
                violation_error_message=_("“Planned until” must not be before “valid from”."),
            ),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_ratified_after_decision",
                condition=Q(ratified_on=None)
                | Q(decided_on=None)
                | Q(ratified_on__gte=models.F("decided_on")),
                violation_error_message=_("A decision cannot be ratified before it was taken."),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def has_started(self) -> bool:
        """Whether the first day of this edition is today or earlier."""
        return self.valid_from <= clock.today()

    def get_rivals(self) -> "models.QuerySet[Any]":
        """Return the published editions of its series that start on the same day: only one of these can be public."""
        series = {name: getattr(self, name) for name in (*self.series_fields, "valid_from")}
        published = type(self)._base_manager.filter(status=PublicationStatus.PUBLISHED, **series)
        return published.exclude(pk=self.pk)

    def has_ended(self, on: datetime.date | None = None) -> bool:
        """Whether the period that this edition was made for is over on a day (default: today).

        It may still be in force: that lasts until a newer edition starts.
        """
        return self.valid_until is not None and self.valid_until < (on or clock.today())

    def has_successor(self, published: Iterable[Self], on: datetime.date | None = None) -> bool:
        """Whether one of the published editions replaces this one of its series on a day (default: today)."""
        day = on or clock.today()
        return any(
            self.valid_from < other.valid_from <= day
            and all(getattr(self, field) == getattr(other, field) for field in self.series_fields)
            for other in published
        )
