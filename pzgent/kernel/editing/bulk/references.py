"""References to other rows in a spreadsheet: by a readable unique key, or by a label that only one row has."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.contrib.admin.sites import AdminSite
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import models
from django.utils.translation import gettext

from pzgent.kernel.editing.choices import labels_of

# The readable unique keys, the first that a model has; else its primary key.
KEYS = ("slug", "code")
MOST_NAMED = 3


def key_name(model: type[models.Model]) -> str:
    """Return the field whose values name the rows of a model."""
    for name in KEYS:
        try:
            if getattr(model._meta.get_field(name), "unique", False):
                return name
        except FieldDoesNotExist:
            continue
    return "pk"


class References:
    """The rows to which a column may refer. Reads all keys once, the labels only when a key is unknown.

    `pending` has the rows that the same file adds, as primary key by key.
    """

    def __init__(self, site: AdminSite, queryset: Any, key: str = "") -> None:
        self.site, self.queryset = site, queryset
        self.key = key or key_name(queryset.model)
        self.pending: dict[str, str] = {}
        self._awaited: frozenset[str] = frozenset()
        # Whether a key of the file counts even if a row that may not be chosen has it too.
        self.may_await_stored = False

    @cached_property
    def _keys(self) -> dict[str, str]:
        """The key of each row of the model by primary key, also of rows that may not be chosen."""
        rows = self.queryset.model._base_manager.order_by().values_list("pk", self.key)
        return {str(pk): str(key) for pk, key in rows}

    @cached_property
    def _allowed(self) -> dict[str, str]:
        """The primary key of each row that may be chosen, by key."""
        rows = self.queryset.order_by().values_list("pk", self.key)
        return {str(key): str(pk) for pk, key in rows}

    @cached_property
    def _taken(self) -> frozenset[str]:
        """The keys of all rows of the model."""
        return frozenset(self._keys.values())

    @cached_property
    def _labelled(self) -> dict[str, list[str]]:
        """The primary keys of the rows with a label, by the label as the admin writes it and as the row does."""
        found: dict[str, list[str]] = {}
        rows = list(self.queryset.all())
        labels = labels_of(self.site, rows)
        for row in rows:
            for label in {str(row).casefold(), labels.get(row.pk, "").casefold()}:
                found.setdefault(label, []).append(str(row.pk))
        return found

    def awaits(self, pk: str) -> bool:
        """Return whether a primary key is that of a row that the file adds."""
        if len(self._awaited) != len(self.pending):
            self._awaited = frozenset(self.pending.values())
        return pk in self._awaited

    @property
    def first(self) -> str:
        """Return the first key in order; empty if there is none."""
        return min(self._allowed, default="")

    def key_of(self, pk: Any) -> str:
        """Return the key of a row; the primary key of one that does not exist."""
        return self._keys.get(str(pk), str(pk))

    def find(self, text: str) -> str:
        """Return the primary key of the row that a text names. Raises ValidationError if none or several match."""
        wanted = text.strip()
        known = self._allowed.get(wanted)
        if known is None and (self.may_await_stored or wanted not in self._taken):
            known = self.pending.get(wanted)
        if known is not None:
            return known
        found = self._labelled.get(wanted.casefold(), [])
        if len(found) == 1:
            return found[0]
        if found:
            keys = ", ".join(sorted(self.key_of(pk) for pk in found)[:MOST_NAMED])
            raise ValidationError(
                gettext("“%(text)s” can be several: %(keys)s. Use one of these.")
                % {"text": wanted[:60], "keys": keys},
                "ambiguous",
            )
        if wanted in self._taken:
            raise ValidationError(
                gettext("“%(text)s” cannot be chosen here.") % {"text": wanted[:60]}, "limited"
            )
        raise ValidationError(gettext("“%(text)s” does not exist.") % {"text": wanted[:60]}, "missing")
