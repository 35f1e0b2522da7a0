"""QuerySet of staffing tables."""

from __future__ import annotations

from typing import Self

from django.db.models import Prefetch, Q

from organisation.querysets.visibility import unit_shown
from pzgent.kernel.editions import EditionQuerySet


class StaffingTableQuerySet(EditionQuerySet):
    """QuerySet of staffing tables."""

    def in_order(self) -> Self:
        """Order the tables by kind, newest first."""
        return self.order_by("kind", "-valid_from", "-created")

    def formations(self) -> Self:
        """Return the formations: how many posts there are of each grade."""
        from organisation.models.staffing import StaffingKind

        return self.filter(kind=StaffingKind.FORMATION)

    def with_lines(self) -> Self:
        """Prefetch the lines and grades, highest grade first.

        Each line is annotated with `unit_shown`: whether the public may see its unit; a line of the whole corps has
        no unit.
        """
        from organisation.models import StaffingLine

        lines = StaffingLine.objects.select_related("grade", "unit").annotate(unit_shown=unit_shown())
        lines = lines.order_by("-grade__category", "grade__rank")
        return self.select_related("source").prefetch_related(Prefetch("lines", queryset=lines))

    def with_public_lines(self) -> Self:
        """Like `with_lines`, without the lines of units that the public does not see."""
        from organisation.models import StaffingLine

        lines = StaffingLine.objects.filter(Q(unit=None) | unit_shown()).select_related("grade", "unit")
        ordered = lines.order_by("-grade__category", "grade__rank", "unit__name")
        return self.select_related("source").prefetch_related(Prefetch("lines", queryset=ordered))
