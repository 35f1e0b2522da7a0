"""Questions about policies."""

from __future__ import annotations

from typing import Self

from pzgent.kernel.editions import EditionQuerySet


class PolicyQuerySet(EditionQuerySet):
    """Questions about policies."""

    def with_actions(self) -> Self:
        """Policies with their domains and actions at hand."""
        return self.select_related("source", "document").prefetch_related("domains__actions")
