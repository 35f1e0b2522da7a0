"""Questions about versions of the structure."""

from __future__ import annotations

import datetime
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from pzgent.kernel.editions import EditionQuerySet
from pzgent.kernel.publishing import PublicationStatus


class OrganogramQuerySet(EditionQuerySet):
    """Questions about versions of the structure."""

    def get_in_force(self, on: datetime.date | None = None) -> Any:
        """The organogram in force on a day, or None before the first one."""
        return self.in_force(on).first()

    def get_newest(self) -> Any:
        """The published organogram that starts last, also when that is in the future; None when there is none."""
        return self.published().order_by("-valid_from", "-created").first()

    def get_in_play(self) -> list[Any]:
        """Organograms that a change of a unit may be meant for: in force, published to start later, and drafts."""
        in_force = self.get_in_force()
        later = Q(valid_from__gt=timezone.localdate()) | Q(publish_from__gt=timezone.now())
        coming = Q(status=PublicationStatus.PUBLISHED) & later
        others = self.filter(coming | Q(status=PublicationStatus.DRAFT)).order_by(
            "-status", "valid_from", "created"
        )
        return [*([in_force] if in_force else []), *others]

    def with_size(self) -> Self:
        """Each organogram with `size`, its number of placements."""
        return self.annotate(size=models.Count("placements"))

    def in_order(self) -> Self:
        """Organograms from the first to the newest."""
        return self.order_by("valid_from", "created")
