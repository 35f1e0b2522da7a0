"""Questions about versions of the structure."""

from __future__ import annotations

import datetime
from typing import Any, Self

from django.db import models

from pzgent.publishing import EditionQuerySet


class OrganogramQuerySet(EditionQuerySet):
    """Questions about versions of the structure."""

    def get_in_force(self, on: datetime.date | None = None) -> Any:
        """The organogram in force on a day, or None before the first one."""
        return self.in_force(on).first()

    def get_newest(self) -> Any:
        """The published organogram that starts last, also when that is in the future; None when there is none."""
        return self.published().order_by("-valid_from", "-created").first()

    def with_size(self) -> Self:
        """Each organogram with `size`, its number of placements."""
        return self.annotate(size=models.Count("placements"))

    def in_order(self) -> Self:
        """Organograms from the first to the newest."""
        return self.order_by("valid_from", "created")
