"""Checks of a draft organogram for projects that units which end lead or take part in."""

from collections.abc import Iterator

from django.utils.translation import gettext

from organisation.draft_checks import Finding, Reorganisation, draft_check, left_behind
from projects.models import ProjectUnit


@draft_check
def _check_projects(change: Reorganisation) -> Iterator[Finding]:
    """Find the running projects of units that end."""
    rows = ProjectUnit.objects.filter(unit__in=list(change.ended)).ongoing()
    text = gettext("The project “%(item)s” belongs to “%(unit)s”, which ends.")
    yield from left_behind(change, ((row.project, row.unit_id) for row in rows), text)
