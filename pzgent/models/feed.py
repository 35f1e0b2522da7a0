"""What the change feed told, and the marks by which a change of the data is noticed."""

from __future__ import annotations

import uuid
from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from pzgent.kernel import fields


class DataChange(models.Model):
    """A mark that the database itself sets when it changes something the public may see (`change_feed/triggers.py`).

    Rows are only added, so that writers never wait for each other, until somebody replaces them by one new mark.
    Which rows a reader sees tells which changes it sees: a number in sequence could not, because transactions commit
    in another order than that in which they take their numbers.
    """

    mark = models.BigIntegerField(primary_key=True)
    # Which table changed, and the keys of the rows; nothing where all may have changed.
    table_name = fields.CharField(max_length=63, null=True, editable=False)  # added to a live table
    row_keys = fields.JSONField(null=True, editable=False)

    def __str__(self) -> str:
        return str(self.mark)


def new_feed_identity() -> str:
    """Return a name that no other feed has."""
    return uuid.uuid4().hex


class FeedState(models.Model):
    """The one row that whoever brings the change feed up to date must lock: the feed, its newest number and its data.

    The identity changes when numbers may mean something else: after a restore of the database, or a reset of the feed.
    """

    fingerprint = fields.CharField(max_length=64, blank=True)
    identity = fields.CharField(max_length=32, default=new_feed_identity)
    number = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return self.fingerprint


class PublishedItemQuerySet(models.QuerySet):
    """Questions about what the change feed told of last."""

    def after(self, number: int) -> Self:
        """Items that changed after the change with this number, in the order of their changes."""
        return self.filter(number__gt=number).order_by("number")

    def newest_before(self, number: int | None = None) -> Self:
        """Items that changed before the change with this number, or all without one; the newest first."""
        rows = self if number is None else self.filter(number__lt=number)
        return rows.order_by("-number")


class PublishedItem(models.Model):
    """An item of the API as the change feed last told it, in JSON; a removed one stays, so that copies can be told."""

    collection = fields.CharField(max_length=40)
    key = models.UUIDField()
    number = models.BigIntegerField(unique=True)
    body = models.BinaryField()
    is_removed = models.BooleanField(default=False)
    at = models.DateTimeField()
    slug = fields.CharField(max_length=120, null=True, editable=False)  # added to a live table

    objects = PublishedItemQuerySet.as_manager()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["collection", "key"], name="pzgent_publisheditem_once")
        ]
        indexes = [models.Index(fields=["collection", "slug"], name="pzgent_publisheditem_slug")]

    def __str__(self) -> str:
        return f"{self.number}: {self.collection} {self.key}"


class HistoryKind(models.TextChoices):
    """What happened to an object in the eyes of the public."""

    APPEARED = "appeared", _("appeared")
    CHANGED = "changed", _("changed")
    DISAPPEARED = "disappeared", _("disappeared")


class PublishedChange(models.Model):
    """One change that the change feed told, under the same number; only ever added.

    It says when, and which fields changed, but neither the values nor who did it: that is in the history of the admin.
    """

    number = models.BigIntegerField(primary_key=True)
    collection = fields.CharField(max_length=40)
    key = models.UUIDField()
    at = models.DateTimeField()
    kind = fields.CharField(max_length=11, choices=HistoryKind)
    changed_fields = fields.JSONField(default=list)

    class Meta:
        ordering = ["number"]
        indexes = [models.Index(fields=["collection", "key", "number"], name="pzgent_publishedchange_of")]

    def __str__(self) -> str:
        return f"{self.number}: {self.collection} {self.key} {self.kind}"
