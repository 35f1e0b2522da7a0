"""QuerySet of official statements."""

from __future__ import annotations

from typing import Self

from pzgent.kernel.editions import OfPlanQuerySet


class StatementQuerySet(OfPlanQuerySet):
    """QuerySet of official statements."""

    def of_kind(self, kind: str) -> Self:
        """Filter the statements of one kind, in the editors' order."""
        return self.filter(kind=kind)
