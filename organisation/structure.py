"""Structure of one organogram as a tree in memory, and the changes between two organograms."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from uuid import UUID

from organisation.models import Organogram, PublicationLevel, Succession, Unit
from organisation.models.structure import SuccessionKind
from organisation.shared import published_organograms, units_with_turns
from organisation.tree_rows import read_tree

COLUMNS = ("pk", "name", "abbreviation", "kind", "unit__summary", "unit__publication_level")


@dataclass(slots=True)
class Node:
    """Visible unit at its placement."""

    id: UUID
    slug: str
    name: str
    abbreviation: str
    kind: str
    summary: str
    has_page: bool
    level: int
    children: list[Node] = field(default_factory=list)

    def walk(self) -> Iterator[Node]:
        """Yield this node and its descendants, in document order."""
        stack = [self]
        while stack:
            node = stack.pop()
            yield node
            stack.extend(reversed(node.children))


@dataclass(frozen=True, slots=True)
class Change:
    """Change of one unit between two organograms; `before` and `after` are readable values.

    `is_over` is True if the unit is not in the newer one; `heirs` are its successors there.
    """

    kind: str
    slug: str
    name: str
    before: str = ""
    after: str = ""
    is_over: bool = False
    heirs: tuple[Unit, ...] = ()


def get_structure(
    organogram: Organogram,
    root_slug: str | None = None,
    depth: int | None = None,
    *,
    with_hidden: bool = False,
) -> Node | None:
    """Return the visible structure of an organogram, or the part from one unit down.

    One query in document order and one linear pass; descendants of a hidden unit are left out with it. `depth` is
    the number of levels below the top to keep. Returns None if there is nothing to show. `with_hidden` keeps the
    hidden units, for editors.
    """
    branch: list[Node] = []
    rows = read_tree(
        Organogram.objects.filter(pk=organogram.pk), COLUMNS, root_slug, depth, with_hidden=with_hidden
    )
    for level, _is_visible, slug, key, name, abbreviation, kind, summary, shown in rows:
        has_page = shown == PublicationLevel.PUBLIC
        node = Node(key, slug, name, abbreviation, kind, summary, has_page, level)
        if branch:
            del branch[level - branch[0].level :]
            branch[-1].children.append(node)
        branch.append(node)
    return branch[0] if branch else None


def compare(old: Organogram, new: Organogram) -> list[Change]:
    """Return what was created, ended, renamed, moved, merged or split between two organograms, in document order."""
    return changes_between(old, get_structure(old), new, get_structure(new))


def changes_between(
    old: Organogram, old_top: Node | None, new: Organogram, new_top: Node | None
) -> list[Change]:
    """Like `compare`, for structures that are already loaded. One query, for the successions."""
    before, after = _places(old_top), _places(new_top)
    changes = [
        change for slug, place in after.items() for change in _changes_of(slug, before.get(slug), place)
    ]
    successions = _successions_between(old, new)
    for slug, place in before.items():
        if slug not in after:
            kind = successions[slug][0].kind if slug in successions else SuccessionKind.ABOLISHED
            heirs = tuple(_heirs_of(slug, successions, set(after)))
            names = ", ".join(map(str, heirs))
            shown = "ended" if kind == SuccessionKind.ABOLISHED else kind
            changes.append(Change(shown, slug, place.name, place.name, names, True, heirs))
    return changes


def _successions_between(old: Organogram, new: Organogram) -> dict[str, list[Succession]]:
    """Return the successions from one organogram to another, intermediate ones included, by the unit's slug."""
    found: dict[str, list[Succession]] = {}
    if not units_with_turns():
        return found
    editions = [
        key
        for key, edition in published_organograms().items()
        if old.valid_from < edition.valid_from <= new.valid_from
    ]
    rows = Succession.objects.filter(organogram__in=[*editions, new.pk])
    for row in rows.select_related("from_unit", "to_unit").order_by(
        "-organogram__valid_from", "to_unit__name"
    ):
        found.setdefault(row.from_unit.slug, []).append(row)
    return found


def _heirs_of(slug: str, successions: dict[str, list[Succession]], present: set[str]) -> list[Unit]:
    """Return the successors of a unit that are present, following the successions of those that are not."""
    heirs: list[Unit] = []
    waiting, seen = [slug], {slug}
    while waiting:
        for succession in successions.get(waiting.pop(0), ()):
            heir = succession.to_unit
            if heir is None or heir.slug in seen:
                continue
            seen.add(heir.slug)
            if heir.slug in present:
                heirs.append(heir)
            else:
                waiting.append(heir.slug)
    return heirs


@dataclass(frozen=True, slots=True)
class _Place:
    """Name of a unit, and the slug and name of its parent."""

    name: str
    parent: str
    parent_name: str


def _changes_of(slug: str, before: _Place | None, after: _Place) -> Iterator[Change]:
    if before is None:
        yield Change("created", slug, after.name, after=after.parent_name)
        return
    if before.name != after.name:
        yield Change("renamed", slug, after.name, before.name, after.name)
    if before.parent != after.parent:
        yield Change("moved", slug, after.name, before.parent_name, after.parent_name)


def _places(top: Node | None) -> dict[str, _Place]:
    """Return, by slug of each visible unit in document order, its name and its parent's slug and name."""
    if top is None:
        return {}
    places = {top.slug: _Place(top.name, "", "")}
    for node in top.walk():
        for child in node.children:
            places[child.slug] = _Place(child.name, node.slug, node.name)
    return places
