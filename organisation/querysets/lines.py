"""QuerySet of functional lines."""

from __future__ import annotations

from typing import Any, Self

from django.db import models
from django.db.models import Exists, OuterRef, Subquery

from pzgent.kernel.publishing import Reviewable


class FunctionalLineQuerySet(Reviewable, models.QuerySet):
    """QuerySet of functional lines."""

    def shown(self) -> Self:
        """Filter the lines in published organograms whose ends are both visible to the public."""
        from organisation.models import Organogram, Placement

        lines = self.filter(organogram__in=Organogram.objects.published())
        for end in ("unit", "above"):
            places = Placement.objects.published().filter(
                organogram=OuterRef("organogram"), unit=OuterRef(end)
            )
            lines = lines.filter(Exists(places.order_by()))
        return lines

    def leading(self) -> Self:
        """Filter the lines from a unit to the post, or the body, that leads it."""
        from organisation.models import LineKind

        return self.filter(kind=LineKind.LED)

    def beside_tree(self) -> Self:
        """Filter the lines from a unit to another one that steers it or receives its reports."""
        from organisation.models import LineKind

        return self.exclude(kind=LineKind.LED)

    def of_place(self, own: str) -> Self:
        """Filter the lines with a placement's unit at the end `own`, for a subquery in a queryset of placements."""
        return self.filter(**{"organogram": OuterRef("organogram"), own: OuterRef("unit")})

    def with_names(self, end: str) -> Self:
        """Annotate `name`, the name of the unit at that end in the organogram, and order by it."""
        from organisation.models import Placement

        places = Placement.objects.filter(organogram=OuterRef("organogram"), unit=OuterRef(end))
        return self.annotate(name=Subquery(places.order_by().values("name")[:1])).order_by("name", "pk")

    def get_with_places(self) -> list[Any]:
        """Return the lines as a list, each with the placements at both ends: `place` and `place_above`. Two queries."""
        from organisation.models import Placement

        lines: list[Any] = list(self.select_related("source"))
        units = {key for line in lines for key in (line.unit_id, line.above_id)}
        organograms = {line.organogram_id for line in lines}
        places = Placement.objects.filter(organogram__in=organograms, unit__in=units).select_related("unit")
        by_end = {(place.organogram_id, place.unit_id): place for place in places}
        for line in lines:
            line.place, line.place_above = (
                by_end[line.organogram_id, key] for key in (line.unit_id, line.above_id)
            )
        return lines
