"""Editors' tasks and attention checks for organisation data."""

from __future__ import annotations

import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from organisation.models import Document, Organogram, Placement, PublicationLevel, StaffingTable, Unit
from pzgent.kernel.editing.attention import Check
from pzgent.kernel.editing.tasks import Task
from pzgent.kernel.publishing import published_at
from pzgent.kernel.trees import find_faults

TASKS = (
    Task(
        title=_("Change a unit"),
        view="organisation_unit_changelist",
        model=Unit,
        search=_("Name or abbreviation"),
    ),
    Task(title=_("Add a unit"), view="organisation_unit_add", model=Unit, action="add"),
    Task(title=_("Prepare a reorganisation"), view="organisation_organogram_changelist", model=Organogram),
    Task(title=_("Move units"), view="organisation_placement_changelist", model=Placement),
    Task(title=_("Add a document"), view="organisation_document_add", model=Document, action="add"),
)


def _without_description(on: datetime.date) -> Q:
    own_page = published_at() & Q(publication_level=PublicationLevel.PUBLIC)
    return own_page & Q(summary="", description="", tasks="")


def _without_place(on: datetime.date) -> Q:
    """Return the condition for public units that stand in no organogram, where nobody finds them."""
    places = Placement.objects.filter(unit=OuterRef("pk"))
    return published_at() & ~Q(Exists(places.order_by()))


def _draft_in_force(on: datetime.date) -> Q:
    """Return the condition for draft units in the organogram in force: the public does not see them there."""
    places = Placement.objects.in_organogram_of(on).filter(unit=OuterRef("pk"))
    return Q(status="draft") & Q(Exists(places.order_by()))


def _not_adding_up(on: datetime.date) -> list[Any]:
    """Return the keys of the tables whose lines differ from the stated total. Three queries."""
    return [table.pk for table in StaffingTable.objects.prefetch_related("lines__grade") if _differs(table)]


def _differs(table: StaffingTable) -> bool:
    try:
        table.check_whole()
    except ValidationError:
        return True
    return False


CHECKS = (
    Check(name="no-text", title=_("Without a description"), model=Unit, condition=_without_description),
    Check(name="no-place", title=_("In no organogram"), model=Unit, condition=_without_place),
    Check(
        name="draft-in-force",
        title=_("Draft in the organogram of today"),
        model=Unit,
        condition=_draft_in_force,
    ),
    Check(name="totals", title=_("Totals do not add up"), model=StaffingTable, keys=_not_adding_up),
    Check(
        name="tree",
        title=_("Tree is damaged: call whoever keeps the server"),
        model=Placement,
        keys=lambda on: [*find_faults(Placement), *Placement.objects.get_misplaced()],
        is_filter=False,
    ),
)
