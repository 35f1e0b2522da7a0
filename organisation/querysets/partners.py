"""QuerySet of partners."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

from django.db.models import Exists, OuterRef, Prefetch

from pzgent.kernel.publishing import PublishableQuerySet


class PartnerQuerySet(PublishableQuerySet):
    """QuerySet of partners."""

    def of_units(self, slugs: Iterable[str]) -> Self:
        """Filter the partners of these units."""
        from organisation.models import Partner, Unit

        shown = Unit.objects.in_public_structure().filter(slug__in=list(slugs))
        return self.filter(pk__in=Partner.units.through.objects.filter(unit__in=shown).values("partner"))

    def with_public_units(self) -> Self:
        """Prefetch the units that are visible to the public, by name."""
        from organisation.models import Unit

        shown = Unit.objects.in_public_structure().order_by("name", "slug")
        return self.prefetch_related(Prefetch("units", queryset=shown))

    def of_place(self) -> Self:
        """Filter the partners of the unit of an outer placement, for a subquery in a queryset of placements."""
        from organisation.models import Partner

        links = Partner.units.through.objects.filter(partner=OuterRef("pk"), unit=OuterRef(OuterRef("unit")))
        return self.filter(Exists(links)).order_by("name", "slug")
