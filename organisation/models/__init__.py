"""Models of the organisation: structure, partners, staffing, figures, policies, statements, documents and terms."""

from organisation.models.documents import Document, Term
from organisation.models.figures import KeyFigure, Statement
from organisation.models.lines import FunctionalLine, LineKind
from organisation.models.partners import Partner, PartnerKind
from organisation.models.plans import CorporatePlan
from organisation.models.policies import Policy, PolicyAction, PolicyDomain
from organisation.models.responsibilities import Responsibility
from organisation.models.staffing import Grade, StaffingLine, StaffingTable
from organisation.models.steps import StructureStep
from organisation.models.structure import (
    FormerSlug,
    Organogram,
    Placement,
    PublicationLevel,
    Succession,
    Unit,
    UnitKind,
)

__all__ = [
    "CorporatePlan",
    "Document",
    "FormerSlug",
    "FunctionalLine",
    "Grade",
    "KeyFigure",
    "LineKind",
    "Organogram",
    "Partner",
    "PartnerKind",
    "Placement",
    "Policy",
    "PolicyAction",
    "PolicyDomain",
    "PublicationLevel",
    "Responsibility",
    "StaffingLine",
    "StaffingTable",
    "Statement",
    "StructureStep",
    "Succession",
    "Term",
    "Unit",
    "UnitKind",
]
