"""Comparison of two versions of the organogram, as shown on the organogram page."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise, cached_property
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from organisation.models import Organogram
from organisation.structure import Change, Node, changes_between, get_structure
from pzgent.kernel.paths import path_of

KINDS: dict[str, str | Promise] = {
    "created": _("New"),
    "renamed": _("Other name"),
    "moved": _("Other place"),
    "merged": _("Merged"),
    "split": _("Split"),
    "replaced": _("Replaced"),
    "ended": _("Ended"),
}
Group = tuple[str, str | Promise, list[Change]]


@dataclass(frozen=True)
class Comparison:
    """Changes from an older to a newer organogram."""

    old: Organogram
    new: Organogram
    old_top: Node | None
    new_top: Node | None
    changes: list[Change]

    @property
    def address(self) -> str:
        """Return the path of the page that shows this comparison, independent of the version in force."""
        days = {"datum": self.new.valid_from.isoformat(), "vergelijk": self.old.valid_from.isoformat()}
        return f"{path_of('organogram')}?{urlencode(days)}"

    def within(self, slug: str) -> list[Change]:
        """Return the changes of a unit and of all units below it in either version."""
        found: set[str] = set()
        for top in (self.old_top, self.new_top):
            part = next((node for node in _walk(top) if node.slug == slug), None)
            found |= {node.slug for node in _walk(part)}
        return [change for change in self.changes if change.slug in found]

    @cached_property
    def page_slugs(self) -> set[str]:
        """Return the slugs of the units in either organogram that have their own page."""
        tops = [top for top in (self.old_top, self.new_top) if top]
        return {node.slug for top in tops for node in top.walk() if node.has_page}

    @cached_property
    def by_slug(self) -> dict[str, list[Change]]:
        """Return the changes by unit."""
        found: dict[str, list[Change]] = {}
        for change in self.changes:
            found.setdefault(change.slug, []).append(change)
        return found

    @cached_property
    def origins(self) -> dict[str, list[str]]:
        """Return, by successor of an ended unit, the names of its predecessors."""
        found: dict[str, list[str]] = {}
        for change in self.changes:
            for heir in change.heirs:
                found.setdefault(heir.slug, []).append(change.name)
        return found

    @cached_property
    def ended(self) -> dict[str, list[tuple[str, Node]]]:
        """Return, by former parent, the ended units, each with its last preceding sibling that still exists.

        Parents and siblings are slugs; an empty string if there is no such sibling. The parent of the old root is
        an empty string too.
        """
        if self.old_top is None:
            return {}
        over = {change.slug for change in self.changes if change.is_over}
        parents = {child.slug: node.slug for node in _walk(self.new_top) for child in node.children}
        found: dict[str, list[tuple[str, Node]]] = {}
        if self.old_top.slug in over:
            found[""] = [("", self.old_top)]
        for node in self.old_top.walk():
            neighbour = ""
            for child in node.children:
                if child.slug in over:
                    found.setdefault(node.slug, []).append((neighbour, child))
                elif parents.get(child.slug) == node.slug:
                    neighbour = child.slug
        return found


def grouped(changes: Sequence[Change]) -> list[Group]:
    """Group the changes by kind: (code, heading, changes), without empty groups."""
    groups = [
        (kind, label, [change for change in changes if change.kind == kind]) for kind, label in KINDS.items()
    ]
    return [group for group in groups if group[2]]


def remark_on(change: Change, comparison: Comparison) -> str:
    """Return the remark after the kind of a change, as the end of a sentence; may be empty."""
    if change.is_over:
        return gettext("goes on in %(after)s") % {"after": change.after} if change.after else ""
    if change.kind == "created":
        origins = ", ".join(comparison.origins.get(change.slug, ()))
        return gettext("comes from %(before)s") % {"before": origins} if origins else ""
    if change.kind == "renamed":
        return gettext("was called %(before)s") % {"before": change.before}
    return gettext("was part of %(before)s") % {"before": change.before} if change.before else ""


def _walk(top: Node | None) -> list[Node]:
    return list(top.walk()) if top else []


def version_on(versions: Sequence[Organogram], day: datetime.date) -> Organogram | None:
    """Return the version in force on a day, from sorted versions; None before the first."""
    started = [version for version in versions if version.valid_from <= day]
    return started[-1] if started else None


def get_comparison(
    versions: Sequence[Organogram], shown: Organogram | None, day: datetime.date | None
) -> Comparison | None:
    """Compare the shown version with that of another day, by default with the version before it.

    Returns None if there is nothing to compare with. Three queries.
    """
    if shown is None:
        return None
    other = version_on(versions, day or shown.valid_from - datetime.timedelta(days=1))
    if other is None or other == shown:
        return None
    old, new = sorted((other, shown), key=lambda version: version.valid_from)
    old_top, new_top = get_structure(old), get_structure(new)
    return Comparison(old, new, old_top, new_top, changes_between(old, old_top, new, new_top))
