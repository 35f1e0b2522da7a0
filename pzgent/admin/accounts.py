"""Accounts and groups in the admin: nobody gives more rights than they have, and nothing done loses its author."""

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
    """The rights given to an account or through its groups, by primary key; also while it is not active."""
    given = Permission.objects.filter(Q(user=account.pk) | Q(group__user=account.pk))
    return set(given.values_list("pk", flat=True))


def covers_account(editor: Any, account: User) -> bool:
    """True if the editor has every right that the account has, so that using it would raise nothing."""
    if editor.is_superuser:
        return True
    return not account.is_superuser and rights_of(account) <= rights_of(editor)


def covers_group(editor: Any, group: Group) -> bool:
    """True if the editor has every right that the group gives."""
    if editor.is_superuser:
        return True
    return set(group.permissions.values_list("pk", flat=True)) <= rights_of(editor)


class WithinOwnRights(OnceAdmin, GuardedAdmin):
    """Offers only the groups and rights that the editor has; a form that names others is refused."""

    def formfield_for_manytomany(self, db_field: Any, request: Any = None, **kwargs: Any) -> Any:
        """The groups or rights to choose from."""
        if not request.user.is_superuser:
            own = rights_of(request.user)
            if db_field.related_model is Permission:
                kwargs["queryset"] = Permission.objects.filter(pk__in=own).select_related("content_type")
            elif db_field.related_model is Group:
                beyond = Permission.objects.exclude(pk__in=own)
                kwargs["queryset"] = Group.objects.exclude(permissions__in=beyond)
        return super().formfield_for_manytomany(db_field, request, **kwargs)


# Both have been registered by the import of their admin above.
admin.site.unregister([User, Group])


@admin.register(User)
class AccountAdmin(WithinOwnRights, UserAdmin):
    """Accounts: changed by those who have all their rights, and deactivated instead of deleted once in a history."""

    actions = ("deactivate", "activate")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Also the password, the name and the address of an account with more rights than one's own stay."""
        return super().has_change_permission(request, obj) and (
            obj is None or covers_account(request.user, obj)
        )

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """As for a change."""
        return super().has_delete_permission(request, obj) and (
            obj is None or covers_account(request.user, obj)
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Only superusers make superusers, and nobody locks themselves out."""
        fields = ("last_login", "date_joined")
        if obj is not None and obj.pk == request.user.pk:
            return (*fields, "is_active", "is_staff", "is_superuser")
        return fields if request.user.is_superuser else (*fields, "is_superuser")

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """What goes along; an account that a history names stays, and so does one's own."""
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
        """Delete an account that no history names."""
        self.delete_queryset(request, User.objects.filter(pk=obj.pk))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet) -> None:
        """Delete accounts that no history names. Raises ProtectedError when one came into a history meanwhile."""
        with transaction.atomic():
            keys = list(queryset.order_by().values_list("pk", flat=True))
            list(User.objects.select_for_update().filter(pk__in=keys).values_list("pk"))
            entries = LogEntry.objects.filter(user__in=keys)
            if entries.exists():
                raise ProtectedError("A history names these accounts.", set(entries[:5]))
            User.objects.filter(pk__in=keys).delete()

    @admin.action(description=_("Make inactive: can no longer sign in"), permissions=["change"])
    def deactivate(self, request: HttpRequest, queryset: QuerySet) -> None:
        """Refuse the chosen accounts from now on; what they did stays theirs."""
        self._set_active(request, queryset, False)

    @admin.action(description=_("Make active again"), permissions=["change"])
    def activate(self, request: HttpRequest, queryset: QuerySet) -> None:
        """Let the chosen accounts sign in again."""
        self._set_active(request, queryset, True)

    def _set_active(self, request: HttpRequest, queryset: QuerySet, is_active: bool) -> None:
        """Switch the accounts that the editor may, never their own; say how many, and which could not."""
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
    """Groups: changed by those who have all rights that they give."""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Not a group that gives more rights than one's own."""
        return super().has_change_permission(request, obj) and (
            obj is None or covers_group(request.user, obj)
        )

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """As for a change."""
        return super().has_delete_permission(request, obj) and (
            obj is None or covers_group(request.user, obj)
        )
