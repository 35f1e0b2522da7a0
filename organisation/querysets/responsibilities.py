"""QuerySet of responsibilities."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import models


class ResponsibilityQuerySet(models.QuerySet):
    """QuerySet of responsibilities."""

    def get_area(self, account: Any) -> frozenset[UUID] | None:
        """Return the units that an account reaches: its own, and all below these in any organogram in play.

        Returns None for an account that is not limited. At most five queries, regardless of the number of units.
        """
        from organisation.models import Organogram, Placement

        own = set(self.filter(account=account).values_list("unit", flat=True))
        if not own:
            return None
        places = Placement.objects.filter(organogram__in=Organogram.objects.get_in_play(), unit__in=own)
        below = Placement.objects.at_or_below(places.order_by().values_list("pk", flat=True))
        return frozenset(own | set(below.order_by().values_list("unit", flat=True)))
