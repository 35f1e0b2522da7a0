"""Columns of other objects, and the choice of a column for each field of a form."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils.translation import gettext

from pzgent.kernel.editing.bulk.columns import (
    BETWEEN,
    SPLIT,
    ChoiceColumn,
    ChoicesColumn,
    ClockColumn,
    Column,
    DayColumn,
    MomentColumn,
    NumberColumn,
    YesNoColumn,
)
from pzgent.kernel.editing.bulk.references import References
from pzgent.kernel.editing.moments import ClockField, DayField, DayTimeField
from pzgent.kernel.sheets import Cell


class ReferenceColumn(Column):
    """Another object, by its readable unique key."""

    def __init__(self, name: str, field: Any, source: Any, references: References) -> None:
        super().__init__(name, field, source)
        self.references = references

    @property
    def example(self) -> str:
        """Return the first known key."""
        first = self.references.first
        return gettext("For example %(example)s.") % {"example": first} if first else ""

    def cell(self, value: Any) -> Cell:
        """Return the key of the object."""
        return "" if value is None else self.references.key_of(value)

    def value(self, text: str) -> Any:
        """Return the primary key of the object that is meant. Raises ValidationError if none or several are."""
        return self.references.find(text) if text.strip() else ""

    def is_same(self, text: str, stored: Any) -> bool:
        """Return whether the key of the stored object is meant."""
        return text.strip() == self.text(stored)


class ReferencesColumn(ReferenceColumn):
    """Several other objects, by their keys."""

    @property
    def example(self) -> str:
        """Return the first known key, and how to separate them."""
        return " ".join((super().example, gettext("Separate several with a semicolon."))).strip()

    def value_of(self, item: Any) -> Any:
        """Return the primary keys, in the order of their keys; none for an object that is not stored."""
        if item._state.adding:
            return []
        return [related.pk for related in self.source(item)]

    def cell(self, value: Any) -> Cell:
        """Return the keys."""
        return BETWEEN.join(sorted(self.references.key_of(item) for item in value))

    def value(self, text: str) -> Any:
        """Return the primary keys. Raises ValidationError if one is not found."""
        return [self.references.find(part) for part in SPLIT.split(text) if part.strip()]

    def is_same(self, text: str, stored: Any) -> bool:
        """Return whether the same objects are meant, in whichever order."""
        meant = sorted(part.strip() for part in SPLIT.split(text) if part.strip())
        return meant == sorted(self.references.key_of(item) for item in stored)


KINDS: tuple[tuple[type[forms.Field], type[Column]], ...] = (
    (forms.MultipleChoiceField, ChoicesColumn),
    (forms.ChoiceField, ChoiceColumn),
    (forms.BooleanField, YesNoColumn),
    (DayTimeField, MomentColumn),
    (DayField, DayColumn),
    (ClockField, ClockColumn),
    (forms.IntegerField, NumberColumn),
)


def column_for(model: type[models.Model], name: str, field: forms.Field, references: Any) -> Column | None:
    """Return the column of a form field; None for a file, or for a field that is no value of the object."""
    if isinstance(field, forms.FileField):
        return None
    source = source_of(model, name)
    if source is None:
        return None
    if isinstance(field, forms.ModelMultipleChoiceField):
        return ReferencesColumn(name, field, source, references(field.queryset))
    if isinstance(field, forms.ModelChoiceField):
        return ReferenceColumn(name, field, source, references(field.queryset))
    kind = next((column for known, column in KINDS if isinstance(field, known)), Column)
    return kind(name, field, source)


def source_of(model: type[models.Model], name: str) -> Any:
    """Return the function that reads the value of a form field from an object; None if it is none of its values."""
    translated = re.fullmatch(r"translated_(?P<name>(?!checked_)\w+)_(?P<language>[a-z]{2})", name)
    if translated:
        return lambda item: item.translation_of(translated["name"], translated["language"])
    try:
        column: Any = model._meta.get_field(name)
    except FieldDoesNotExist:
        return None
    return column.value_from_object
