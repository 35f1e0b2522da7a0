"""The questions that the portal asks about its own records."""

from __future__ import annotations

from typing import Self

from django.db.models import QuerySet


class PublishedItemQuerySet(QuerySet):
    """Questions about what the change feed told of last."""

    def after(self, number: int) -> Self:
        """Items that changed after the change with this number, in the order of their changes."""
        return self.filter(number__gt=number).order_by("number")

    def newest_before(self, number: int | None = None) -> Self:
        """Items that changed before the change with this number, or all without one; the newest first."""
        rows = self if number is None else self.filter(number__lt=number)
        return rows.order_by("-number")
