"""Steps that editors take in the tree of an organogram, each with what is needed to undo it."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from organisation.models.structure import Organogram
from organisation.querysets.steps import StructureStepQuerySet
from pzgent.kernel import fields


class StructureStep(models.Model):
    """One change of the structure of an organogram, and the rows that it replaced.

    A change that applies to several organograms is one step in each, with the same `group`. `state_before` and
    `state_after` are digests of the whole tree: a step can be undone only while the tree is as the step left it.
    """

    organogram = models.ForeignKey(
        Organogram, verbose_name=_("organogram"), on_delete=models.CASCADE, related_name="+"
    )
    group = models.UUIDField(default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("by"),
        on_delete=models.CASCADE,
        null=True,
        related_name="+",
    )
    at = models.DateTimeField(default=timezone.now)
    text = fields.CharField(max_length=400)
    replaced = fields.JSONField(default=dict)
    state_before = fields.CharField(max_length=64)
    state_after = fields.CharField(max_length=64)
    undone_at = models.DateTimeField(null=True, blank=True)

    objects = StructureStepQuerySet.as_manager()

    class Meta:
        verbose_name = _("step in an organogram")
        verbose_name_plural = _("steps in organograms")
        ordering = ["-pk"]
        # Nobody edits steps: the workshop writes them, under the rights on placements.
        default_permissions = ()
        indexes = [models.Index(fields=["organogram", "-id"], name="organisation_step_newest")]

    def __str__(self) -> str:
        return self.text

    @property
    def by(self) -> str:
        """Return the name of the editor who took the step; empty if a program did."""
        return (self.user.get_full_name() or self.user.get_username()) if self.user else ""
