"""Objects with a first day, a last day, or both: a number for one summer, a police station that moves."""

import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from pzgent.kernel import clock
from pzgent.kernel.publishing import Publishable


class Dated(Publishable):
    """Abstract model that is public on its valid days only, both ends included; always valid without dates.

    `DatedQuerySet.published` applies the same rule to querysets.
    """

    valid_from = models.DateField(
        _("from"),
        null=True,
        blank=True,
        help_text=_("The first day on which it can be used. Empty: already."),
    )
    valid_until = models.DateField(
        _("until"),
        null=True,
        blank=True,
        help_text=_("The last day on which it can be used. Empty: until further notice."),
    )

    class Meta(Publishable.Meta):
        abstract = True
        constraints = [
            *Publishable.Meta.constraints,
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_days_in_order",
                condition=Q(valid_from=None)
                | Q(valid_until=None)
                | Q(valid_until__gte=models.F("valid_from")),
                violation_error_message=_("The last day must not be before the first."),
            ),
        ]

    @property
    def is_published(self) -> bool:
        """True if the public may see and use it today."""
        return self.is_shown_on(clock.today())

    def is_shown_on(self, day: datetime.date) -> bool:
        """True if it is published now and valid on a day."""
        return super().is_published and self.part_between(day, day) is not None

    def part_between(
        self, first: datetime.date, last: datetime.date
    ) -> tuple[datetime.date, datetime.date] | None:
        """Return the first and last of these days on which it is valid; None if it is valid on none of them."""
        first = max(first, self.valid_from or first)
        last = min(last, self.valid_until or last)
        return (first, last) if first <= last else None
