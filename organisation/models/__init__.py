"""Models of the organisation: structure, staffing, figures, policies, statements, documents and terms."""

from organisation.models.documents import Document, Term
from organisation.models.figures import KeyFigure, Statement
from organisation.models.lines import FunctionalLine, LineKind
from organisation.models.plans import CorporatePlan
from organisation.models.policies import Policy, PolicyAction, PolicyDomain
from organisation.models.staffing import Grade, StaffingLine, StaffingTable
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
    "Placement",
    "Policy",
    "PolicyAction",
    "PolicyDomain",
    "PublicationLevel",
    "StaffingLine",
    "StaffingTable",
    "Statement",
    "Succession",
    "Term",
    "Unit",
    "UnitKind",
]
