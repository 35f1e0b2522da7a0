"""Search indexing of the organisation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from organisation.models import (
    CorporatePlan,
    Document,
    FunctionalLine,
    KeyFigure,
    Organogram,
    Partner,
    Policy,
    PolicyDomain,
    StaffingTable,
    Statement,
    Term,
    Unit,
    UnitKind,
)
from pzgent.kernel.rich_text import to_text
from pzgent.kernel.searchable import NOT_IN_FORCE, YEARS, IndexedText, Searchable, editions_with_share

KIND_OF_STATION = re.compile(r"^Commissariaat ")
POLICY = re.compile(r"(?:s?-?beleid|s?beleidsplan)$")
# A statement up to this number of characters is indexed as a name, like a slogan.
LONGEST_NAME = 60
# A post ranks below a topic that answers the same question: it has no number of its own.
POST = 0.8


class Units(Searchable):
    """Units with a page."""

    kind, collection = "unit", "units"
    position = 30
    label, singular = _("Organisation"), _("unit")
    prior = 1.15
    has_initials = True

    def texts(self, language: str) -> Iterator[IndexedText]:
        """Yield the units with a public page, also with their parent's name, because names alone are not unique."""
        units: Any = Unit.objects.with_open_page().with_parent_name().order_by("slug")
        led = _led_units()
        for unit in units:
            body = f"{unit.tasks} {to_text(unit.description)}"
            aliases = [*_placed(unit.name, unit.parent_name or ""), *_as_head(led.get(unit.pk, []))]
            share = POST if unit.place_kind == UnitKind.FUNCTIE else 1.0
            names = [unit.abbreviation]
            yield self.text(unit, unit.name, aliases, unit.summary, body, share=share, names=names)

    def path(self, item: Any) -> str:
        """Return the name of the parent."""
        return item.parent_name or ""


class Policies(Searchable):
    """Policies in force, with their domains and actions."""

    kind, collection = "policy", "policies"
    position = 50
    label, singular = _("Policies"), _("policy")
    prior = 0.95

    def texts(self, language: str) -> Iterator[IndexedText]:
        """Yield the policies in force; each also by its subject alone."""
        policies = Policy.objects.in_force().prefetch_related("domains__actions").order_by("slug")
        for policy in policies:
            domains = policy.domains.all()
            parts = [text for domain in domains for text in _actions(domain)]
            parts.append(to_text(policy.description))
            subject = POLICY.sub("", YEARS.sub("", policy.title))
            names = [subject, f"{subject}splan", *(domain.title for domain in domains)]
            yield self.text(policy, policy.title, names, policy.summary, " ".join(parts))


class StaffingTables(Searchable):
    """Staffing tables."""

    kind, collection = "staffingTable", "staffingTables"
    position = 90
    label, singular = _("Staff"), _("staffing table")
    prior = 0.95

    def texts(self, language: str) -> Iterator[IndexedText]:
        """Yield the published tables."""
        for table, share in editions_with_share(StaffingTable):
            names = [table.get_kind_display(), "agenten", "politiemensen", "personeel"]
            yield self.text(table, table.title, names, share=share)


class CorporatePlans(Searchable):
    """Corporate plans."""

    kind, collection = "corporatePlan", "corporatePlans"
    position = 70
    label, singular = _("Corporate plans"), _("corporate plan")
    prior = 0.8

    def texts(self, language: str) -> Iterator[IndexedText]:
        """Yield the published plans."""
        for plan, share in editions_with_share(CorporatePlan):
            yield self.text(plan, plan.title, [], plan.summary, share=share)


class Organograms(Searchable):
    """Versions of the organogram."""

    kind, collection = "organogram", "organograms"
    position = 110
    label, singular = _("Organogram"), _("organogram")
    prior = 0.9

    def texts(self, language: str) -> Iterator[IndexedText]:
        """Yield the published versions."""
        for edition, share in editions_with_share(Organogram):
            yield self.text(edition, edition.title, [], edition.summary, share=share)


class Documents(Searchable):
    """Documents."""

    kind, collection = "document", "documents"
    position = 130
    label, singular = _("Documents"), _("document")
    prior = 0.85

    def texts(self, language: str) -> Iterator[IndexedText]:
        """Yield the published documents."""
        for paper in Document.objects.published().order_by("slug"):
            yield self.text(paper, paper.title, [], paper.description, f"{paper.issued_by} {paper.period}")


class Partners(Searchable):
    """Partners outside the police."""

    kind, collection = "partner", "partners"
    position = 135
    label, singular = _("Partners"), _("partner")
    prior = 0.7

    def texts(self, language: str) -> Iterator[IndexedText]:
        """Yield the published partners."""
        for partner in Partner.objects.published().order_by("slug"):
            yield self.text(partner, partner.name, [], partner.summary, partner.get_kind_display())


class Terms(Searchable):
    """Words and abbreviations."""

    kind, collection = "term", "terms"
    position = 140
    label, singular = _("Glossary"), _("term")
    prior = 0.8

    def texts(self, language: str) -> Iterator[IndexedText]:
        """Yield the published terms."""
        for term in Term.objects.published().order_by("slug"):
            yield self.text(term, term.abbreviation, [term.expansion], term.explanation)


class KeyFigures(Searchable):
    """Key figures."""

    kind, collection = "keyFigure", "keyFigures"
    position = 150
    label, singular = _("Figures"), _("key figure")
    prior = 0.5

    def texts(self, language: str) -> Iterator[IndexedText]:
        """Yield the published figures."""
        for figure in KeyFigure.objects.published().order_by("slug"):
            yield self.text(figure, figure.label, [], figure.note, figure.get_group_display())


class Statements(Searchable):
    """Mission, vision, values and slogan."""

    kind, collection = "statement", "statements"
    position = 80
    label, singular = _("Mission and values"), _("statement")
    prior = 0.7

    def texts(self, language: str) -> Iterator[IndexedText]:
        """Yield the published statements."""
        current = CorporatePlan.objects.get_in_force()
        for statement in Statement.objects.published().select_related("plan").order_by("slug"):
            is_short = len(statement.text) <= LONGEST_NAME
            names = [statement.get_kind_display(), statement.text if is_short else ""]
            share = 1.0 if statement.plan == current else NOT_IN_FORCE
            title = statement.title or str(statement)
            yield self.text(statement, title, names, statement.text, share=share)


SEARCHABLE: tuple[Searchable, ...] = (
    Units(),
    Policies(),
    CorporatePlans(),
    Statements(),
    StaffingTables(),
    Organograms(),
    Documents(),
    Partners(),
    Terms(),
    KeyFigures(),
)


def _led_units() -> dict[UUID, list[str]]:
    """Return the names of the units that each post or body leads in the organogram in force. One query."""
    lines = FunctionalLine.objects.shown().leading().filter(organogram__in=Organogram.objects.in_force())
    names: dict[UUID, list[str]] = {}
    for above, name in lines.order_by("unit__slug").values_list("above", "unit__name"):
        names.setdefault(above, []).append(name)
    return names


def _as_head(units: list[str]) -> list[str]:
    """Return what visitors call the post that leads these units."""
    return [f"{word} {name}" for name in units for word in ("hoofd", "leiding")]


def _placed(name: str, parent: str) -> list[str]:
    """Return the name combined with that of the parent, because names alone are not unique."""
    place = KIND_OF_STATION.sub("", parent)
    return [f"{name} {parent}", f"{name} {place}"] if parent else []


def _actions(domain: PolicyDomain) -> list[str]:
    return [action.title for action in domain.actions.all()]
