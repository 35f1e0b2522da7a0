"""QuerySet of organograms."""

from __future__ import annotations

import datetime
from typing import Any, Self

from django.db import models
from django.db.models import Q

from pzgent.kernel import clock
from pzgent.kernel.editions import EditionQuerySet
from pzgent.kernel.publishing import PublicationStatus


class OrganogramQuerySet(EditionQuerySet):
    """QuerySet of organograms."""

    def get_in_force(self, on: datetime.date | None = None) -> Any:
        """Return the organogram in force on a day, or None before the first one."""
        return self.in_force(on).first()

    def get_newest(self) -> Any:
        """Return the published organogram that starts last, even in the future; None if there is none."""
        return self.published().order_by("-valid_from", "-created").first()

    def get_in_play(self) -> list[Any]:
        """Return the organograms in play for changes of a unit: in force, published to start later, and drafts."""
        later = Q(valid_from__gt=clock.today()) | Q(publish_from__gt=clock.now())
        coming = Q(status=PublicationStatus.PUBLISHED) & later
        in_play = self.with_in_force().filter(
            coming | Q(status=PublicationStatus.DRAFT) | Q(is_in_force=True)
        )
        return list(in_play.order_by("-is_in_force", "-status", "valid_from", "created"))

    def with_size(self) -> Self:
        """Annotate `size`, the number of placements."""
        return self.annotate(size=models.Count("placements"))

    def in_order(self) -> Self:
        """Order from the first to the newest organogram."""
        return self.order_by("valid_from", "created")
