"""Facts about the organisation that rest on documents."""

from __future__ import annotations

from typing import Any

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
    Term,
    Unit,
)
from organisation.shared import (
    lines_beside_trees,
    public_corporate_plans,
    public_documents,
    public_key_figures,
    public_partners,
    public_policies,
    public_staffing_tables,
    public_statements,
    public_terms,
    published_organograms,
)
from pzgent.kernel.citations import CitingRows


def _address_of_line(line: Any) -> str:
    """Return the path of the unit, or that of the organogram with the line if the unit has no page."""
    if line.place.unit.has_page:
        return line.place.unit.get_absolute_url()
    return published_organograms()[line.organogram_id].get_absolute_url()


CITATIONS = (
    CitingRows(
        model=Unit,
        rows=lambda document: Unit.objects.with_open_page().citing(document).with_parent_name(),
        detail=lambda unit: unit.parent_name or "",
    ),
    CitingRows(
        model=FunctionalLine,
        rows=lambda document: lines_beside_trees(),
        kind=lambda line: line.get_kind_display(),
        title=lambda line: str(line.place),
        detail=lambda line: str(line.place_above),
        address=_address_of_line,
    ),
    CitingRows(model=Organogram, rows=lambda document: published_organograms().values()),
    CitingRows(model=StaffingTable, rows=lambda document: public_staffing_tables()),
    CitingRows(
        model=KeyFigure, rows=lambda document: public_key_figures(), title=lambda figure: figure.label
    ),
    CitingRows(model=CorporatePlan, rows=lambda document: public_corporate_plans()),
    CitingRows(model=Statement, rows=lambda document: public_statements()),
    CitingRows(model=Policy, rows=lambda document: public_policies().values()),
    CitingRows(model=Partner, rows=lambda document: public_partners()),
    CitingRows(model=Document, rows=lambda document: public_documents()),
    CitingRows(model=Term, rows=lambda document: public_terms()),
)
# The pages about what a document holds.
ABOUT = (
    CitingRows(model=CorporatePlan, rows=lambda document: public_corporate_plans(), field="document_id"),
    CitingRows(model=Policy, rows=lambda document: public_policies().values(), field="document_id"),
)
