"""Which units the public may see, and where a unit stands: conditions and expressions for other questions."""

from __future__ import annotations

import datetime

from django.db.models import Case, Exists, OuterRef, Q, Subquery, Value, When
from django.utils import timezone

from pzgent.publishing import PublicationStatus


def visible_unit() -> Q:
    """A condition on places: their unit is visible. Unlike a subquery of all such units, flat in their number."""
    now = timezone.now()
    starts = Q(unit__publish_from=None) | Q(unit__publish_from__lte=now)
    ends = Q(unit__publish_until=None) | Q(unit__publish_until__gt=now)
    return (
        starts & ends & Q(unit__status=PublicationStatus.PUBLISHED) & ~Q(unit__publication_level="withheld")
    )


def last_place(unit: str, on: datetime.date | None = None) -> Subquery:
    """An annotation: the key of the place where the unit in field `unit` stands, or stood last."""
    from organisation.models import Organogram, Placement

    day = on or timezone.localdate()
    started = Case(When(organogram__valid_from__lte=day, then=Value(1)), default=Value(0))
    places = Placement.objects.filter(unit=OuterRef(unit), organogram__in=Organogram.objects.published())
    return Subquery(places.order_by(started.desc(), "-organogram__valid_from").values("pk")[:1])


def unit_shown(field: str = "unit") -> Exists:
    """An expression for rows that refer to a unit: whether the public may see that unit."""
    from organisation.models import Placement

    places = Placement.objects.published().in_published_organograms().filter(unit=OuterRef(field))
    return Exists(places.order_by())
