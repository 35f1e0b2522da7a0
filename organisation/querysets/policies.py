"""QuerySet of policies."""

from __future__ import annotations

from typing import Self

from pzgent.kernel.editions import EditionQuerySet


class PolicyQuerySet(EditionQuerySet):
    """QuerySet of policies."""

    def with_actions(self) -> Self:
        """Prefetch the domains and actions."""
        return self.select_related("source", "document").prefetch_related("domains__actions")
