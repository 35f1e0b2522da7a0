"""Questions about lines beside the tree."""

from __future__ import annotations

from typing import Any, Self

from django.db import models
from django.db.models import Exists, OuterRef, Subquery

from pzgent.kernel.publishing import Reviewable


class FunctionalLineQuerySet(Reviewable, models.QuerySet):
    """Questions about lines beside the tree."""

    def shown(self) -> Self:
        """Lines in published organograms of which the public sees both ends there."""
        from organisation.models import Organogram, Placement

        lines = self.filter(organogram__in=Organogram.objects.published())
        for end in ("unit", "above"):
            places = Placement.objects.published().filter(
                organogram=OuterRef("organogram"), unit=OuterRef(end)
            )
            lines = lines.filter(Exists(places.order_by()))
        return lines

    def of_place(self, own: str) -> Self:
        """The lines of which a place has the end `own`, for a subquery in a queryset of places."""
        return self.filter(**{"organogram": OuterRef("organogram"), own: OuterRef("unit")})

    def with_names(self, end: str) -> Self:
        """Lines with `name`: what the unit at that end is called in the organogram, by which they are ordered."""
        from organisation.models import Placement

        places = Placement.objects.filter(organogram=OuterRef("organogram"), unit=OuterRef(end))
        return self.annotate(name=Subquery(places.order_by().values("name")[:1])).order_by("name", "pk")

    def get_with_places(self) -> list[Any]:
        """These lines, each with the places at both its ends: `place` and `place_above`. Two queries."""
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
