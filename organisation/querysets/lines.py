"""Questions about lines beside the tree."""

from __future__ import annotations

from typing import Any, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q, Subquery

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

    def around(self, place: Any) -> list[Any]:
        """The lines of a unit in one organogram, each with the places at both its ends. Two queries."""
        from organisation.models import Placement

        here = Q(unit=place.unit_id) | Q(above=place.unit_id)
        lines: list[Any] = list(
            self.shown().filter(here, organogram=place.organogram_id).select_related("source")
        )
        units = {key for line in lines for key in (line.unit_id, line.above_id)}
        places = Placement.objects.filter(organogram=place.organogram_id, unit__in=units)
        by_unit = {item.unit_id: item for item in places.select_related("unit")}
        for line in lines:
            line.place, line.place_above = by_unit[line.unit_id], by_unit[line.above_id]
        return lines
