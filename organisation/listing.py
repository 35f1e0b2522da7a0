"""Collapsible list of the structure: which units are open, found or changed, and which names need their path."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from organisation.comparison import KINDS, Comparison, remark_on
from organisation.models.structure import full_name
from organisation.structure import Node
from pzgent.kernel.folding import fold

ALL, NONE = "alles", "niets"
LEVELS_OPEN = 2
# With more lines than this in sight, only the first level is open at first.
MOST_IN_SIGHT = 40


@dataclass(frozen=True, slots=True)
class ChangeMark:
    """Change of a unit between two organograms: a word, and a remark that may be empty."""

    kind: str
    word: str
    remark: str


@dataclass(slots=True, eq=False)
class ListedUnit:
    """Unit in the list.

    `near` distinguishes units with the same name; `is_over` marks units that only the older version has.
    """

    node: Node
    parent: ListedUnit | None
    is_over: bool = False
    is_open: bool = False
    is_hit: bool = False
    is_hidden: bool = False
    near: str = ""
    marks: list[ChangeMark] = field(default_factory=list)
    children: list[ListedUnit] = field(default_factory=list)

    @property
    def label(self) -> str:
        """Return the name with its abbreviation; the filter searches this and `near`."""
        return full_name(self.node.name, self.node.abbreviation)


@dataclass
class Listing:
    """All lines in document order; `hits` is the number of filter matches, None without a filter."""

    tops: list[ListedUnit]
    lines: list[ListedUnit]
    hits: int | None = None

    @cached_property
    def has_abbreviations(self) -> bool:
        """True if any line of the version shown has an abbreviation."""
        return any(line.node.abbreviation for line in self.lines if not line.is_over)


def get_listing(
    top: Node, comparison: Comparison | None = None, words: str = "", opened: str = ""
) -> Listing:
    """Return the list of a unit and its subtree, with the marks of a comparison.

    `words` filters: a unit matches if all words occur in its name, abbreviation or, for duplicate names, its path;
    its ancestors and descendants stay visible. `opened` selects the open units: all, none, or a comma-separated
    list of slugs; by default the ancestors of matches and changes, or else the two top levels, or one of a long list.
    """
    tops, lines = _lines(top, comparison)
    _tell_namesakes_apart(lines)
    listing = Listing(tops, lines)
    if comparison is not None:
        for line in lines:
            changes = comparison.by_slug.get(line.node.slug, ())
            line.marks = [
                ChangeMark(change.kind, str(KINDS[change.kind]), remark_on(change, comparison))
                for change in changes
            ]
    wanted = fold(words).split()
    if wanted:
        listing.hits = _filter(lines, wanted)
    _open(lines, opened, bool(wanted), comparison is not None)
    return listing


def _lines(top: Node, comparison: Comparison | None) -> tuple[list[ListedUnit], list[ListedUnit]]:
    """Return the top lines, and all lines in document order, with ended units at their former position."""
    ended = comparison.ended if comparison else {}
    tops = [ListedUnit(top, None)]
    if top.level == 0:
        tops += [ListedUnit(node, None, is_over=True) for _neighbour, node in ended.get("", ())]
    lines, stack = [], list(reversed(tops))
    while stack:
        line = stack.pop()
        lines.append(line)
        line.children = list(_children(line, ended.get(line.node.slug, [])))
        stack.extend(reversed(line.children))
    return tops, lines


def _children(line: ListedUnit, ended: list[tuple[str, Node]]) -> Iterator[ListedUnit]:
    after: dict[str, list[Node]] = {}
    for neighbour, node in ended:
        after.setdefault("" if line.is_over else neighbour, []).append(node)
    yield from (ListedUnit(node, line, is_over=True) for node in after.get("", ()))
    if not line.is_over:
        for child in line.node.children:
            yield ListedUnit(child, line)
            yield from (ListedUnit(node, line, is_over=True) for node in after.get(child.slug, ()))


def _tell_namesakes_apart(lines: list[ListedUnit]) -> None:
    """Give lines with the same name their parent's name, or the full path if the parents' names are also equal."""
    families: dict[str, list[ListedUnit]] = {}
    for line in lines:
        families.setdefault(fold(line.node.name), []).append(line)
    for family in families.values():
        if len(family) > 1:
            parents = [line.parent.node.name if line.parent else "" for line in family]
            telling = len(set(parents)) == len(parents)
            for line, parent in zip(family, parents, strict=True):
                line.near = parent if telling else path_above(line)


def path_above(line: ListedUnit) -> str:
    """Return the names of the ancestors of a line from the top down, separated by arrows."""
    names: list[str] = []
    above = line.parent
    while above is not None:
        names.append(above.node.name)
        above = above.parent
    return " › ".join(reversed(names))


def _filter(lines: list[ListedUnit], words: list[str]) -> int:
    """Hide lines that neither match nor have a matching ancestor or descendant; return the number of matches."""
    below: set[ListedUnit] = set()
    hits = 0
    for line in lines:
        text = fold(f"{line.label} {line.near}")
        line.is_hit = all(word in text for word in words)
        hits += line.is_hit
        if line.is_hit or line.parent in below:
            below.add(line)
        line.is_hidden = line not in below
    for line in reversed(lines):
        if not line.is_hidden and line.parent is not None:
            line.parent.is_hidden = False
    return hits


def _open(lines: list[ListedUnit], opened: str, filtered: bool, compared: bool) -> None:
    """Open the requested lines and their ancestors."""
    if opened in (ALL, NONE):
        for line in lines:
            line.is_open = opened == ALL or line.parent is None
        return
    if opened:
        asked = set(opened.split(","))
        chosen = wanted = {line for line in lines if line.node.slug in asked}
    else:
        levels = lines[0].node.level + (0 if filtered else LEVELS_OPEN)
        if not filtered and sum(line.node.level <= levels for line in lines) > MOST_IN_SIGHT:
            levels -= 1
        wanted = {line for line in lines if line.node.level < levels}
        chosen = {line for line in lines if line.is_hit or (compared and not filtered and line.marks)}
    leading: set[ListedUnit] = set()
    for line in reversed(lines):
        line.is_open = line in wanted or line in leading
        if line.parent is not None and (line in chosen or line in leading):
            leading.add(line.parent)
