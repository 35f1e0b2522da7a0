"""Editors' tasks and attention checks for plans and projects."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from projects.models import Objective, Project
from pzgent.kernel.editing.attention import Check
from pzgent.kernel.editing.tasks import Task
from pzgent.kernel.trees import find_faults

TASKS = (
    Task(
        title=_("Write news about a project"),
        view="projects_project_changelist",
        model=Project,
        search=_("Name of the project"),
    ),
)


CHECKS = (
    Check(
        name="tree",
        title=_("Tree is damaged: call whoever keeps the server"),
        model=Objective,
        keys=lambda on: find_faults(Objective),
        is_filter=False,
    ),
)
