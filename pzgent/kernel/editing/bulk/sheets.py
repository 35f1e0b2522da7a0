"""The objects of one admin as the rows of a spreadsheet, written through the forms of that admin."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar

from django import forms
from django.db import models
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext

from pzgent.kernel.editing.bulk.column_kinds import column_for
from pzgent.kernel.editing.bulk.columns import Column
from pzgent.kernel.editing.bulk.references import References
from pzgent.kernel.editing.bulk.row_form import HIDDEN, row_form
from pzgent.kernel.sheets import Cell, Note

IDENTITY = "id"
CHUNK = 500


def portions_of(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """Yield the values in portions that fit in one query."""
    for start in range(0, len(values), CHUNK):
        yield values[start : start + CHUNK]


class IdentityColumn(Column):
    """The primary key: which object a row is about; empty for a new one."""

    def __init__(self) -> None:
        text = gettext("Leave it as it is; empty for a new row.")
        super().__init__(IDENTITY, forms.CharField(label="id", required=False, help_text=text), None)
        self.heading = "id"

    def value_of(self, item: Any) -> Any:
        """Return the primary key; empty for an object that is not stored."""
        return "" if item._state.adding else item.pk


class ExportSheet:
    """The rows of an admin's list: one column per field of its form."""

    # Fields of the form that are no columns.
    without: ClassVar[frozenset[str]] = frozenset()

    def __init__(
        self, model_admin: Any, request: HttpRequest, options: Mapping[str, str] | None = None
    ) -> None:
        self.admin, self.request, self.options = model_admin, request, dict(options or {})
        self.model: type[models.Model] = self.get_model()
        self._references: dict[Any, References] = {}
        # The rows of the file, as the primary key that they would get by key.
        self.pending: dict[str, str] = {}
        # Whether rows are written one after the other, after the dry run.
        self.is_writing = False
        self.logged: list[tuple[models.Model, int, Any]] = []

    def get_model(self) -> type[models.Model]:
        """Return the model of the rows."""
        model: type[models.Model] = self.admin.model
        return model

    @property
    def title(self) -> str:
        """Return the name of the sheet."""
        return str(capfirst(str(self.model._meta.verbose_name_plural)))

    # --- Columns ---

    @cached_property
    def add_form(self) -> Any:
        """The form class for new rows."""
        return row_form(self.admin.get_form(self.request, None, change=False))

    @cached_property
    def columns(self) -> list[Column]:
        """The columns: the identity, then the fields of the form in their order on the page."""
        names = [name for name in self.add_form.base_fields if name not in HIDDEN | self.without]
        found = [self.make_column(name, self.add_form.base_fields[name]) for name in names]
        columns = [IdentityColumn(), *(column for column in found if column is not None)]
        seen: set[str] = set()
        for column in columns:
            if column.heading.casefold() in seen:
                column.heading = f"{column.heading} ({column.name})"
            seen.add(column.heading.casefold())
        return columns

    def make_column(self, name: str, form_field: forms.Field) -> Column | None:
        """Return the column of a form field; None for one that has no place in a sheet."""
        return column_for(self.model, name, form_field, self.references)

    def references(self, queryset: Any, key: str = "") -> References:
        """Return the rows to which a column refers; columns with the same choices share them."""
        known = (queryset.model, str(queryset.query), key)
        if known not in self._references:
            self._references[known] = References(self.admin.admin_site, queryset, key)
            if queryset.model is self.model:
                self._references[known].pending = self.pending
        return self._references[known]

    @cached_property
    def by_name(self) -> dict[str, Column]:
        """The columns by name."""
        return {column.name: column for column in self.columns}

    @property
    def notes(self) -> list[Note]:
        """Return the headings, each with its note and its choices."""
        return [Note(column.heading, column.note, column.choices, column.is_text) for column in self.columns]

    # --- Export ---

    def rows_of(self, queryset: Any) -> Iterator[list[Cell]]:
        """Yield the cells of each object that a queryset of the admin's list returns."""
        for item in self.items_of(queryset):
            yield [column.cell(column.value_of(item)) for column in self.columns]

    def items_of(self, queryset: Any) -> Iterator[Any]:
        """Yield the objects of the rows, in portions, with their relations."""
        many = [column.name for column in self.columns if self._is_many(column.name)]
        batch: list[Any] = []
        for item in queryset.prefetch_related(*many).iterator(chunk_size=CHUNK):
            batch.append(item)
            if len(batch) == CHUNK:
                yield from self.complete(batch)
                batch = []
        yield from self.complete(batch)

    def complete(self, items: list[Any]) -> list[Any]:
        """Add to a portion of objects what their cells need."""
        return items

    def _is_many(self, name: str) -> bool:
        return name in {relation.name for relation in self.model._meta.many_to_many}

    def values_of(self, item: Any) -> dict[str, Any]:
        """Return the stored value of each column."""
        return {column.name: column.value_of(item) for column in self.columns}
