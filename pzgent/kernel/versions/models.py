"""Stored versions of what editors edit, and the working copies beside them."""

from __future__ import annotations

import datetime
import hashlib
import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pzgent.kernel import fields
from pzgent.kernel.files.fields import keep_files_of


class VersionKind(models.TextChoices):
    """How a version came about."""

    ADDED = "added", _("added")
    CHANGED = "changed", _("changed")
    OUTSIDE = "outside", _("loaded, or changed outside the admin")
    PUBLISHED = "published", _("working copy published")
    RESTORED = "restored", _("restored")
    DELETED = "deleted", _("deleted")


class VersionQuerySet(models.QuerySet):
    """Queryset of versions."""

    def of(self, obj: models.Model) -> VersionQuerySet:
        """Return the versions of an object, newest first."""
        return self.filter(model=obj._meta.label_lower, object_id=str(obj.pk)).order_by("-pk")


class Version(models.Model):
    """The state of one object after a save; of a deleted object its last state, and all that was deleted along.

    Versions that one request made share their `batch`.
    """

    model = fields.CharField(max_length=80)
    object_id = fields.CharField(max_length=64)
    label = fields.CharField(max_length=200)
    kind = fields.CharField(max_length=12, choices=VersionKind)
    batch = models.UUIDField(default=uuid.uuid4, db_index=True)
    at = models.DateTimeField(default=timezone.now)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    reason = fields.CharField(max_length=200, blank=True)
    snapshot = fields.JSONField()
    digest = fields.CharField(max_length=64)
    along = fields.JSONField(default=list)
    files = fields.TextField(blank=True)

    objects = VersionQuerySet.as_manager()

    class Meta:
        app_label = "pzgent"
        verbose_name = _("version")
        verbose_name_plural = _("versions")
        indexes = [
            models.Index(fields=["model", "object_id", "-id"], name="pzgent_version_of_object"),
            models.Index(fields=["kind", "-id"], name="pzgent_version_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.model} {self.object_id}: {self.label}"

    @property
    def who(self) -> str:
        """The name of the editor; empty if nobody is known."""
        return "" if self.user is None else self.user.get_full_name() or self.user.get_username()


class ApprovalState(models.TextChoices):
    """How far the approval by a second person has come."""

    NOT_ASKED = "", _("not asked")
    ASKED = "asked", _("asked")
    SENT_BACK = "sent_back", _("sent back")


class Approvable(models.Model):
    """Item that a second person approves by publishing it, or sends back with a remark.

    `approval_of` is the state for which approval was asked: any later change makes the request stale.
    """

    approval = fields.CharField(
        max_length=9,
        choices=ApprovalState,
        default=ApprovalState.NOT_ASKED,
        db_default="",
        blank=True,
        editable=False,
    )
    approval_of = fields.CharField(max_length=64, blank=True, db_default="", editable=False)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    asked_at = models.DateTimeField(null=True, editable=False)
    asked_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    note = fields.TextField(_("note"), blank=True, db_default="", editable=False)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    answered_at = models.DateTimeField(null=True, editable=False)
    remark = fields.TextField(_("remark"), blank=True, db_default="", editable=False)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                name="pzgent_%(class)s_approval_known",
                condition=models.Q(approval__in=ApprovalState.values),
                violation_error_message=_("Approval is not asked, asked, or sent back."),
            ),
            models.CheckConstraint(
                name="pzgent_%(class)s_approval_asked",
                condition=models.Q(approval="") | models.Q(asked_by__isnull=False, asked_at__isnull=False),
                violation_error_message=_("Somebody must have asked for the approval."),
            ),
            models.CheckConstraint(
                name="pzgent_%(class)s_sent_back",
                condition=~models.Q(approval="sent_back")
                | (models.Q(answered_by__isnull=False, answered_at__isnull=False) & ~models.Q(remark="")),
                violation_error_message=_("Say what has to change when you send something back."),
            ),
        ]

    @property
    def state(self) -> str:
        """A text that changes with everything that is approved."""
        raise NotImplementedError  # a hook: a copy and a bundle each have their own

    @property
    def is_waiting(self) -> bool:
        """True if approval was requested for its current state."""
        return self.approval == ApprovalState.ASKED and self.approval_of == self.state

    @property
    def is_stale(self) -> bool:
        """True if it changed after approval was requested."""
        return self.approval == ApprovalState.ASKED and self.approval_of != self.state

    @property
    def is_sent_back(self) -> bool:
        """True if a second person sent it back."""
        return self.approval == ApprovalState.SENT_BACK

    def ask_approval(self, editor: Any, note: str = "", colleague: Any = None) -> None:
        """Ask a second person to approve it as it is now, and save."""
        self.approval, self.approval_of = ApprovalState.ASKED, self.state
        self.asked_by, self.asked_at, self.asked_of, self.note = editor, timezone.now(), colleague, note
        self.answered_by, self.answered_at, self.remark = None, None, ""
        self.save()

    def send_back(self, editor: Any, remark: str) -> None:
        """Send it back with a remark, and save."""
        self.approval = ApprovalState.SENT_BACK
        self.answered_by, self.answered_at, self.remark = editor, timezone.now(), remark
        self.save()


class Scheduled(models.Model):
    """Item that the worker publishes at a moment, for the editor who set it.

    `problem` is why the last attempt failed; `is_told`, whether that was mailed.
    """

    publish_at = models.DateTimeField(_("publish at"), null=True, editable=False, db_index=True)
    scheduled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    problem = fields.TextField(blank=True, editable=False)
    tried_at = models.DateTimeField(null=True, editable=False)
    is_told = models.BooleanField(default=False, db_default=False, editable=False)

    class Meta:
        abstract = True

    def schedule(self, moment: datetime.datetime, editor: Any) -> None:
        """Set the moment of publication, and save."""
        self.publish_at, self.scheduled_by = moment, editor
        self.problem, self.tried_at, self.is_told = "", None, False
        self.save()

    def call_off(self) -> None:
        """Remove the moment of publication, and save."""
        self.publish_at, self.scheduled_by = None, None
        self.problem, self.tried_at, self.is_told = "", None, False
        self.save()


class Bundle(Approvable, Scheduled):
    """A named set of working copies that are published together, in one transaction.

    Once published, `batch` is that of the versions it made: they are undone as one.
    """

    title = fields.CharField(
        _("title"),
        max_length=200,
        help_text=_("What it is for, for example “Reorganisation of 1 January 2027”."),
    )
    published_at = models.DateTimeField(_("published on"), null=True, editable=False)
    batch = models.UUIDField(null=True, editable=False)

    class Meta:
        app_label = "pzgent"
        verbose_name = _("bundle")
        verbose_name_plural = _("bundles")
        ordering = ["-published_at", "title", "pk"]
        constraints = [
            *Approvable.Meta.constraints,
            models.CheckConstraint(
                name="pzgent_bundle_has_title",
                condition=~models.Q(title=""),
                violation_error_message=_("A bundle needs a title."),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def state(self) -> str:
        """A digest of what is in it. One query."""
        members = list(self.copies.order_by("pk").values_list("pk", "revision"))
        return hashlib.sha256(repr(members).encode()).hexdigest()


class WorkingCopy(Approvable, Scheduled):
    """A changed copy of an object beside the stored one, which stays as it is until the copy is published.

    `base` is the snapshot of the object from which the copy was made.
    """

    model = fields.CharField(max_length=80)
    object_id = fields.CharField(max_length=64)
    label = fields.CharField(max_length=200)
    snapshot = fields.JSONField()
    base = fields.JSONField()
    revision = models.PositiveIntegerField(default=1)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    modified = models.DateTimeField(default=timezone.now)
    files = fields.TextField(blank=True)
    bundle = models.ForeignKey(Bundle, on_delete=models.PROTECT, null=True, related_name="copies")

    class Meta:
        app_label = "pzgent"
        verbose_name = _("working copy")
        verbose_name_plural = _("working copies")
        constraints = [
            *Approvable.Meta.constraints,
            models.UniqueConstraint(fields=["model", "object_id"], name="pzgent_working_copy_once"),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def by(self) -> str:
        """The name of the editor who saved it last."""
        return self.author.get_full_name() or self.author.get_username()

    @property
    def state(self) -> str:
        """The revision: each save of the copy increases it."""
        return str(self.revision)


def _is_kept(name: str, using: str | None) -> bool:
    """Return whether a version or a working copy refers to a stored file."""
    keepers: tuple[Any, ...] = (Version, WorkingCopy)
    return any(keeper._base_manager.using(using).filter(files__contains=name).exists() for keeper in keepers)


keep_files_of(_is_kept)
