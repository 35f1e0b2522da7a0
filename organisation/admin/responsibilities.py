"""Limit of an account to units, on the page of the account."""

from typing import Any

from django.http import HttpRequest

from organisation.models import Responsibility
from pzgent.kernel.editing import PartInline, limit_accounts
from pzgent.kernel.editing.area import area_of


class ResponsibilityInline(PartInline):
    """Units that an account is limited to; whoever may change accounts chooses them, but not their own."""

    model = Responsibility
    fields = ("unit",)
    autocomplete_fields = ("unit",)
    related = ("unit",)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Require the right to view accounts."""
        return request.user.has_perm("auth.view_user") or request.user.has_perm("auth.change_user")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Require the right to change accounts, and another account than one's own."""
        is_own = obj is not None and obj.pk == request.user.pk and not request.user.is_superuser
        return request.user.has_perm("auth.change_user") and not is_own and area_of(request) is None

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Require the same as for a change."""
        return self.has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Require the same as for a change."""
        return self.has_change_permission(request, obj)


limit_accounts(Responsibility.objects.get_area, ResponsibilityInline)
