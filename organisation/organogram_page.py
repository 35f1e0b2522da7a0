"""All that the page of the organogram shows, from what its address asks for."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.utils.functional import cached_property
from django.utils.http import urlencode

from organisation.chart import Chart, draw_chart, draw_stack
from organisation.comparison import Comparison, Group, get_comparison, grouped, version_on
from organisation.listing import Listing, get_listing
from organisation.models import FunctionalLine, Organogram
from organisation.shared import published_organograms
from organisation.structure import Node, get_structure
from pzgent.kernel.paths import path_of
from pzgent.kernel.validity import once_per_state

# A longer table stands on a page of its own, so that this one stays light.
MOST_ROWS = 200
TABLE = "tabel"
# What binds a unit to which other one beside the tree, by its slug.
Lines = dict[str, list[tuple[str, str]]]


@dataclass
class OrganogramPage:
    """The version of a day, the part of it that is asked for, and what a comparison found.

    `top` is the unit at the top of what is shown, `path` the units above it from the root down. `marked` tells that
    a comparison was asked for, so that the list shows it too.
    """

    asked: dict[str, Any]
    versions: list[Organogram]
    in_force: Organogram | None
    shown: Organogram | None
    root: Node | None = None
    top: Node | None = None
    path: list[Node] = field(default_factory=list)
    comparison: Comparison | None = None
    marked: bool = False
    listing: Listing | None = None
    chart: Chart | None = None
    stack: Chart | None = None
    lines: Lines = field(default_factory=dict)

    @property
    def day(self) -> datetime.date:
        """The day that is asked for."""
        return self.asked["datum"]

    @property
    def is_missing(self) -> bool:
        """Whether a part is asked for that is not in this version."""
        return self.root is not None and self.top is None

    @property
    def is_part(self) -> bool:
        """Whether a part is shown and not the whole."""
        return bool(self.path)

    @property
    def is_table(self) -> bool:
        """Whether the table alone is asked for."""
        return self.asked["vorm"] == TABLE

    @property
    def table_is_apart(self) -> bool:
        """Whether the table is too long to stand on the page with the list."""
        return not self.is_table and self.listing is not None and len(self.listing.lines) > MOST_ROWS

    @property
    def table_address(self) -> str:
        """The address of the table alone."""
        part = urlencode({"top": self.top.slug}) + "&" if self.top and self.is_part else ""
        return f"{path_of('organogram')}?{self.query}{part}vorm={TABLE}"

    @property
    def list_address(self) -> str:
        """The address of the page that the table belongs to."""
        return f"{self.start}{self.top.slug}" if self.top and self.is_part else self.whole

    @property
    def parts(self) -> list[Node]:
        """The parts of the top of which the picture leaves something out."""
        nodes = self.top.children if self.top else []
        return [node for node in nodes if any(child.children for child in node.children)]

    @property
    def pictures(self) -> list[tuple[str, Chart, tuple[int, int]]]:
        """The picture for a large and for a small screen, each with its size at the scale that is asked for."""
        drawn = (("wide", self.chart), ("stack", self.stack))
        return [(name, chart, chart.at_scale(self.asked["schaal"])) for name, chart in drawn if chart]

    @property
    def query(self) -> str:
        """The address's query for the same version, ending in “&”: empty for the version of today."""
        if self.shown is None or self.shown == self.in_force:
            return ""
        return urlencode({"datum": self.shown.valid_from.isoformat()}) + "&"

    @property
    def whole(self) -> str:
        """The address of the whole structure of the same version."""
        return f"{path_of('organogram')}?{self.query}".rstrip("?&")

    @property
    def start(self) -> str:
        """The start of the address of a part of the same version; its slug comes behind it."""
        return f"{path_of('organogram')}?{self.query}top="

    @property
    def file_query(self) -> str:
        """The query of the files that hold what is shown here."""
        part = urlencode({"top": self.top.slug}) if self.top and self.is_part else ""
        return f"?{self.query}{part}".rstrip("?&")

    @property
    def permalink(self) -> str:
        """The address that shows this comparison, whatever is in force."""
        return self._permalink(self.top.slug if self.top and self.is_part else "")

    @property
    def permalink_of_whole(self) -> str:
        """The address that shows this comparison of the whole structure."""
        return self._permalink("")

    def _permalink(self, part: str) -> str:
        if self.comparison is None:
            return ""
        days = self.comparison.new.valid_from, self.comparison.old.valid_from
        query = {"datum": days[0].isoformat(), "vergelijk": days[1].isoformat()}
        return f"{path_of('organogram')}?{urlencode({**query, **({'top': part} if part else {})})}"

    @cached_property
    def changes(self) -> list[Group]:
        """What changed in the part that is shown, by kind."""
        if self.comparison is None:
            return []
        part = self.top if self.is_part else None
        return grouped(self.comparison.within(part.slug) if part else self.comparison.changes)

    @property
    def changes_elsewhere(self) -> int:
        """How many changes there are outside the part that is shown."""
        everything = len(self.comparison.changes) if self.comparison else 0
        return everything - sum(len(changes) for _kind, _heading, changes in self.changes)

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What a form on the page sends along: the days and the part, as far as they are asked for."""
        given = {"datum": self.asked["given_day"], "vergelijk": self.asked["vergelijk"]}
        days = [(name, day.isoformat()) for name, day in given.items() if day]
        return days + ([("top", self.asked["top"])] if self.asked["top"] else [])


def get_page(asked: dict[str, Any], today: datetime.date) -> OrganogramPage:
    """The page for a valid form. Two queries besides what all pages share, one more where units became others.

    A comparison shows the newer of its two versions, with what the older one had.
    """
    versions = list(published_organograms().values())
    shown = version_on(versions, asked["datum"])
    comparison = get_comparison(versions, shown, asked["vergelijk"])
    page = OrganogramPage(asked, versions, version_on(versions, today), shown, comparison=comparison)
    page.marked = comparison is not None and asked["vergelijk"] is not None
    if comparison is not None and page.marked:
        page.shown = comparison.new
    if page.shown is None:
        return page
    page.root = get_root(page.shown, comparison)
    page.top, page.path = find_part(page.root, asked["top"])
    if page.top is not None:
        marks = comparison if page.marked else None
        page.listing = get_listing(page.top, marks, asked["filter"], asked["open"])
        page.chart, page.stack = draw_chart(page.top), draw_stack(page.top)
        page.lines = get_lines(page.shown.pk)
    return page


@once_per_state
def get_lines(organogram: UUID) -> Lines:
    """The lines beside the tree of an organogram, for its table. One query."""
    found: Lines = {}
    rows: Any = FunctionalLine.objects.shown().filter(organogram=organogram).with_names("above")
    for line in rows.select_related("unit"):
        found.setdefault(line.unit.slug, []).append((line.get_kind_display(), line.name))
    return found


def get_root(shown: Organogram, comparison: Comparison | None) -> Node | None:
    """The structure of the shown version; a comparison has it at hand."""
    if comparison is None:
        return get_structure(shown)
    return comparison.new_top if comparison.new == shown else comparison.old_top


def find_part(root: Node | None, slug: str) -> tuple[Node | None, list[Node]]:
    """The unit with this slug in a structure with the units above it, or the whole; (None, []) when it is not there."""
    if root is None or not slug:
        return root, []
    path: list[Node] = []
    for node in root.walk():
        del path[node.level - root.level :]
        if node.slug == slug:
            return node, path
        path.append(node)
    return None, []
