"""QuerySet of units."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import Any, Self

from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from organisation.querysets.visibility import WITHHELD, hidden_unit, last_place, unit_shown, visible_unit
from pzgent.kernel import clock
from pzgent.kernel.publishing import PublishableQuerySet


class UnitQuerySet(PublishableQuerySet):
    """QuerySet of units."""

    def hidden(self, at: datetime.datetime | None = None) -> Self:
        """Filter the units that hide their placements and everything below."""
        return self.filter(hidden_unit(at))

    def with_page(self) -> Self:
        """Filter the units with their own page, unless a placement above hides it."""
        return self.filter(visible_unit(of=""), publication_level="public")

    def with_open_page(self, on: datetime.date | None = None) -> Self:
        """Filter the units with a public page: nothing above their current (or last) placement is hidden."""
        from organisation.models import Placement

        placed: Any = self.with_page().alias(last=last_place("pk", on))
        shown = Placement.objects.published().filter(pk=OuterRef("last"))
        return placed.filter(Exists(shown.order_by()))

    def with_address(self) -> Self:
        """Filter the units with a public page."""
        return self.with_open_page()

    def with_public_files(self) -> Self:
        """Filter the units with a public page, the only place where their logo is shown."""
        return self.with_open_page()

    def with_known_files(self) -> Self:
        """Filter the units that are neither withheld nor hidden by a unit above them."""
        return self.not_withheld().filter(Q(pk__in=self.with_open_page()) | ~Q(pk__in=self.with_page()))

    def with_place(self, on: datetime.date | None = None) -> Self:
        """Annotate `place_id`: the placement in the organogram in force, or else in the newest one with the unit."""
        return self.annotate(place_id=last_place("pk", on))

    def not_withheld(self) -> Self:
        """Filter the units whose existence may be public."""
        return self.exclude(publication_level=WITHHELD)

    def known_as(self, slug: str) -> Self:
        """Filter the unit that has, or once had, this slug."""
        return self.filter(Q(slug=slug) | Q(former_slugs__slug=slug)).distinct()

    def formerly(self, slug: str) -> Self:
        """Filter the unit that once had this slug."""
        return self.filter(former_slugs__slug=slug)

    def in_public_structure(self) -> Self:
        """Filter the units that are visible in at least one organogram that the public sees."""
        return self.filter(unit_shown("pk"))

    def with_partners(self) -> Self:
        """Filter the units that work with a published partner."""
        from organisation.models import Partner

        links = Partner.units.through.objects.filter(partner__in=Partner.objects.published())
        return self.filter(pk__in=links.values("unit"))

    def standing(self, on: datetime.date | None = None) -> Self:
        """Filter the units that are visible in the organogram in force on a day (default: today)."""
        from organisation.models import Placement

        places = Placement.objects.published().in_organogram_of(on).filter(unit=OuterRef("pk"))
        return self.filter(Exists(places.order_by()))

    def within_any(self, slugs: Iterable[str], on: datetime.date | None = None) -> Self:
        """Filter the units with these slugs and their descendants, with their predecessors and successors.

        Descendants are those of the placement on a day (default: today), or of the last one. Three queries,
        regardless of the number of units.
        """
        from organisation.models import Organogram, Placement, Succession

        organograms = Organogram.objects.published().filter(valid_from__lte=on or clock.today())
        turns = Succession.objects.filter(organogram__in=organograms).exclude(to_unit=None).order_by()
        pairs = list(turns.values_list("from_unit", "to_unit"))
        asked = self.filter(slug__in=list(slugs)).order_by().values_list("pk", flat=True)
        tops = _reached(asked, pairs)
        placed: Any = self.filter(pk__in=tops).order_by().annotate(place=last_place("pk", on))
        places = [place for place in placed.values_list("place", flat=True) if place]
        below = Placement.objects.published().at_or_below(places).order_by().values_list("unit", flat=True)
        found = _reached([*tops, *below], [(heir, origin) for origin, heir in pairs])
        return self.in_public_structure().filter(pk__in=found)

    def sync_names(self) -> int:
        """Update the units with their name in the newest organogram that the public sees now; return the row count.

        A unit without such an organogram keeps its name.
        """
        from organisation.models import Placement

        newest = Placement.objects.newest_first().filter(unit=OuterRef("pk"))
        pairs = self.annotate(
            new_name=Subquery(newest.values("name")[:1]),
            new_abbreviation=Subquery(newest.values("abbreviation")[:1]),
        ).filter(~Q(name=F("new_name")) | ~Q(abbreviation=F("new_abbreviation")), new_name__isnull=False)
        keys = list(pairs.values_list("pk", flat=True).distinct())
        return self.model._default_manager.filter(pk__in=keys).update(
            name=Coalesce(Subquery(newest.values("name")[:1]), F("name")),
            abbreviation=Coalesce(Subquery(newest.values("abbreviation")[:1]), F("abbreviation")),
            modified=timezone.now(),
            version=F("version") + 1,
        )

    def with_parent_name(self) -> Self:
        """Annotate `parent_name` and `place_kind`: of the parent, and of the unit, at the current or last placement."""
        from organisation.models import Placement

        placed: Any = self.with_place()
        place = Placement.objects.filter(pk=OuterRef("place_id"))
        named: Any = placed.annotate(parent_name=Subquery(place.values("parent__name")[:1]))
        return named.annotate(place_kind=Subquery(place.values("kind")[:1]))


def _reached(starts: Iterable[Any], pairs: Iterable[tuple[Any, Any]]) -> set[Any]:
    """Return the starts, and everything reachable from them along the pairs."""
    leads: dict[Any, list[Any]] = {}
    for one, other in pairs:
        leads.setdefault(one, []).append(other)
    found, waiting = set(), list(starts)
    while waiting:
        key = waiting.pop()
        if key not in found:
            found.add(key)
            waiting += leads.get(key, ())
    return found
