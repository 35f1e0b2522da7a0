"""Accounts: attempts and events of signing in, second factors, and the roles that the portal made."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from pzgent.kernel import fields


class SignIn(models.Model):
    """A failed attempt to sign in, or the last successful one of an account from an address.

    Names and addresses are only stored as keyed hashes; see `pzgent.admin.sign_in`, which also deletes the rows.
    """

    account = fields.CharField(max_length=64)
    address = fields.CharField(max_length=64)
    at = models.DateTimeField(db_index=True)
    succeeded = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("attempt to sign in")
        verbose_name_plural = _("attempts to sign in")
        default_permissions = ()
        indexes = [
            models.Index(fields=["account", "at"], name="pzgent_signin_account"),
            models.Index(fields=["address", "at"], name="pzgent_signin_address"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S}"


class SignInEventKind(models.TextChoices):
    """Kinds of events in the sign-in log."""

    SIGNED_IN = "signed_in", _("signed in")
    SIGNED_OUT = "signed_out", _("signed out")
    SIGNED_OUT_EVERYWHERE = "out_everywhere", _("signed out everywhere")
    WRONG_PASSWORD = "wrong_password", _("wrong password")
    WRONG_CODE = "wrong_code", _("wrong code")
    THROTTLED = "throttled", _("refused after too many attempts")
    CONFIRMED = "confirmed", _("confirmed again who it is")
    FACTOR_ADDED = "factor_added", _("added a second step")
    FACTOR_REMOVED = "factor_removed", _("removed a second step")
    FACTORS_RESET = "factors_reset", _("second step erased by a colleague")
    PASSWORD_RESET_ASKED = "reset_asked", _("asked for a new password")
    PASSWORD_RESET = "password_reset", _("chose a new password by mail")


class SignInMethod(models.TextChoices):
    """Ways to prove who one is, and the command of the operator."""

    PASSWORD = "password", _("password")
    TOTP = "totp", _("authenticator app")
    PASSKEY = "passkey", _("passkey")
    RECOVERY = "recovery", _("recovery code")
    PROVIDER = "provider", _("identity provider")
    COMMAND = "command", _("command of the operator")


class SignInEvent(models.Model):
    """An entry in the sign-in log of a known account.

    `network` is the first part of the address only, which tells home from office but names nobody.
    """

    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("account"), on_delete=models.CASCADE, related_name="events"
    )
    at = models.DateTimeField(_("when"), auto_now_add=True, db_index=True)
    kind = fields.CharField(_("what"), max_length=16, choices=SignInEventKind)
    how = fields.CharField(_("how"), max_length=12, choices=SignInMethod, blank=True)
    network = fields.CharField(_("network"), max_length=40, blank=True)

    class Meta:
        default_permissions = ("view",)
        verbose_name = _("event of signing in")
        verbose_name_plural = _("sign-in log")
        ordering = ("-at", "-pk")

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.get_kind_display()}"


class FactorKind(models.TextChoices):
    """Kinds of second factors."""

    TOTP = "totp", _("authenticator app")
    PASSKEY = "passkey", _("passkey")
    RECOVERY = "recovery", _("recovery code")


class Factor(models.Model):
    """A second factor of an account: an authenticator app, a passkey, or one unused recovery code.

    `secret` is an encrypted key, the credential of a passkey, or the digest of a code. `counter` is the last time step
    that was used of an app, which makes each of its codes valid once, and the signature count of a passkey.
    """

    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="factors")
    kind = fields.CharField(_("kind"), max_length=8, choices=FactorKind)
    name = fields.CharField(_("name"), max_length=60, blank=True)
    secret = fields.TextField()
    counter = models.BigIntegerField(default=0)
    created = models.DateTimeField(_("added"), auto_now_add=True)
    used = models.DateTimeField(_("last used"), null=True)

    class Meta:
        default_permissions = ()
        verbose_name = _("second step")
        verbose_name_plural = _("second steps")
        ordering = ("created", "pk")

    def __str__(self) -> str:
        return self.name or str(FactorKind(self.kind).label)


class Role(models.Model):
    """A group that the portal made, and the rights that it gave it once; editors may change the group afterwards.

    `group_key` is the primary key of a group that may no longer exist: a deleted one is not made again.
    """

    code = fields.CharField(max_length=20, unique=True)
    group_key = models.PositiveIntegerField()
    given = fields.JSONField(default=list)

    class Meta:
        default_permissions = ()
        permissions: ClassVar[Any] = [
            ("publish", "Can decide what the public sees of what may be changed"),
            ("publish_solo", "Can change what the public sees without a second person"),
            ("translate", "Can change the translations of what may be viewed"),
        ]

    def __str__(self) -> str:
        return self.code
