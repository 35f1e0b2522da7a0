"""Admin of the organisation: structure, partners, staffing, policies, figures, statements, documents and terms."""

from organisation.admin.content import (
    CorporatePlanAdmin,
    DocumentAdmin,
    KeyFigureAdmin,
    StatementAdmin,
    TermAdmin,
)
from organisation.admin.organograms import OrganogramAdmin, SuccessionAdmin
from organisation.admin.partners import PartnerAdmin
from organisation.admin.placements import PlacementAdmin
from organisation.admin.policies import PolicyAdmin, PolicyDomainAdmin
from organisation.admin.responsibilities import ResponsibilityInline
from organisation.admin.staffing import GradeAdmin, StaffingTableAdmin
from organisation.admin.units import UnitAdmin

__all__ = [
    "CorporatePlanAdmin",
    "DocumentAdmin",
    "GradeAdmin",
    "KeyFigureAdmin",
    "OrganogramAdmin",
    "PartnerAdmin",
    "PlacementAdmin",
    "PolicyAdmin",
    "PolicyDomainAdmin",
    "ResponsibilityInline",
    "StaffingTableAdmin",
    "StatementAdmin",
    "SuccessionAdmin",
    "TermAdmin",
    "UnitAdmin",
]
