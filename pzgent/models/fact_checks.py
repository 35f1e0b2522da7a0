"""Requests to a service to check the facts about it, and its answers."""

from __future__ import annotations

import datetime
import uuid
from typing import Any, Self

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pzgent.kernel import fields

VALID_DAYS = 21
LONGEST_REMARK = 1_000
SIGNER = Signer(salt="pzgent.fact-check")


def default_end() -> datetime.datetime:
    """Return the moment until which a new link works."""
    return timezone.now() + datetime.timedelta(days=VALID_DAYS)


class FactCheckQuerySet(models.QuerySet):
    """Queryset of requests."""

    def get_by_token(self, token: str) -> FactCheck | None:
        """Return the request of a link; None for a forged or unknown token."""
        try:
            key = uuid.UUID(SIGNER.unsign(token))
        except (BadSignature, ValueError):
            return None
        checks: Any = self.filter(pk=key).select_related("unit")
        return checks.first()


class FactCheck(models.Model):
    """Request to the head of a unit, who has no account, to check the facts about that unit through a signed link."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    unit = models.ForeignKey(
        "organisation.Unit",
        verbose_name=_("unit"),
        on_delete=models.CASCADE,
        related_name="+",
        help_text=_(
            "Who opens the link sees the facts about this unit: its tasks, channels, places and projects."
        ),
    )
    ends = models.DateTimeField(
        _("valid until"),
        default=default_end,
        help_text=_("After this moment the link shows nothing any more."),
    )
    is_withdrawn = models.BooleanField(
        _("withdrawn"),
        default=False,
        help_text=_("Tick this when the link went to the wrong person. It stops working at once."),
    )
    note = fields.CharField(
        _("note for editors"),
        max_length=200,
        blank=True,
        help_text=_(
            "For example to which function you sent the link. Name no persons. Never shown to the public."
        ),
    )
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("made by"),
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
    )
    created = models.DateTimeField(_("created"), auto_now_add=True)

    objects = FactCheckQuerySet.as_manager()

    class Meta:
        verbose_name = _("fact check by a service")
        verbose_name_plural = _("fact checks by services")
        ordering = ["-created"]

    def __str__(self) -> str:
        return (
            f"{self.unit} ({timezone.localtime(self.created):%d/%m/%Y})" if self.created else str(self.unit)
        )

    @property
    def token(self) -> str:
        """The token of the link."""
        return SIGNER.sign(self.pk.hex)

    @property
    def is_open(self) -> bool:
        """Whether the link still works."""
        return not self.is_withdrawn and timezone.now() < self.ends


class Verdict(models.TextChoices):
    """What a service says about a fact."""

    RIGHT = "right", _("right")
    WRONG = "wrong", _("wrong")


# A reported error that no editor has settled.
TO_SETTLE = models.Q(verdict=Verdict.WRONG, settled_on=None)


class FactAnswerQuerySet(models.QuerySet):
    """Queryset of answers."""

    def to_settle(self) -> Self:
        """Filter the reported errors that no editor has settled."""
        return self.filter(TO_SETTLE)


class FactAnswer(models.Model):
    """Verdict of a service about one object."""

    check_request = models.ForeignKey(
        FactCheck, verbose_name=_("fact check by a service"), on_delete=models.CASCADE, related_name="answers"
    )
    # The object: the label of its model and its key. It may be deleted later; the answer remains.
    label = fields.CharField(max_length=60, editable=False)
    key = models.UUIDField(editable=False)
    title = fields.CharField(_("fact"), max_length=250, editable=False)
    verdict = fields.CharField(_("answer"), max_length=5, choices=Verdict, editable=False)
    remark = fields.TextField(_("what is wrong"), blank=True, editable=False)
    at = models.DateTimeField(_("answered at"), default=timezone.now, editable=False)
    settled_on = models.DateField(
        _("settled on"),
        null=True,
        blank=True,
        help_text=_("The day on which you corrected the fact, or found that it is right."),
    )
    outcome = fields.CharField(
        _("what you did"),
        max_length=200,
        blank=True,
        help_text=_("For example “number corrected”, or why it stays as it is. Never shown to the public."),
    )

    objects = FactAnswerQuerySet.as_manager()

    class Meta:
        verbose_name = _("answer of a service")
        verbose_name_plural = _("answers of services")
        ordering = ["-at"]
        constraints = [
            models.UniqueConstraint(
                fields=["check_request", "label", "key"], name="pzgent_factanswer_once_per_fact"
            ),
            models.CheckConstraint(
                name="pzgent_factanswer_verdict_known", condition=models.Q(verdict__in=Verdict.values)
            ),
            models.CheckConstraint(
                name="pzgent_factanswer_says_what_is_wrong",
                condition=~models.Q(verdict="wrong") | ~models.Q(remark=""),
            ),
        ]

    def __str__(self) -> str:
        return self.title
