"""Rows that are only valid together: the hours of one schedule, the holidays of a school year, the lines of a table.

The model of the whole has the rule, over the parts from its related managers. Forms and the content loader check it
with the parts as they would become; code that writes parts one by one checks it afterwards, as stored.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Self

from django.db import models


class Whole(models.Model):
    """Something whose parts must be consistent."""

    class Meta:
        abstract = True

    def check_whole(self) -> None:
        """Reject parts that cannot all be true. Raises ValidationError."""
        raise NotImplementedError  # a hook: each kind has its own

    def with_only(self, **parts: Sequence[models.Model]) -> Self:
        """Return an unsaved copy that has exactly these parts, by related name."""
        trial = copy.copy(self)
        if trial.pk is None:  # a form with inlines clears the primary key of a new whole until it is saved
            trial.pk = trial._meta.pk.get_default()
        accessors = [relation.get_accessor_name() for relation in self._meta.related_objects]
        trial._prefetched_objects_cache = dict.fromkeys(accessors, ()) | parts  # type: ignore[attr-defined]  # Django's own
        return trial

    def check_with(self, **parts: Sequence[models.Model]) -> None:
        """Check it as if it had exactly these parts, by related name. Raises ValidationError."""
        self.with_only(**parts).check_whole()

    def check_stored(self) -> None:
        """Check it with its parts as stored, and against the other rows. Raises ValidationError."""
        stored = self.locked()
        stored.clean()
        stored.check_whole()

    def locked(self) -> Self:
        """Return it as stored, locked: nobody else who checks it can write parts before this transaction ends."""
        return type(self)._base_manager.select_for_update(no_key=True).get(pk=self.pk)
