"""QuerySet of corporate plans."""

from __future__ import annotations

import datetime
from typing import Any, Self

from django.db.models import BooleanField, ExpressionWrapper, Q

from pzgent.kernel.editions import EditionQuerySet


class CorporatePlanQuerySet(EditionQuerySet):
    """QuerySet of corporate plans."""

    def get_in_force(self, on: datetime.date | None = None) -> Any:
        """Return the plan in force on a day, or None before the first one."""
        return self.in_force(on).first()

    def with_state(self) -> Self:
        """Select the source, and annotate `is_in_force`: whether the plan is in force today."""
        in_force = ExpressionWrapper(Q(pk=self.key_in_force()), BooleanField())
        return self.select_related("source").annotate(is_in_force=in_force)
