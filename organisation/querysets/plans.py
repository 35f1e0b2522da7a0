"""QuerySet of corporate plans."""

from __future__ import annotations

import datetime
from typing import Any, Self

from pzgent.kernel.editions import EditionQuerySet


class CorporatePlanQuerySet(EditionQuerySet):
    """QuerySet of corporate plans."""

    def get_in_force(self, on: datetime.date | None = None) -> Any:
        """Return the plan in force on a day, or None before the first one."""
        return self.in_force(on).first()

    def with_state(self) -> Self:
        """Select the source, and annotate `is_in_force`: whether the plan is in force today."""
        return self.select_related("source").with_in_force()
