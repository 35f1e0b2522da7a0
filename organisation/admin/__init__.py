"""Admin of the organisation: structure, staffing, policies, figures, statements, documents and terms."""

from organisation.admin.content import (
    CorporatePlanAdmin,
    DocumentAdmin,
    KeyFigureAdmin,
    StatementAdmin,
    TermAdmin,
)
from organisation.admin.organograms import OrganogramAdmin, SuccessionAdmin
from organisation.admin.placements import PlacementAdmin
from organisation.admin.policies import PolicyAdmin, PolicyDomainAdmin
from organisation.admin.staffing import GradeAdmin, StaffingTableAdmin
from organisation.admin.units import UnitAdmin

__all__ = [
    "CorporatePlanAdmin",
    "DocumentAdmin",
    "GradeAdmin",
    "KeyFigureAdmin",
    "OrganogramAdmin",
    "PlacementAdmin",
    "PolicyAdmin",
    "PolicyDomainAdmin",
    "StaffingTableAdmin",
    "StatementAdmin",
    "SuccessionAdmin",
    "TermAdmin",
    "UnitAdmin",
]
