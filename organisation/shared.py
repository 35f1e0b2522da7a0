"""What many pages show of the organisation, read once for all of them; nobody may change what these functions return.

None of it grows with the number of places in an organogram.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from organisation.models import CorporatePlan, FunctionalLine, Organogram, Policy, Succession
from pzgent.kernel.validity import once_per_state


@once_per_state
def published_organograms() -> Mapping[UUID, Organogram]:
    """The organograms that the public sees by their keys, with their sources, the first one first. One query."""
    rows = Organogram.objects.published().select_related("source").in_order()
    return {organogram.pk: organogram for organogram in rows}


@once_per_state
def public_corporate_plans() -> Sequence[CorporatePlan]:
    """The corporate plans that the public sees with their state, the newest first. One query."""
    return list(CorporatePlan.objects.published().with_state())


@once_per_state
def public_policies() -> Mapping[str, Policy]:
    """The editions of policies that the public sees by their slugs, in order, with actions. Three queries."""
    return {policy.slug: policy for policy in Policy.objects.published().with_actions()}


@once_per_state
def units_with_turns() -> frozenset[UUID]:
    """The units of which something became, or that came from others. One query."""
    pairs = Succession.objects.order_by().values_list("from_unit", "to_unit")
    return frozenset(key for pair in pairs for key in pair if key)


@once_per_state
def lines_beside_trees() -> Sequence[Any]:
    """The lines beside the tree that the public sees, each with the places at both its ends. Two queries."""
    return FunctionalLine.objects.shown().get_with_places()
