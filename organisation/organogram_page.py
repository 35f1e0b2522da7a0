"""Data of the organogram page, built from its query parameters."""

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

# Longer tables get their own page, to keep this page light.
MOST_ROWS = 250
TABLE = "tabel"
# Functional lines by the slug of the unit: (kind, name of the other unit).
Lines = dict[str, list[tuple[str, str]]]


@dataclass
class OrganogramPage:
    """Version of a day, the requested part of it, and the result of a comparison.

    `top` is the root of the part shown, `path` its ancestors from the root down. `marked` is True if a comparison
    was requested, so that the list shows it too.
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
        """Return the requested day."""
        return self.asked["datum"]

    @property
    def is_missing(self) -> bool:
        """True if the requested part is not in this version."""
        return self.root is not None and self.top is None

    @property
    def is_part(self) -> bool:
        """True if only a part is shown."""
        return bool(self.path)

    @property
    def is_table(self) -> bool:
        """True if only the table is requested."""
        return self.asked["vorm"] == TABLE

    @property
    def table_is_apart(self) -> bool:
        """True if the table is too long for the page with the list."""
        return not self.is_table and self.listing is not None and len(self.listing.lines) > MOST_ROWS

    @property
    def table_address(self) -> str:
        """Return the URL of the page with only the table."""
        part = urlencode({"top": self.top.slug}) + "&" if self.top and self.is_part else ""
        return f"{path_of('organogram')}?{self.query}{part}vorm={TABLE}"

    @property
    def list_address(self) -> str:
        """Return the URL of the page that the table belongs to."""
        return f"{self.start}{self.top.slug}" if self.top and self.is_part else self.whole

    @property
    def parts(self) -> list[Node]:
        """Return the children of the top that the chart does not show completely."""
        nodes = self.top.children if self.top else []
        return [node for node in nodes if any(child.children for child in node.children)]

    @property
    def pictures(self) -> list[tuple[str, Chart, tuple[int, int]]]:
        """Return the charts for large and small screens, each with its size at the requested scale."""
        drawn = (("wide", self.chart), ("stack", self.stack))
        return [(name, chart, chart.at_scale(self.asked["schaal"])) for name, chart in drawn if chart]

    @property
    def query(self) -> str:
        """Return the query string for the same version, ending in “&”; empty for the version in force."""
        if self.shown is None or self.shown == self.in_force:
            return ""
        return urlencode({"datum": self.shown.valid_from.isoformat()}) + "&"

    @property
    def whole(self) -> str:
        """Return the URL of the whole structure of the same version."""
        return f"{path_of('organogram')}?{self.query}".rstrip("?&")

    @property
    def start(self) -> str:
        """Return the URL prefix for a part of the same version, to which its slug is appended."""
        return f"{path_of('organogram')}?{self.query}top="

    @property
    def file_query(self) -> str:
        """Return the query string of the files with the content shown here."""
        part = urlencode({"top": self.top.slug}) if self.top and self.is_part else ""
        return f"?{self.query}{part}".rstrip("?&")

    @property
    def permalink(self) -> str:
        """Return the URL of this comparison, independent of the version in force."""
        return self._permalink(self.top.slug if self.top and self.is_part else "")

    @property
    def permalink_of_whole(self) -> str:
        """Return the URL of this comparison for the whole structure."""
        return self._permalink("")

    def _permalink(self, part: str) -> str:
        if self.comparison is None:
            return ""
        return self.comparison.address + (f"&{urlencode({'top': part})}" if part else "")

    @cached_property
    def changes(self) -> list[Group]:
        """Return the changes in the part shown, grouped by kind."""
        if self.comparison is None:
            return []
        part = self.top if self.is_part else None
        return grouped(self.comparison.within(part.slug) if part else self.comparison.changes)

    @property
    def changes_elsewhere(self) -> int:
        """Return the number of changes outside the part shown."""
        everything = len(self.comparison.changes) if self.comparison else 0
        return everything - sum(len(changes) for _kind, _heading, changes in self.changes)

    @property
    def kept(self) -> list[tuple[str, str]]:
        """Return the hidden inputs of the page's forms: the days and the part, if requested."""
        given = {"datum": self.asked["given_day"], "vergelijk": self.asked["vergelijk"]}
        days = [(name, day.isoformat()) for name, day in given.items() if day]
        return days + ([("top", self.asked["top"])] if self.asked["top"] else [])


def get_page(asked: dict[str, Any], today: datetime.date) -> OrganogramPage:
    """Return the page for a valid form. Two queries besides those for the shared data, one more with successions.

    A comparison shows the newer of its two versions, with the units that only the older one has.
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
    """Return the functional lines of an organogram, for its table. One query."""
    found: Lines = {}
    rows: Any = FunctionalLine.objects.shown().filter(organogram=organogram).with_names("above")
    for line in rows.select_related("unit"):
        found.setdefault(line.unit.slug, []).append((line.get_kind_display(), line.name))
    return found


def get_root(shown: Organogram, comparison: Comparison | None) -> Node | None:
    """Return the structure of the shown version, reusing that of the comparison."""
    if comparison is None:
        return get_structure(shown)
    return comparison.new_top if comparison.new == shown else comparison.old_top


def find_part(root: Node | None, slug: str) -> tuple[Node | None, list[Node]]:
    """Return the unit with this slug (default: the root) and its ancestors; (None, []) if it is not found."""
    if root is None or not slug:
        return root, []
    path: list[Node] = []
    for node in root.walk():
        del path[node.level - root.level :]
        if node.slug == slug:
            return node, path
        path.append(node)
    return None, []
