"""Rules for the visibility of units, for pages, API, search, files and feeds alike, and for their current placement.

A unit may be named (`unit_shown`) if it has a placement in an organogram that the public sees, and neither the unit
nor anything above it there is hidden. It has a public page (`unit_open`) if, in addition, its publication level is
`public` and nothing above its current or last placement is hidden. The unit's own status alone decides nothing: a
published unit in a draft organogram, or in one that is published later, is as unknown as a draft.
"""

from __future__ import annotations

import datetime
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Case, Exists, OuterRef, Q, Subquery, Value, When

from pzgent.kernel import clock
from pzgent.kernel.publishing import PublicationStatus, published_at

WITHHELD = "withheld"


def visible_unit(at: datetime.datetime | None = None, of: str = "unit__") -> Q:
    """Return the condition that a unit does not hide its placements; see the rule above.

    `of` is the lookup prefix from a row to the unit, by default from a placement. Unlike a subquery of all such
    units, its cost does not grow with their number.
    """
    return published_at(at, of) & ~Q(**{f"{of}publication_level": WITHHELD})


def hidden_unit(at: datetime.datetime | None = None) -> Q:
    """Return the negation for units themselves, spelled out: databases estimate plain conditions well."""
    at = at or clock.now()
    ended = Q(publish_from__gt=at) | Q(publish_until__lte=at)
    return Q(publication_level=WITHHELD) | ~Q(status=PublicationStatus.PUBLISHED) | ended


def visible_unit_sql(using: BaseDatabaseWrapper) -> tuple[str, list[Any]]:
    """Return the condition of `visible_unit` on the table of units as SQL and parameters, for raw queries."""
    from organisation.models import Unit

    query = Unit.objects.filter(visible_unit(of="")).query
    sql, values = query.get_compiler(connection=using).compile(query.where)
    return sql, list(values)


def last_place(unit: str, on: datetime.date | None = None) -> Subquery:
    """Return an annotation: the key of the current or last placement of the unit in field `unit`."""
    from organisation.models import Organogram, Placement

    day = on or clock.today()
    started = Case(When(organogram__valid_from__lte=day, then=Value(1)), default=Value(0))
    places = Placement.objects.filter(unit=OuterRef(unit), organogram__in=Organogram.objects.published())
    return Subquery(places.order_by(started.desc(), "-organogram__valid_from").values("pk")[:1])


def unit_open(field: str = "unit") -> Exists:
    """Return an expression for rows that refer to a unit: whether that unit has a public page."""
    from organisation.models import Unit

    return Exists(Unit.objects.with_open_page().filter(pk=OuterRef(field)).order_by())


def unit_shown(field: str = "unit") -> Exists:
    """Return an expression for rows that refer to a unit: whether the public may see that unit."""
    from organisation.models import Placement

    places = Placement.objects.published().in_published_organograms().filter(unit=OuterRef(field))
    return Exists(places.order_by())
