"""Records of the loaded starting content, and the changes to it that await a decision by the editors."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable

from django.apps import apps
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pzgent.kernel import fields


class Installation(models.Model):
    """The release that last used this database, and when the editors took over the content. A single row."""

    release = fields.CharField(max_length=20)
    taken_over = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("installation")
        verbose_name_plural = _("installations")
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="pzgent_installation_once")]

    def __str__(self) -> str:
        return self.release


class PlanRecord(models.Model):
    """An entry of the starting content as last loaded.

    The difference between these values and the row shows what an editor has changed, which is never overwritten.
    Without an object id, it is a new entry that the editors refused.
    """

    model = fields.CharField(max_length=60)
    key = fields.CharField(max_length=400)
    object_id = fields.CharField(max_length=40)
    values = fields.JSONField(default=dict)

    class Meta:
        verbose_name = _("loaded content")
        verbose_name_plural = _("loaded content")
        ordering = ["model", "key"]
        constraints = [models.UniqueConstraint(fields=["model", "key"], name="pzgent_planrecord_once")]

    def __str__(self) -> str:
        return f"{self.model} {self.key}"

    @property
    def content_model(self) -> type[models.Model] | None:
        """The model of the entry, or None if this release has no such model."""
        return _model_named(self.model)


def _model_named(label: str) -> type[models.Model] | None:
    try:
        return apps.get_model(label)
    except LookupError:
        return None


class ContentProposalQuerySet(models.QuerySet):
    """Queries on the proposals that await a decision."""

    def replace(self, proposals: Iterable[ContentProposal]) -> None:
        """Replace all proposals by these, keeping the rows of proposals whose content did not change."""
        new = {(proposal.model, proposal.key): proposal for proposal in proposals}
        stored: Iterable[ContentProposal] = ContentProposal.objects.all()
        known = {(proposal.model, proposal.key): proposal for proposal in stored}
        for identity, proposal in known.items():
            if identity not in new or new[identity].version_token != proposal.version_token:
                proposal.delete()
            elif (position := new.pop(identity).position) != proposal.position:
                self.filter(pk=proposal.pk).update(position=position)
        ContentProposal.objects.bulk_create(new.values())


class ContentProposal(models.Model):
    """A difference between the content files of the release and the database, which awaits a decision by an editor.

    It concerns some fields of a row, or a new entry. `reason` is set if it could not be loaded at the last attempt.
    """

    model = fields.CharField(max_length=60)
    key = fields.CharField(max_length=400)
    path = fields.CharField(max_length=200)
    position = models.PositiveIntegerField()
    is_new = models.BooleanField()
    object_id = fields.CharField(max_length=40, blank=True)
    entry = fields.JSONField(encoder=DjangoJSONEncoder)
    changes = fields.JSONField(encoder=DjangoJSONEncoder)
    reason = fields.TextField(blank=True)
    since = models.DateTimeField(default=timezone.now)

    objects = ContentProposalQuerySet.as_manager()

    class Meta:
        verbose_name = _("proposal of a release")
        verbose_name_plural = _("proposals of a release")
        ordering = ["position", "pk"]
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["model", "key"], name="pzgent_contentproposal_once")]

    def __str__(self) -> str:
        return f"{self.model} {self.key}"

    @property
    def content_model(self) -> type[models.Model] | None:
        """The model of the entry, or None if this release has no such model."""
        return _model_named(self.model)

    @property
    def version_token(self) -> str:
        """A short digest of what is proposed."""
        parts = [self.is_new, self.entry, self.changes, self.reason]
        text = json.dumps(parts, cls=DjangoJSONEncoder, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:20]
