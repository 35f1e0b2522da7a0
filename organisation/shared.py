"""What many pages show of the organisation, read once for all of them; nobody may change what these functions return.

None of it grows with the number of places in an organogram.
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
    Policy,
    Statement,
    Succession,
    Term,
)
from organisation.sources import with_sources
from pzgent.kernel.reading import read_once


@read_once
def published_organograms() -> Mapping[UUID, Organogram]:
    """The organograms that the public sees by their keys, with their sources, the first one first. One query."""
    rows = Organogram.objects.published().select_related("source").in_order()
    return {organogram.pk: organogram for organogram in rows}


@read_once
def public_corporate_plans() -> Sequence[CorporatePlan]:
    """The corporate plans that the public sees with their state, the newest first. One query."""
    return list(CorporatePlan.objects.published().with_state())


@read_once
def public_policies() -> Mapping[str, Policy]:
    """The editions of policies that the public sees by their slugs, in order, with actions. Three queries."""
    return {policy.slug: policy for policy in Policy.objects.published().with_actions()}


def policies_in_force() -> list[Policy]:
    """Of each policy the edition that began last, with its actions."""
    policies = list(public_policies().values())
    started = sorted((policy for policy in policies if policy.has_started), key=attrgetter("valid_from"))
    newest = {policy.series: policy for policy in started}
    return [policy for policy in policies if newest.get(policy.series) is policy]


@read_once
def units_with_turns() -> frozenset[UUID]:
    """The units of which something became, or that came from others. One query."""
    pairs = Succession.objects.order_by().values_list("from_unit", "to_unit")
    return frozenset(key for pair in pairs for key in pair if key)


@read_once
def lines_beside_trees() -> Sequence[Any]:
    """The lines beside the tree that the public sees, each with the places at both its ends. Two queries."""
    return FunctionalLine.objects.shown().get_with_places()


@read_once
def public_terms() -> Sequence[Term]:
    """The words of the glossary that the public sees. One query besides the documents."""
    return with_sources(Term.objects.published())


@read_once
def public_documents() -> Sequence[Document]:
    """The documents that the public sees. One query besides all documents."""
    return with_sources(Document.objects.published())


@read_once
def public_key_figures() -> Sequence[KeyFigure]:
    """The key figures that the public sees. One query besides the documents."""
    return with_sources(KeyFigure.objects.published())


@read_once
def statements_of(plan: CorporatePlan) -> Sequence[Statement]:
    """The official statements of a plan that the public sees. One query besides the documents."""
    return with_sources(Statement.objects.published().of_plan(plan))
