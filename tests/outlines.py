"""A small organogram, in force and as a draft, and its outline as a list of texts."""

from organisation.models import Organogram, Placement, Succession, Unit
from tests.make import make_organogram, make_placement, make_unit

BEFORE = ["Korps", ".Een", "..Een A", "..Een B", ".Twee", "..Twee A", ".Drie"]


def make_draft() -> Organogram:
    """Return a draft with the outline `BEFORE`, beside an organogram in force with the same units."""
    for status in ("published", "draft"):
        organogram = make_organogram(status=status, title=status)
        above: list[Placement | None] = [None]
        for row in BEFORE:
            name, level = row.strip("."), row.count(".")
            unit = Unit.objects.filter(name=name).first() or make_unit(name=name)
            del above[level + 1 :]
            above.append(make_placement(organogram, above[-1], unit=unit, name=name))
    return organogram


def at(organogram: Organogram, name: str) -> Placement:
    """Return the placement with this name."""
    return Placement.objects.get(organogram=organogram, name=name)


def outline(organogram: Organogram) -> list[str]:
    """Return the names in document order, each after a dot per level."""
    rows = Placement.objects.filter(organogram=organogram).order_by("lft")
    return [f"{'.' * row.level}{row.name}" for row in rows]


def turns(organogram: Organogram) -> list[tuple[str, str, str | None]]:
    """Return the successions in the order in which they were recorded."""
    rows = Succession.objects.filter(organogram=organogram).order_by("pk")
    return [(turn.from_unit.name, turn.kind, turn.to_unit and turn.to_unit.name) for turn in rows]
