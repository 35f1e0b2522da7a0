"""Links to previews, for people without an account."""

from __future__ import annotations

import uuid
from typing import Any, Self

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pzgent.kernel import fields

SIGNER = Signer(salt="pzgent.preview-link")


class PreviewLinkQuerySet(models.QuerySet):
    """Queryset of links to previews."""

    def working(self) -> Self:
        """Return the links that work now: not withdrawn, not over, and made by an active account."""
        return self.filter(withdrawn_at=None, ends_at__gt=timezone.now(), made_by__is_active=True)

    def about(self, label: str, key: str) -> Self:
        """Return the links to the preview of an item, newest first."""
        return self.filter(model=label, key=key).select_related("made_by").order_by("-made_at")

    def get_by_token(self, token: str) -> Any:
        """Return the link with this token, also if it works no longer; None if there is none.

        The token is the key of the row, signed; comparing the signatures takes the same time for each token.
        """
        try:
            return self.select_related("made_by").filter(pk=uuid.UUID(SIGNER.unsign(token))).first()
        except (BadSignature, ValueError):
            return None


class PreviewLink(models.Model):
    """A link with which anybody sees the preview of one item, for a number of days.

    Whether it still shows the item also depends on the account that made it, and on what that may see.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    model = fields.CharField(_("kind"), max_length=80, editable=False)
    key = fields.CharField(_("key"), max_length=64, editable=False)
    title = fields.CharField(_("what it shows"), max_length=300, editable=False)
    moment = models.DateTimeField(_("as of"), editable=False)
    with_drafts = models.BooleanField(_("with the drafts that belong to it"), default=False, editable=False)
    for_whom = fields.CharField(
        _("for whom"),
        max_length=120,
        blank=True,
        help_text=_(
            "To recognise the link later, for example “police board”. Whoever opens it does not see this."
        ),
    )
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("made by"),
        on_delete=models.CASCADE,
        related_name="+",
        editable=False,
    )
    made_at = models.DateTimeField(_("made on"), default=timezone.now, editable=False)
    ends_at = models.DateTimeField(_("works until"), editable=False)
    withdrawn_at = models.DateTimeField(_("withdrawn on"), null=True, editable=False)

    objects = PreviewLinkQuerySet.as_manager()

    class Meta:
        verbose_name = _("link to a preview")
        verbose_name_plural = _("links to previews")
        ordering = ["-made_at", "pk"]
        default_permissions = ("view", "change")
        indexes = [models.Index(fields=["model", "key"], name="pzgent_previewlink_about")]
        constraints = [
            models.CheckConstraint(
                name="pzgent_previewlink_ends_after_start",
                condition=Q(ends_at__gt=models.F("made_at")),
                violation_error_message=_("The link must end after it was made."),
            )
        ]

    def __str__(self) -> str:
        return self.title

    def get_address(self) -> str:
        """Return the address to give to people: whoever has it sees the preview."""
        return reverse("preview-link", args=[SIGNER.sign(self.pk.hex)])

    @property
    def is_working(self) -> bool:
        """Whether it works now."""
        return self.withdrawn_at is None and self.ends_at > timezone.now() and self.made_by.is_active

    def withdraw(self) -> bool:
        """Let it work no longer; return whether it still did."""
        found = type(self).objects.filter(pk=self.pk, withdrawn_at=None)
        return bool(found.update(withdrawn_at=timezone.now()))
