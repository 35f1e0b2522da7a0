"""Downloads of the organogram page: the units of its list as CSV, PDF and SVG."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from organisation.models import Organogram, UnitKind
from organisation.organogram_page import find_part
from organisation.structure import Node, get_structure
from pzgent.kernel.csv_lines import csv_line, escape_formula
from pzgent.kernel.paths import path_of

Address = Callable[[str], str]


@dataclass(frozen=True)
class OrganogramPart:
    """Version of the organogram, and the unit whose subtree is in the file."""

    organogram: Organogram
    top: Node
    path: list[Node]

    @property
    def title(self) -> str:
        """Return the title of the file."""
        return f"{_('Organogram')}: {self.top.name}"

    @property
    def file_name(self) -> str:
        """Return the file name without extension: the first day of the version, and the unit unless it is the root."""
        part = f"-{self.top.slug}" if self.path else ""
        return f"organogram-{self.organogram.valid_from.isoformat()}{part}"

    @property
    def start(self) -> str:
        """Return the URL prefix for a part of the same version, to which its slug is appended."""
        return f"{self.organogram.get_absolute_url()}&top="

    @property
    def page_path(self) -> str:
        """Return the path of the page that shows the same part."""
        return self.page_path_of(self.top.slug) if self.path else self.organogram.get_absolute_url()

    def page_path_of(self, slug: str) -> str:
        """Return the path of the page that shows the part below this unit, in the same organogram."""
        return f"{self.organogram.get_absolute_url()}&top={slug}"

    def as_csv(self, address: Address) -> Iterator[bytes]:
        """Yield the CSV lines of all units in list order; `address` makes a path of the site absolute."""
        yield csv_line([_("Name"), _("Abbreviation"), _("Kind"), _("Path"), _("Level"), _("Address")])
        kinds = {value: str(label) for value, label in UnitKind.choices}
        above = [node.name for node in self.path]
        for node in self.top.walk():
            del above[node.level :]
            page = address(path_of("unit-detail", node.slug)) if node.has_page else ""
            cells = [node.name, node.abbreviation, kinds[node.kind], " › ".join(above), str(node.level), page]
            yield csv_line(map(escape_formula, cells))
            above.append(node.name)


def get_organogram_part(day: datetime.date, slug: str) -> OrganogramPart | None:
    """Return the version of a day and the part below one unit; None if there is none. Two queries."""
    organogram = Organogram.objects.select_related("source").get_in_force(day)
    root = get_structure(organogram) if organogram else None
    top, path = find_part(root, slug)
    return OrganogramPart(organogram, top, path) if organogram and top else None
