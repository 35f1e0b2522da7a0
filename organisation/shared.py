"""Data of the organisation that many pages need, cached for all of them; callers must not modify the return values.

None of it grows with the number of placements in an organogram.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import Any
from uuid import UUID

from organisation.models import (
    CorporatePlan,
    Document,
    FunctionalLine,
    KeyFigure,
    Organogram,
    Partner,
    Policy,
    StaffingTable,
    Statement,
    Succession,
    Term,
    Unit,
)
from organisation.places import NamedUnit, get_named_units
from organisation.sources import with_sources
from pzgent.kernel.reading import read_once


@read_once
def published_organograms() -> Mapping[UUID, Organogram]:
    """Return the published organograms by key, with their sources, oldest first. One query."""
    rows = Organogram.objects.published().select_related("source").in_order()
    return {organogram.pk: organogram for organogram in rows}


@read_once
def public_corporate_plans() -> Sequence[CorporatePlan]:
    """Return the published corporate plans with their state, newest first. One query."""
    return list(CorporatePlan.objects.published().with_state())


@read_once
def public_policies() -> Mapping[str, Policy]:
    """Return the published editions of policies by slug, in order, with actions. Three queries."""
    return {policy.slug: policy for policy in Policy.objects.published().with_actions()}


def policies_in_force() -> list[Policy]:
    """Return the latest started edition of each policy, with its actions."""
    policies = list(public_policies().values())
    started = sorted((policy for policy in policies if policy.has_started), key=attrgetter("valid_from"))
    newest = {policy.series: policy for policy in started}
    return [policy for policy in policies if newest.get(policy.series) is policy]


@read_once
def units_with_turns() -> frozenset[UUID]:
    """Return the keys of the units with a predecessor or a successor. One query."""
    pairs = Succession.objects.order_by().values_list("from_unit", "to_unit")
    return frozenset(key for pair in pairs for key in pair if key)


@read_once
def lines_beside_trees() -> Sequence[Any]:
    """Return the public functional lines, each with the placements at both ends. Two queries."""
    return FunctionalLine.objects.shown().get_with_places()


@read_once
def public_partners() -> Sequence[Partner]:
    """Return the published partners with their units, by name. Two queries besides the documents."""
    return with_sources(Partner.objects.published().prefetch_related("units"))


@read_once
def units_with_partners() -> Mapping[UUID, NamedUnit]:
    """Return the units that work with a partner and are visible to the public. Two queries."""
    return get_named_units(Unit.objects.with_partners())


@read_once
def partners_by_unit() -> Mapping[UUID, Sequence[Partner]]:
    """Return the published partners by unit. The queries of `public_partners`."""
    found: dict[UUID, list[Partner]] = {}
    for partner in public_partners():
        for unit in partner.units.all():
            found.setdefault(unit.pk, []).append(partner)
    return found


@read_once
def public_terms() -> Sequence[Term]:
    """Return the published terms of the glossary. One query besides the documents."""
    return with_sources(Term.objects.published())


@read_once
def public_documents() -> Sequence[Document]:
    """Return the published documents. One query besides all documents."""
    return with_sources(Document.objects.published())


@read_once
def public_key_figures() -> Sequence[KeyFigure]:
    """Return the published key figures. One query besides the documents."""
    return with_sources(KeyFigure.objects.published())


@read_once
def public_staffing_tables() -> Sequence[StaffingTable]:
    """Return the published staffing tables, without their lines. One query."""
    return list(StaffingTable.objects.published().in_order())


@read_once
def public_statements() -> Sequence[Statement]:
    """Return the published official statements of all plans, with their plan. One query."""
    return list(Statement.objects.published().select_related("plan"))


@read_once
def statements_of(plan: CorporatePlan) -> Sequence[Statement]:
    """Return the published official statements of a plan. One query besides the documents."""
    return with_sources(Statement.objects.published().of_plan(plan))
