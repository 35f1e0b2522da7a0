"""A record of the files that the public could once read, so that a link to a removed one gets a 410."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from pzgent.kernel import fields


class PublishedFileQuerySet(models.QuerySet):
    """Queryset of formerly public files."""

    def note(self, field: models.Field, key: UUID, using: str | None = None) -> None:
        """Record that the public could read the file of a row."""
        self.using(using).get_or_create(**_of(field, key))

    def knows(self, field: models.Field, key: UUID) -> bool:
        """Return whether the public could ever read a file of this row in this field."""
        return self.filter(**_of(field, key)).exists()


class PublishedFile(models.Model):
    """A file that the public could read at some time, by the row it belongs to; that row may no longer exist."""

    model = fields.CharField(max_length=60)
    key = models.UUIDField()
    field = fields.CharField(max_length=60)

    objects = PublishedFileQuerySet.as_manager()

    class Meta:
        app_label = "pzgent"
        verbose_name = _("published file")
        verbose_name_plural = _("published files")
        constraints = [
            models.UniqueConstraint(fields=["model", "key", "field"], name="pzgent_publishedfile_once")
        ]

    def __str__(self) -> str:
        return f"{self.model} {self.key} {self.field}"


def _of(field: models.Field, key: UUID) -> dict[str, Any]:
    return {"model": field.model._meta.label_lower, "key": key, "field": field.name}
