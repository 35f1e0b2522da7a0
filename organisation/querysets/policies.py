"""Questions about policies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from pzgent.kernel.editions import EditionQuerySet

if TYPE_CHECKING:
    from organisation.models import Policy


class PolicyQuerySet(EditionQuerySet):
    """Questions about policies."""

    def with_actions(self) -> Self:
        """Policies with their domains and actions at hand."""
        return self.select_related("source", "document").prefetch_related("domains__actions")

    def other_editions_of(self, policy: Policy) -> Self:
        """The other editions of the same policy, the newest first."""
        return self.filter(series=policy.series).exclude(pk=policy.pk).order_by("-valid_from")
