"""Work on many rows at once, in portions: an import, or an action on a selection.

A job belongs to one account and one model; each of its lines is one row and what becomes of it. The line changes in the
transaction that does its work, so that a job continues where it stopped and does nothing twice.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pzgent.kernel import fields

KEPT_FOR = datetime.timedelta(days=1)
LINES_PER_INSERT = 500
LONGEST_LABEL = 200


class JobState(models.TextChoices):
    """How far a job is."""

    ASKED = "asked", _("waits for confirmation")
    RUNNING = "running", _("running")
    CHECKED = "checked", _("checked")
    DONE = "done", _("done")
    CALLED_OFF = "called_off", _("called off")


class LineState(models.TextChoices):
    """What becomes of a row."""

    WAITING = "waiting", _("waiting")
    ERROR = "error", _("error")
    NEW = "new", _("new")
    CHANGED = "changed", _("changed")
    UNCHANGED = "unchanged", _("unchanged")
    DONE = "done", _("done")
    SKIPPED = "skipped", _("skipped")


class Job(models.Model):
    """Work on many rows of one model, asked for by one account."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    model = fields.CharField(max_length=80)
    kind = fields.CharField(max_length=40)
    state = fields.CharField(max_length=10, choices=JobState, default=JobState.ASKED)
    context = fields.JSONField(default=dict)
    created = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        app_label = "pzgent"
        verbose_name = _("work on many rows")
        verbose_name_plural = _("work on many rows")

    def __str__(self) -> str:
        return f"{self.kind} {self.model} ({self.state})"

    @classmethod
    def start(cls, user_id: Any, model: str, kind: str, lines: Iterable[JobLine], **context: Any) -> Job:
        """Store a job with its lines."""
        job = cls.objects.create(user_id=user_id, model=model, kind=kind, context=context)
        batch: list[JobLine] = []
        for line in lines:
            line.job = job
            batch.append(line)
            if len(batch) == LINES_PER_INSERT:
                JobLine.objects.bulk_create(batch)
                batch = []
        JobLine.objects.bulk_create(batch)
        return job

    def counts(self) -> dict[str, int]:
        """Return the number of lines per state; states without lines are 0."""
        found = self.lines.order_by().values_list("state").annotate(number=Count("pk"))
        return dict.fromkeys(LineState.values, 0) | dict(found)

    def finish(self, state: JobState) -> None:
        """End the job: keep its counts, and delete what was uploaded."""
        self.context = {**self.context, "counts": self.counts()}
        self.state = state
        self.save(update_fields=["state", "context"])


class JobLine(models.Model):
    """One row of a job: an object or the cells of an imported row, and what becomes of it."""

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="lines")
    number = models.PositiveIntegerField()
    object_id = fields.CharField(max_length=64, blank=True)
    label = fields.CharField(max_length=LONGEST_LABEL, blank=True)
    state = fields.CharField(max_length=10, choices=LineState, default=LineState.WAITING)
    # The texts of an imported row by column; empty for an action.
    cells = fields.JSONField(default=dict)
    # Problems and changes, each with its column.
    outcome = fields.JSONField(default=dict)
    # The version of the object that the outcome is about.
    token = fields.CharField(max_length=120, blank=True)

    class Meta:
        app_label = "pzgent"
        verbose_name = _("row of a job")
        verbose_name_plural = _("rows of jobs")
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["job", "number"], name="pzgent_jobline_number_once")]
        indexes = [models.Index(fields=["job", "state", "number"], name="pzgent_jobline_state")]

    def __str__(self) -> str:
        return f"{self.number}: {self.state}"
