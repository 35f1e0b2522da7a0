"""Admin of accounts and groups: editors cannot grant rights that they lack, and accounts in a history are kept."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import LogEntry
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, Permission, User
from django.db import transaction
from django.db.models import Count, ProtectedError, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from pzgent.admin.account_forms import AccountForm, PasswordForm, RoleForm
from pzgent.admin.factors import erase
from pzgent.admin.sign_in_log import record, tell_of_reset
from pzgent.kernel.editing import (
    ConfirmedAdmin,
    GuardedAdmin,
    OnceAdmin,
    UnchangedAdmin,
    ask_to_confirm,
    log_change,
)
from pzgent.kernel.editing.area import account_inlines
from pzgent.kernel.sessions import sign_out_everywhere
from pzgent.models import DeskSubscription, Factor, SignInEvent, SignInEventKind

# Help for the fields of Django's own models that have none.
HELP = {
    "first_name": _("Colleagues see it in the history."),
    "last_name": _("Colleagues see it in the history."),
    "email": _("The address at work; a new password is sent there."),
    "name": _("What the members do, for example “Translators”."),
}

ACTIONS = {
    "add": _("add"),
    "change": _("change"),
    "delete": _("delete"),
    "view": _("view"),
    "import": _("import"),
}
# The rights on an action instead of a model.
OF_NO_MODEL = {
    "publish": _("publish and withdraw"),
    "publish_solo": _("change what is on the site without a second person"),
    "translate": _("change translations"),
}


class RightsField(forms.ModelMultipleChoiceField):
    """A choice of permissions, by the names of the models and actions in the language of the editor."""

    def label_from_instance(self, obj: Any) -> str:
        """Return the app, the model and the action; Django names the action in English."""
        action, _separator, name = obj.codename.partition("_")
        if action in ACTIONS and name == obj.content_type.model:
            return f"{obj.content_type}: {ACTIONS[action]}"
        if obj.codename in OF_NO_MODEL:
            return str(OF_NO_MODEL[obj.codename])
        return f"{obj.content_type}: {gettext(obj.name)}"


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


class WithinOwnRights(ConfirmedAdmin, OnceAdmin, UnchangedAdmin, GuardedAdmin):
    """Limit the choice of groups and permissions to those of the editor, who proves first who they are."""

    change_form_template = "admin/portal_change_form.html"
    # Their add forms differ from their change forms.
    takes_corrections = False

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Show or save the form; in one transaction, so that its row is locked before it is compared."""
        if request.method != "POST":
            return super().changeform_view(request, *args, **kwargs)
        with transaction.atomic():
            return super().changeform_view(request, *args, **kwargs)

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """Return the form field, with help if Django gives none."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and not field.help_text:
            field.help_text = HELP.get(db_field.name, "")
        return field

    def formfield_for_manytomany(self, db_field: Any, request: Any = None, **kwargs: Any) -> Any:
        """Return the form field, with only the groups or permissions that the editor may grant."""
        if db_field.related_model is Permission:
            kwargs["form_class"] = RightsField
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

    form = AccountForm
    change_password_form = PasswordForm
    inlines: ClassVar[Any] = account_inlines
    actions = ("deactivate", "activate", "erase_second_step", "end_sessions")

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        """Return the inlines that limit an existing account."""
        return self.inlines if obj else []

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
        # These belong to the account alone: to delete them along takes no right of their own.
        parts = (DeskSubscription, Factor, SignInEvent, *(inline.model for inline in account_inlines))
        missing = set(missing) - {str(model._meta.verbose_name) for model in parts}
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

    def user_change_password(
        self, request: HttpRequest, id: str, form_url: str = ""
    ) -> HttpResponse:  # Django's name
        """Show or save the form for another password, after the proof of who the editor is."""
        asked = ask_to_confirm(request) if self.has_change_permission(request) else None
        response: HttpResponse = asked or super().user_change_password(request, id, form_url)
        return response

    @admin.action(description=_("Erase the second step: the phone is lost"), permissions=["change"])
    def erase_second_step(self, request: HttpRequest, queryset: QuerySet) -> None:
        """Delete the factors of the selected accounts and end their sessions; their owners are told by mail."""
        changed = self._changeable(request, queryset)
        for account in changed:
            erase(account)
            sign_out_everywhere(account.pk)
            record(request, account, SignInEventKind.FACTORS_RESET)
            tell_of_reset(account, request.user)
        log_change(request, changed, gettext("second step"))
        self._report(request, changed)

    @admin.action(description=_("Sign out everywhere"), permissions=["change"])
    def end_sessions(self, request: HttpRequest, queryset: QuerySet) -> None:
        """End all sessions of the selected accounts."""
        changed = self._changeable(request, queryset)
        for account in changed:
            sign_out_everywhere(account.pk)
            record(request, account, SignInEventKind.SIGNED_OUT_EVERYWHERE)
        self._report(request, changed)

    def _changeable(self, request: HttpRequest, queryset: QuerySet) -> list[User]:
        """Return the accounts that the editor may change, never their own; name the others in a message."""
        found = []
        for account in queryset.order_by("username"):
            if account.pk != request.user.pk and self.has_change_permission(request, account):
                found.append(account)
                continue
            text = gettext("“%(account)s” was not changed: you may not do that with this account.")
            messages.error(request, text % {"account": account})
        return found

    def _report(self, request: HttpRequest, changed: list[User]) -> None:
        text = ngettext("%(count)d account was changed.", "%(count)d accounts were changed.", len(changed))
        messages.success(request, text % {"count": len(changed)})

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
        with transaction.atomic():
            changed = self._changeable(request, queryset.exclude(is_active=is_active))
            for account in changed:
                account.is_active = is_active
                account.save(update_fields=["is_active"])
            log_change(request, changed, str(User._meta.get_field("is_active").verbose_name))
        self._report(request, changed)


@admin.register(Group)
class RoleAdmin(WithinOwnRights, GroupAdmin):
    """Groups: may be changed by editors who have all rights that these grant."""

    form = RoleForm

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


@admin.register(SignInEvent)
class SignInEventAdmin(GuardedAdmin):
    """The sign-in log, read-only."""

    list_display = ("at", "account", "kind", "how", "network")
    list_filter = ("kind",)
    list_select_related = ("account",)
    date_hierarchy = "at"
    search_fields = ("account__username", "account__last_name")
    list_per_page = 50

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Deny adding: the portal keeps the log."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Deny changing."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Deny deleting: entries are deleted after `SIGN_IN_LOG_DAYS`."""
        return False
