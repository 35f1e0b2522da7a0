"""QuerySet of the steps in the trees of organograms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.db import models

if TYPE_CHECKING:
    from organisation.models import Organogram


class StructureStepQuerySet(models.QuerySet):
    """QuerySet of the steps in the trees of organograms."""

    def standing_in(self, organogram: Organogram) -> Self:
        """Filter the steps in an organogram that were not undone, newest first; selects the editor."""
        steps = self.filter(organogram=organogram, undone_at=None)
        return steps.select_related("user").order_by("-pk")

    def get_last(self, organogram: Organogram) -> Any:
        """Return the last step in an organogram that was not undone, or None."""
        return self.standing_in(organogram).first()

    def delete_all_but_last(self, organogram: Organogram, count: int) -> None:
        """Delete all steps in an organogram except the last `count`."""
        steps = self.filter(organogram=organogram).order_by("-pk")
        oldest = steps.values_list("pk", flat=True)[count : count + 1].first()
        if oldest is not None:
            steps.filter(pk__lte=oldest).delete()
