"""Forms of accounts and groups, refused like those of the content if a colleague saved in the meantime."""

import hashlib
from typing import Any

from django.contrib.auth.forms import AdminPasswordChangeForm, SetUnusablePasswordMixin, UserChangeForm
from django.contrib.auth.models import Group, User
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from pzgent.kernel.editing import SafeForm

# Changes by itself whenever somebody signs in.
LEFT_OUT = frozenset({"last_login"})


class _RightsForm(SafeForm):
    """A form whose version token covers the groups and permissions of its object too."""

    def get_version_token(self) -> str:
        """Return a digest of the columns and of the related keys as they are stored."""
        stored: Any = type(self.instance)._base_manager.get(pk=self.instance.pk)
        opts = stored._meta
        columns = [
            field.value_from_object(stored) for field in opts.concrete_fields if field.name not in LEFT_OUT
        ]
        related = [
            sorted(getattr(stored, field.name).values_list("pk", flat=True)) for field in opts.many_to_many
        ]
        return hashlib.sha256(repr((columns, related)).encode()).hexdigest()[:20]


class AccountForm(_RightsForm, UserChangeForm):
    """Form of an account."""

    class Meta(UserChangeForm.Meta):
        model = User


class RoleForm(_RightsForm):
    """Form of a group."""

    class Meta:
        model = Group
        fields = "__all__"


class PasswordForm(AdminPasswordChangeForm):
    """Django's form for the password of somebody else, with the warning that it leaves in English."""

    usable_password_help_text = format_lazy(  # type: ignore[assignment]  # lazy, as the one of Django
        '{}<ul id="id_unusable_warning" class="messagelist"><li class="warning">{}</li></ul>',
        SetUnusablePasswordMixin.usable_password_help_text,
        _("If disabled, the current password for this user will be lost."),
    )
