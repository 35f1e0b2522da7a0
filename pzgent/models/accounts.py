"""Attempts to sign in."""

from __future__ import annotations

from django.db import models

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
        default_permissions = ()
        indexes = [
            models.Index(fields=["account", "at"], name="pzgent_signin_account"),
            models.Index(fields=["address", "at"], name="pzgent_signin_address"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S}"
