"""The rule of which units the public may see, for pages, API, search, files and feeds alike, and where a unit stands.

A unit may be named (`unit_shown`) when it stands in an organogram that the public sees, and neither the unit nor
anything above it there is hidden. It has a page that opens (`unit_open`) when, besides, it is not only listed and
nothing hidden stands above it where it stands now, or stood last. Nothing follows from the unit's own status alone: a
published unit of an organogram that is a draft, or that is published later, is as unknown as a draft.
"""

from __future__ import annotations

import datetime
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Case, Exists, OuterRef, Q, Subquery, Value, When
from django.utils import timezone

from pzgent.kernel.publishing import PublicationStatus, published_at

WITHHELD = "withheld"


def visible_unit(at: datetime.datetime | None = None, of: str = "unit__") -> Q:
    """The condition under which a unit does not hide the places where it stands; see the rule above.

    `of` leads from a row to the unit, by default from a place. Unlike a subquery of all such units, flat in their
    number.
    """
    return published_at(at, of) & ~Q(**{f"{of}publication_level": WITHHELD})


def hidden_unit(at: datetime.datetime | None = None) -> Q:
    """The opposite for units themselves, spelled out: a database estimates plain conditions well."""
    at = at or timezone.now()
    ended = Q(publish_from__gt=at) | Q(publish_until__lte=at)
    return Q(publication_level=WITHHELD) | ~Q(status=PublicationStatus.PUBLISHED) | ended


def visible_unit_sql(using: BaseDatabaseWrapper) -> tuple[str, list[Any]]:
    """The condition of `visible_unit` on the table of units, with its values, for statements written by hand."""
    from organisation.models import Unit

    query = Unit.objects.filter(visible_unit(of="")).query
    sql, values = query.get_compiler(connection=using).compile(query.where)
    return sql, list(values)


def last_place(unit: str, on: datetime.date | None = None) -> Subquery:
    """An annotation: the key of the place where the unit in field `unit` stands, or stood last."""
    from organisation.models import Organogram, Placement

    day = on or timezone.localdate()
    started = Case(When(organogram__valid_from__lte=day, then=Value(1)), default=Value(0))
    places = Placement.objects.filter(unit=OuterRef(unit), organogram__in=Organogram.objects.published())
    return Subquery(places.order_by(started.desc(), "-organogram__valid_from").values("pk")[:1])


def unit_open(field: str = "unit") -> Exists:
    """An expression for rows that refer to a unit: whether that unit has a page that opens."""
    from organisation.models import Unit

    return Exists(Unit.objects.with_open_page().filter(pk=OuterRef(field)).order_by())


def unit_shown(field: str = "unit") -> Exists:
    """An expression for rows that refer to a unit: whether the public may see that unit."""
    from organisation.models import Placement

    places = Placement.objects.published().in_published_organograms().filter(unit=OuterRef(field))
    return Exists(places.order_by())
