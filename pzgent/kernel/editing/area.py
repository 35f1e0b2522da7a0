"""Limit of an account to the part of the data that is its own: its area.

The kernel knows no units. An app tells by `limit_accounts` which keys the area of an account holds, and each model with
rows in an area says which these are, in a class method `in_area(keys)` that returns a condition. A limited account
reaches and writes only these rows; rows of all other models it may at most view.
"""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext

from pzgent.kernel.editing.second_person import require_second_person

Area = frozenset[Any]
Finder = Callable[[Any], Area | None]
Rows = TypeVar("Rows", bound=QuerySet)
_CACHED = "_area"
_finders: list[Finder] = []
# The inlines with which the page of an account limits it.
account_inlines: list[Any] = []


class OutsideAreaError(ValidationError):
    """Raised when what was saved would lie outside the area of the account."""


def limit_accounts(find: Finder, inline: Any) -> None:
    """Register a limit: a function that returns the keys in the area of an account, or None, and its inline."""
    _finders.append(find)
    account_inlines.append(inline)


def area_of(request: HttpRequest) -> Area | None:
    """Return the keys in the area of the account as they were at the start of the request; None if not limited."""
    if not hasattr(request, _CACHED):
        setattr(request, _CACHED, _find_area(request))
    area: Area | None = getattr(request, _CACHED)
    return area


def _find_area(request: HttpRequest) -> Area | None:
    if request.user.is_superuser:
        return None
    areas = [area for find in _finders if (area := find(request.user)) is not None]
    return frozenset[Any]().union(*areas) if areas else None


def has_area(model: type[Model]) -> bool:
    """Return whether rows of this model can lie in an area."""
    return hasattr(model, "in_area")


def reachable(request: HttpRequest, queryset: Rows) -> Rows:
    """Filter the rows that the account may reach."""
    area = area_of(request)
    if area is None or not has_area(queryset.model):
        return queryset
    model: Any = queryset.model
    return queryset.filter(model.in_area(area))


def reaches(request: HttpRequest, obj: Model | None) -> bool:
    """Return whether the account may reach this row, or has no row to reach."""
    if obj is None or obj._state.adding or area_of(request) is None or not has_area(type(obj)):
        return True
    return reachable(request, type(obj)._base_manager.filter(pk=obj.pk)).exists()


def may_write(request: HttpRequest, model: type[Model]) -> bool:
    """Return whether the account may write rows of this model, as far as its area decides."""
    return area_of(request) is None or has_area(model)


def require_in_area(request: HttpRequest, obj: Model) -> None:
    """Raise OutsideAreaError if a row that was just saved lies outside the area, as it is now."""
    if area_of(request) is None:
        return
    area, model = _find_area(request), type(obj)
    rows: Any = model._base_manager.filter(pk=obj.pk)
    if area is not None and (not has_area(model) or not rows.filter(model.in_area(area)).exists()):  # type: ignore[attr-defined]  # has_area
        raise OutsideAreaError(
            gettext(
                "Nothing was saved: this would lie outside the units that you are responsible for. Choose one of these."
            )
        )


def require_logged_in_area(request: HttpRequest, items: Iterable[Model]) -> None:
    """Raise OutsideAreaError if one of the rows that a log entry is about now lies outside the area.

    Whatever an editor writes is logged, by any path: a form, a restored version, an import, a step in the workshop.
    """
    if area_of(request) is not None:
        for item in items:
            if has_area(type(item)):
                require_in_area(request, item)


def limit_choices(request: HttpRequest, field: forms.Field | None) -> forms.Field | None:
    """Offer only reachable rows in a form field; `keep_current` adds what a row refers to already."""
    offered: Any = getattr(field, "queryset", None)
    if offered is not None and area_of(request) is not None and has_area(offered.model):
        choice: Any = field
        choice.queryset, choice.is_limited = reachable(request, offered), True
    return field


def keep_current(form: forms.ModelForm) -> None:
    """Let each limited field of a form keep the row that its object refers to."""
    for name, field in form.fields.items():
        if getattr(field, "is_limited", False) and isinstance(field, forms.ModelChoiceField):
            current = form.initial.get(name)
            keys = current if isinstance(current, list) else [current]
            kept = Q(
                pk__in=[getattr(key, "pk", key) for key in keys if key and not form.instance._state.adding]
            )
            offered: Any = field.queryset
            field.queryset = offered.model._default_manager.filter(
                Q(pk__in=offered.order_by().values("pk")) | kept
            )


class AreaAdmin(admin.ModelAdmin):
    """An admin in which a limited account reaches, chooses and writes nothing outside its area."""

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Return the rows that the account may reach."""
        return reachable(request, super().get_queryset(request))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Require the row to be reachable."""
        return super().has_view_permission(request, obj) and reaches(request, obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Require a model that has rows in areas."""
        return super().has_add_permission(request) and may_write(request, self.model)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Require a model that has rows in areas, and a reachable row."""
        return (
            super().has_change_permission(request, obj)
            and may_write(request, self.model)
            and reaches(request, obj)
        )

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Require the same as for a change."""
        return (
            super().has_delete_permission(request, obj)
            and may_write(request, self.model)
            and reaches(request, obj)
        )

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Log the addition of a row in the area, by an account that needs no second person for it."""
        require_logged_in_area(request, [obj])
        require_second_person(request, [obj])
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Log the change of a row that still lies in the area, by an account that needs no second person for it."""
        require_logged_in_area(request, [obj])
        require_second_person(request, [obj])
        return super().log_change(request, obj, message)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Save the inlines, and require the result to lie in the area."""
        super().save_related(request, form, formsets, change)
        require_in_area(request, form.instance)
