"""Facts due for review, for the index page of the admin."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.admin.utils import quote
from django.db.models import Count, Window
from django.http import HttpRequest
from django.urls import reverse

from pzgent.kernel.publishing import Sourced

FIRST = 5


@dataclass(frozen=True)
class Due:
    """The facts of one model due for review: their number, the address of their list, and the first five."""

    name: str
    count: int
    address: str
    first: list[tuple[str, str, datetime.date]]


def find_due(request: HttpRequest, site: AdminSite, on: datetime.date) -> list[Due]:
    """Return the facts due for review by model, for models that the editor may change. One query per model."""
    found = []
    for model, model_admin in site._registry.items():
        if not issubclass(model, Sourced) or not model_admin.has_change_permission(request):
            continue
        facts: Any = model._default_manager
        counted = (
            facts.due(on).select_related().annotate(due_count=Window(Count("pk"))).order_by("review_by", "pk")
        )
        rows = list(counted[:FIRST])
        if rows:
            base = f"admin:{model._meta.app_label}_{model._meta.model_name}"
            first = [
                (str(row), reverse(f"{base}_change", args=[quote(row.pk)]), row.review_by) for row in rows
            ]
            address = f"{reverse(f'{base}_changelist')}?review=overdue"
            found.append(Due(str(model._meta.verbose_name_plural), rows[0].due_count, address, first))
    return found
