"""The only write path for how a unit appears in organograms: its name, abbreviation, kind and parent.

A unit may be in several organograms in play: the one in force, published ones that start later, and drafts. Each
change applies to the ones selected by the editor. `Unit.name` and `Unit.abbreviation` follow automatically: they
always equal those of the newest organogram that the public sees.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext

from organisation.models import Organogram, Placement, Unit


@dataclass(frozen=True)
class PlacementChange:
    """New values of a placement: `name`, `abbreviation`, `kind` and `parent` (a unit); absent ones stay unchanged."""

    values: Mapping[str, Any]

    def errors(self, unit: Unit | None, organogram: Organogram) -> dict[str, str]:
        """Return the reasons why the change is impossible in an organogram, by name of the value; empty if possible."""
        place = _place_of(unit, organogram) if unit else None
        found: dict[str, str] = {}
        if place is None and not self.values.get("kind"):
            found["kind"] = gettext("Choose what kind of unit it is.")
        if "kind" in self.values and not self.values["kind"]:
            found["kind"] = gettext("Choose what kind of unit it is.")
        if place is None or "parent" in self.values:
            error = self._parent_error(place, organogram)
            if error:
                found["parent"] = error
        return found

    def _parent_error(self, place: Placement | None, organogram: Organogram) -> str:
        parent = self.values.get("parent")
        if parent is None:
            tops = Placement.objects.filter(organogram=organogram, parent=None)
            is_free = (place is None and not tops.exists()) or (place is not None and place.parent_id is None)
            return "" if is_free else gettext("Choose what this unit is part of.")
        above = _place_of(parent, organogram)
        if above is None:
            values = {"unit": parent, "organogram": organogram}
            return gettext("“%(unit)s” has no place in “%(organogram)s”. Change that one apart.") % values
        if place is not None and above.is_descendant_of(place, include_self=True):
            return gettext("This cannot be part of itself or of something below it. Choose another.")
        return ""

    def write(self, unit: Unit, organograms: Iterable[Organogram]) -> list[tuple[Placement, bool]]:
        """Write the change to each organogram; return the changed placements, with True for new ones."""
        written = []
        for organogram in organograms:
            place = _place_of(unit, organogram)
            is_new = place is None
            if place is None:
                names = {"name": unit.name, "abbreviation": unit.abbreviation}
                place = Placement(organogram=organogram, unit=unit, **names)
            before = (place.name, place.abbreviation, place.kind, place.parent_id)
            for name, value in self.values.items():
                if name == "parent":
                    place.parent = _place_of(value, organogram) if value else None
                else:
                    setattr(place, name, value)
            if is_new or before != (place.name, place.abbreviation, place.kind, place.parent_id):
                place.save()
                written.append((place, is_new))
        return written


def _place_of(unit: Unit, organogram: Organogram) -> Placement | None:
    return Placement.objects.filter(organogram=organogram, unit=unit).first()
