"""Facts about plans and projects that rest on documents."""

from __future__ import annotations

from projects.models import Objective, Plan, Project
from projects.shared import public_objectives, public_plans, public_projects
from pzgent.kernel.citations import CitingRows

CITATIONS = (
    CitingRows(model=Plan, rows=lambda document: public_plans()),
    CitingRows(model=Objective, rows=lambda document: public_objectives().values()),
    CitingRows(model=Project, rows=lambda document: public_projects().values()),
)
# The pages about what a document holds.
ABOUT = (
    CitingRows(model=Plan, rows=lambda document: public_plans(), field="document_id"),
    CitingRows(model=Project, rows=lambda document: public_projects().values(), field="outcome_document_id"),
)
