"""Rows that are right only together: the hours of one schedule, the holidays of a school year, the lines of a table.

The model of the whole holds the one rule, over the parts that its related managers give. Forms and the loader of the
content check it with the parts as they would be; whatever writes parts one by one checks it afterwards as stored.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Self

from django.db import models


class Whole(models.Model):
    """Something whose parts must go together."""

    class Meta:
        abstract = True

    def check_whole(self) -> None:
        """Refuse parts that cannot be true at once. Raises ValidationError."""
        raise NotImplementedError  # a hook: each kind says its own

    def check_with(self, **parts: Sequence[models.Model]) -> None:
        """Check it as if it had these parts, by related name, and no others. Raises ValidationError."""
        trial = copy.copy(self)
        if trial.pk is None:  # a form with rows takes the key of a new whole away until it is saved
            trial.pk = trial._meta.pk.get_default()
        accessors = [relation.get_accessor_name() for relation in self._meta.related_objects]
        trial._prefetched_objects_cache = dict.fromkeys(accessors, ()) | parts  # type: ignore[attr-defined]  # Django's own
        trial.check_whole()

    def check_stored(self) -> None:
        """Check it with its parts as they are stored, and beside the other rows. Raises ValidationError."""
        stored = self.locked()
        stored.clean()
        stored.check_whole()

    def locked(self) -> Self:
        """Return it as stored, locked: nobody else who checks it writes parts before this transaction ends."""
        return type(self)._base_manager.select_for_update(no_key=True).get(pk=self.pk)
