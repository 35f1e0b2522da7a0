"""Units as other pages may name them: with the path that distinguishes equal names, and never a hidden unit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from organisation.models import Placement, Unit


@dataclass(frozen=True)
class NamedUnit:
    """Unit and the path of steps above it."""

    unit: Unit
    above: list[dict[str, Any]]

    @property
    def has_page(self) -> bool:
        """True if its name may be a link."""
        return self.unit.has_page

    @property
    def label(self) -> str:
        """Return the name after that of its parent: “Wijkdienst › Gerechtelijk team”."""
        nearest = [step["name"] for step in self.above[1:][-1:]]
        return " › ".join([*nearest, str(self.unit)])


def get_named_units(units: QuerySet[Unit]) -> dict[UUID, NamedUnit]:
    """Return, by key, the units that are visible at their current or last placement. Two queries."""
    placed: list[Any] = list(Unit.objects.filter(pk__in=units.values("pk")).with_place())
    paths = Placement.objects.get_public_paths(unit.place_id for unit in placed)
    return {unit.pk: NamedUnit(unit, paths[unit.place_id][:-1]) for unit in placed if unit.place_id in paths}
