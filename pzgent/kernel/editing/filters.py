"""Changelist filters that every app uses."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class ReviewFilter(admin.SimpleListFilter):
    """Filters items that are due for review, never reviewed, or without a source."""

    title = _("check")
    parameter_name = "review"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return the three choices."""
        return [
            ("overdue", _("must be checked again now")),
            ("never", _("never checked")),
            ("unsourced", _("without a source")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """Return the items that match the choice."""
        if self.value() == "overdue":
            return queryset.due(timezone.localdate())  # type: ignore[attr-defined]  # of Reviewable
        conditions: dict[str, dict[str, Any]] = {
            "never": {"verified_on": None},
            "unsourced": {"source": None},
        }
        return queryset.filter(**conditions.get(self.value() or "", {}))
