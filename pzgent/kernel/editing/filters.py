"""Changelist filters that every app uses."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pzgent.kernel.editing.area import area_of, has_area, reachable


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


class AttentionFilter(admin.SimpleListFilter):
    """Filters the items that need attention, by the checks that the home page counts."""

    title = _("needs attention")
    parameter_name = "attention"

    def __init__(self, request: HttpRequest, params: Any, model: Any, model_admin: Any) -> None:
        self.checks = {
            check.name: check for check in model_admin.admin_site.checks_of(model) if check.is_filter
        }
        super().__init__(request, params, model, model_admin)

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return a choice per check without a filter of its own."""
        return [(name, check.title) for name, check in self.checks.items() if not check.parameter]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """Return the items of the chosen check."""
        check = self.checks.get(self.value() or "")
        return check.narrow(queryset, timezone.localdate()) if check else queryset


class ReachableFilter(admin.RelatedFieldListFilter):
    """Filters on a related item; a limited account only sees those that it may reach."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> Any:
        """Return the choices as (key, label)."""
        if area_of(request) is None or not has_area(field.related_model):
            return super().field_choices(field, request, model_admin)
        items = reachable(request, field.related_model._default_manager.all())
        return [(item.pk, str(item)) for item in items]


admin.FieldListFilter.register(lambda field: bool(field.remote_field), ReachableFilter, take_priority=True)
