"""Questions about corporate plans."""

from __future__ import annotations

import datetime
from typing import Any

from pzgent.publishing import EditionQuerySet


class CorporatePlanQuerySet(EditionQuerySet):
    """Questions about corporate plans."""

    def get_in_force(self, on: datetime.date | None = None) -> Any:
        """The plan in force on a day, or None before the first one."""
        return self.in_force(on).first()
