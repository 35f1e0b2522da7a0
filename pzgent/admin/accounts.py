"""Admin of accounts and groups: editors cannot grant rights that they lack, and accounts in a history are kept."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.models import LogEntry
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, Permission, User
from django.db import transaction
from django.db.models import Count, ProtectedError, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from pzgent.kernel.editing import GuardedAdmin, OnceAdmin, log_change


def rights_of(account: Any) -> set[int]:
    """Return the primary keys of the permissions of an account, direct or through groups, even if it is inactive."""
    given = Permission.objects.filter(Q(user=account.pk) | Q(group__user=account.pk))
    return set(given.values_list("pk", flat=True))


def covers_account(editor: Any, account: User) -> bool:
    """Return whether the editor has every right of the account, so that taking it over would escalate nothing."""
    if editor.is_superuser:
        return True
    return not account.is_superuser and rights_of(account) <= rights_of(editor)


def covers_group(editor: Any, group: Group) -> bool:
    """Return whether the editor has every right that the group grants."""
    if editor.is_superuser:
        return True
    return set(group.permissions.values_list("pk", flat=True)) <= rights_of(editor)


class WithinOwnRights(OnceAdmin, GuardedAdmin):
    """Limit the choice of groups and permissions to those of the editor; forms with others are invalid."""

    def formfield_for_manytomany(self, db_field: Any, request: Any = None, **kwargs: Any) -> Any:
        """Return the form field, with only the groups or permissions that the editor may grant."""
        if not request.user.is_superuser:
            own = rights_of(request.user)
            if db_field.related_model is Permission:
                kwargs["queryset"] = Permission.objects.filter(pk__in=own).select_related("content_type")
            elif db_field.related_model is Group:
                beyond = Permission.objects.exclude(pk__in=own)
                kwargs["queryset"] = Group.objects.exclude(permissions__in=beyond)
        return super().formfield_for_manytomany(db_field, request, **kwargs)


# Importing their admin classes above has registered both.
admin.site.unregister([User, Group])


@admin.register(User)
class AccountAdmin(WithinOwnRights, UserAdmin):
    """Accounts: may be changed by editors with all their rights; those in a history are deactivated, not deleted."""

    actions = ("deactivate", "activate")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse changes (including password, name and e-mail address) of accounts with more rights than one's own."""
        return super().has_change_permission(request, obj) and (
            obj is None or covers_account(request.user, obj)
        )

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Require the same rights as for a change."""
        return super().has_delete_permission(request, obj) and (
            obj is None or covers_account(request.user, obj)
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Let only superusers appoint superusers, and prevent editors from locking themselves out."""
        fields = ("last_login", "date_joined")
        if obj is not None and obj.pk == request.user.pk:
            return (*fields, "is_active", "is_staff", "is_superuser")
        return fields if request.user.is_superuser else (*fields, "is_superuser")

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Return the related objects to delete, protecting accounts in a history and the editor's own account."""
        deleted, counts, missing, protected = super().get_deleted_objects(objs, request)
        named = User.objects.filter(pk__in=[item.pk for item in objs]).annotate(times=Count("logentry"))
        for account in named.filter(times__gt=0):
            text = ngettext(
                "The history names “%(account)s” %(count)d time. Make the account inactive instead.",
                "The history names “%(account)s” %(count)d times. Make the account inactive instead.",
                account.times,
            )
            protected.append(text % {"account": account, "count": account.times})
        if any(item.pk == request.user.pk for item in objs):
            protected.append(gettext("This is your own account."))
        return deleted, counts, missing, protected

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Delete an account that is in no history. Raise ProtectedError otherwise."""
        self.delete_queryset(request, User.objects.filter(pk=obj.pk))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet) -> None:
        """Delete accounts that are in no history. Raise ProtectedError if one is, even since the confirmation."""
        with transaction.atomic():
            keys = list(queryset.order_by().values_list("pk", flat=True))
            list(User.objects.select_for_update().filter(pk__in=keys).values_list("pk"))
            entries = LogEntry.objects.filter(user__in=keys)
            if entries.exists():
                raise ProtectedError("A history names these accounts.", set(entries[:5]))
            User.objects.filter(pk__in=keys).delete()

    @admin.action(description=_("Make inactive: can no longer sign in"), permissions=["change"])
    def deactivate(self, request: HttpRequest, queryset: QuerySet) -> None:
        """Deactivate the selected accounts; the history still names them."""
        self._set_active(request, queryset, False)

    @admin.action(description=_("Make active again"), permissions=["change"])
    def activate(self, request: HttpRequest, queryset: QuerySet) -> None:
        """Activate the selected accounts, so that they can sign in again."""
        self._set_active(request, queryset, True)

    def _set_active(self, request: HttpRequest, queryset: QuerySet, is_active: bool) -> None:
        """Update the accounts that the editor may change, never their own; report the number and the failures."""
        changed = []
        with transaction.atomic():
            for account in queryset.exclude(is_active=is_active).order_by("username"):
                if account.pk == request.user.pk or not self.has_change_permission(request, account):
                    text = gettext("“%(account)s” was not changed: you may not do that with this account.")
                    messages.error(request, text % {"account": account})
                    continue
                account.is_active = is_active
                account.save(update_fields=["is_active"])
                changed.append(account)
            log_change(request, changed, str(User._meta.get_field("is_active").verbose_name))
        text = ngettext("%(count)d account was changed.", "%(count)d accounts were changed.", len(changed))
        messages.success(request, text % {"count": len(changed)})


@admin.register(Group)
class RoleAdmin(WithinOwnRights, GroupAdmin):
    """Groups: may be changed by editors who have all rights that these grant."""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse changes of groups that grant more rights than one's own."""
        return super().has_change_permission(request, obj) and (
            obj is None or covers_group(request.user, obj)
        )

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Require the same rights as for a change."""
        return super().has_delete_permission(request, obj) and (
            obj is None or covers_group(request.user, obj)
        )
