"""Subscriptions of an account: a weekly digest by mail, and a private calendar."""

from __future__ import annotations

import datetime
import uuid
from typing import Any

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

SIGNER = Signer(salt="pzgent.desk-calendar")


class DeskSubscriptionQuerySet(models.QuerySet):
    """Queryset of subscriptions."""

    def digest_due(self, week: datetime.date) -> DeskSubscriptionQuerySet:
        """Return those that want a digest and had none in the week that begins on this Monday."""
        active = self.filter(account__is_active=True, account__is_staff=True).exclude(account__email="")
        return active.filter(_before(week), weekly_digest=True)

    def claim(self, key: Any, week: datetime.date) -> bool:
        """Note that the digest of a week is being sent; return whether this process is the one to send it."""
        # Without a join: PostgreSQL evaluates the condition again, after waiting for another process, only on the row.
        return bool(self.filter(_before(week), pk=key).update(digest_week=week))

    def get_by_token(self, token: str) -> DeskSubscription | None:
        """Return the subscription with this secret address, if its account may still sign in to the admin."""
        try:
            key = uuid.UUID(SIGNER.unsign(token))
        except (BadSignature, ValueError):
            return None
        active: Any = self.filter(account__is_active=True, account__is_staff=True)
        found: DeskSubscription | None = active.select_related("account").filter(calendar_key=key).first()
        return found


def _before(week: datetime.date) -> Q:
    return Q(digest_week=None) | Q(digest_week__lt=week)


class DeskSubscription(models.Model):
    """The digest and the calendar of one account; `digest_week` is the Monday of the last week that had its digest."""

    account = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="subscription"
    )
    weekly_digest = models.BooleanField(_("weekly mail"), default=False)
    digest_week = models.DateField(null=True)
    calendar_key = models.UUIDField(null=True, unique=True)

    objects = DeskSubscriptionQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        verbose_name = _("mail and calendar of an account")
        verbose_name_plural = _("mail and calendars of accounts")

    def __str__(self) -> str:
        return str(self.account)

    def get_calendar_address(self) -> str:
        """Return the secret address of the calendar; empty if there is none."""
        if self.calendar_key is None:
            return ""
        return reverse("desk-calendar", args=[SIGNER.sign(self.calendar_key.hex)])
