"""Tables of the change feed, and the change marks by which changes of the data are detected."""

from __future__ import annotations

import uuid
from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from pzgent.kernel import fields


class DataChange(models.Model):
    """A change mark, inserted by a database trigger when data change that may be public (`change_feed/triggers.py`).

    Marks are only inserted, so that writers never wait for each other, until they are all replaced by one new mark.
    The set of marks that a transaction sees identifies the changes that it sees. A sequence number could not do this,
    because transactions do not commit in the order in which they draw their numbers.
    """

    mark = models.BigIntegerField(primary_key=True)
    # The changed table and the keys of its changed rows; null if all tables or all rows may have changed.
    table_name = fields.CharField(
        max_length=63, null=True, editable=False
    )  # nullable: added to a table in use
    row_keys = fields.JSONField(null=True, editable=False)

    class Meta:
        verbose_name = _("mark of a change")
        verbose_name_plural = _("marks of changes")

    def __str__(self) -> str:
        return str(self.mark)


def new_feed_identity() -> str:
    """Return a unique identity for a feed."""
    return uuid.uuid4().hex


class FeedState(models.Model):
    """The identity of the change feed, its newest number, and the fingerprint of its data.

    A single row, which must be locked to update the feed. The identity changes when numbers may get another meaning:
    after a restore of the database, or a reset of the feed.
    """

    fingerprint = fields.CharField(max_length=64, blank=True)
    identity = fields.CharField(max_length=32, default=new_feed_identity)
    number = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("state of the change feed")
        verbose_name_plural = _("states of the change feed")

    def __str__(self) -> str:
        return self.fingerprint


class PublishedItemQuerySet(models.QuerySet):
    """Queries on the last published state of the items."""

    def after(self, number: int) -> Self:
        """Return items that changed after the change with this number, in the order of their changes."""
        return self.filter(number__gt=number).order_by("number")

    def newest_before(self, number: int | None = None) -> Self:
        """Return items that changed before the change with this number (default: all), newest first."""
        rows = self if number is None else self.filter(number__lt=number)
        return rows.order_by("-number")


class PublishedItem(models.Model):
    """An item of the API as last published in the change feed, as JSON.

    The rows of removed items are kept, so that followers learn of the removal.
    """

    collection = fields.CharField(max_length=40)
    key = models.UUIDField()
    number = models.BigIntegerField(unique=True)
    body = models.BinaryField()
    is_removed = models.BooleanField(default=False)
    at = models.DateTimeField()
    slug = fields.CharField(max_length=120, null=True, editable=False)  # nullable: added to a table in use

    objects = PublishedItemQuerySet.as_manager()

    class Meta:
        verbose_name = _("published item")
        verbose_name_plural = _("published items")
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
    """A change published in the change feed, with the same number; append-only.

    It records when and which fields changed, but neither the values nor the editor: the admin history has these.
    """

    number = models.BigIntegerField(primary_key=True)
    collection = fields.CharField(max_length=40)
    key = models.UUIDField()
    at = models.DateTimeField()
    kind = fields.CharField(max_length=11, choices=HistoryKind)
    changed_fields = fields.JSONField(default=list)

    class Meta:
        verbose_name = _("published change")
        verbose_name_plural = _("published changes")
        ordering = ["number"]
        indexes = [models.Index(fields=["collection", "key", "number"], name="pzgent_publishedchange_of")]

    def __str__(self) -> str:
        return f"{self.number}: {self.collection} {self.key} {self.kind}"
