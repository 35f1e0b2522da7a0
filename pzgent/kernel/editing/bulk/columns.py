"""Columns of a sheet: each translates between a field of an admin form and the cells of a spreadsheet."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from functools import cached_property
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.timezone import get_current_timezone, localtime
from django.utils.translation import gettext, gettext_lazy

from pzgent.kernel.sheets import Cell

BETWEEN = "; "
SPLIT = re.compile(r"[;\n]")
YES, NO = gettext_lazy("yes"), gettext_lazy("no")
YES_WORDS = frozenset({"yes", "ja", "y", "j", "1", "x", "true", "waar", "oui", "wahr"})
NO_WORDS = frozenset({"no", "nee", "neen", "n", "0", "false", "onwaar", "non", "nein", "falsch", ""})
MOST_NAMED = 12


class Column:
    """Text; the base of the other kinds. `name` is the form field, `heading` its label."""

    is_text: ClassVar[bool] = True

    def __init__(self, name: str, field: forms.Field, source: Any) -> None:
        self.name, self.field, self.source = name, field, source
        self.heading = str(capfirst(str(field.label or name))).strip()

    @property
    def choices(self) -> Sequence[str]:
        """Return the labels to choose from; empty if the column takes anything."""
        return ()

    @property
    def note(self) -> str:
        """Return the note of the heading in a template: what to fill in, with an example."""
        required = gettext("Required.") if self.field.required else ""
        return " ".join(part for part in (required, str(self.field.help_text), self.example) if part)

    @property
    def example(self) -> str:
        """Return an example of what the cells take; empty for text."""
        return ""

    def value_of(self, item: Any) -> Any:
        """Return the stored value of an object."""
        return self.source(item)

    def cell(self, value: Any) -> Cell:
        """Return a value as the cell of an export."""
        return "" if value is None else str(value)

    def text(self, value: Any) -> str:
        """Return a value as the text that a reader of the export finds."""
        return str(self.cell(value))

    def value(self, text: str) -> Any:
        """Return the value of a form field for the text of a cell. Raises ValidationError."""
        return text

    def submit(self, data: dict[str, Any], value: Any) -> None:
        """Put a value in the data of a form, as its widget would."""
        data[self.name] = value

    def is_same(self, text: str, stored: Any) -> bool:
        """Return whether a cell says what is stored."""
        return text == self.text(stored) or text.strip() == self.text(stored).strip()


class ChoiceColumn(Column):
    """One of a list, by its label."""

    @cached_property
    def _labels(self) -> dict[str, str]:
        """The label of each value; a sheet serves one request, so one language."""
        options: Any = self.field
        flat = [
            pair
            for value, label in options.choices
            for pair in (label if isinstance(label, list | tuple) else [(value, label)])
        ]
        return {str(value): str(label) for value, label in flat if str(value) != ""}

    @cached_property
    def _values(self) -> dict[str, str]:
        """The value with each label; each value is a label of itself."""
        own = {value.casefold(): value for value in self._labels}
        return own | {label.casefold(): value for value, label in self._labels.items()}

    @property
    def choices(self) -> Sequence[str]:
        """Return the labels."""
        return list(self._labels.values())

    @property
    def example(self) -> str:
        """Return the labels, as far as they fit."""
        return _one_of(self.choices)

    def cell(self, value: Any) -> Cell:
        """Return the label; an unknown value as it is."""
        return "" if value is None else self._labels.get(str(value), str(value))

    def value(self, text: str) -> str:
        """Return the value with this label. Raises ValidationError for one that is not in the list."""
        wanted = text.strip()
        if not wanted:
            return ""
        value = self._values.get(wanted.casefold())
        if value is not None:
            return value
        raise ValidationError(gettext("“%(text)s” is not in the list.") % {"text": wanted[:60]}, "choice")

    def is_same(self, text: str, stored: Any) -> bool:
        """Return whether the label or the value of the stored choice is meant."""
        try:
            return self.value(text) == ("" if stored is None else str(stored))
        except ValidationError:
            return False


class ChoicesColumn(ChoiceColumn):
    """Several of a list, by their labels."""

    @property
    def choices(self) -> Sequence[str]:
        """Return nothing: a drop-down list takes one choice only."""
        return ()

    @property
    def example(self) -> str:
        """Return the labels, and how to separate them."""
        return " ".join((_one_of(list(self._labels.values())), gettext("Separate several with a semicolon.")))

    def cell(self, value: Any) -> Cell:
        """Return the labels."""
        return BETWEEN.join(str(ChoiceColumn.cell(self, item)) for item in value or ())

    def value(self, text: str) -> Any:
        """Return the values. Raises ValidationError for one that is not in the list."""
        return [ChoiceColumn.value(self, part) for part in SPLIT.split(text) if part.strip()]

    def is_same(self, text: str, stored: Any) -> bool:
        """Return whether the same choices are meant, in whichever order."""
        try:
            return sorted(self.value(text)) == sorted(str(item) for item in stored or ())
        except ValidationError:
            return False


class YesNoColumn(Column):
    """Yes or no."""

    @property
    def choices(self) -> Sequence[str]:
        """Return both words."""
        return (str(YES), str(NO))

    @property
    def example(self) -> str:
        """Return both words."""
        return _one_of(self.choices)

    def cell(self, value: Any) -> Cell:
        """Return the word."""
        return str(YES if value else NO)

    def value(self, text: str) -> Any:
        """Return the value of a checkbox. Raises ValidationError for any other word."""
        word = text.strip().casefold()
        if word in YES_WORDS:
            return "on"
        if word in NO_WORDS:
            return ""
        raise ValidationError(gettext("“%(text)s” is neither yes nor no.") % {"text": text[:60]}, "choice")

    def is_same(self, text: str, stored: Any) -> bool:
        """Return whether the stored answer is meant."""
        try:
            return bool(self.value(text)) == bool(stored)
        except ValidationError:
            return False


class NumberColumn(Column):
    """A number, with a decimal point or comma."""

    is_text = False

    @property
    def example(self) -> str:
        """Return a number, with decimals if it may have any."""
        number = "12,5" if isinstance(self.field, forms.DecimalField) else "12"
        return gettext("For example %(example)s.") % {"example": number}

    def cell(self, value: Any) -> Cell:
        """Return the number, without zeros that say nothing."""
        if value is None or value == "":
            return ""
        if isinstance(value, Decimal):
            return value.to_integral_value() if value == value.to_integral_value() else value.normalize()
        return int(value)

    def text(self, value: Any) -> str:
        """Return the number with a decimal point."""
        cell = self.cell(value)
        return f"{cell:f}" if isinstance(cell, Decimal) else str(cell)

    def value(self, text: str) -> Any:
        """Return the text with a decimal point; the form refuses anything but a number."""
        bare = text.strip().replace("\N{NO-BREAK SPACE}", "").replace(" ", "")
        return bare.replace(".", "").replace(",", ".") if "," in bare else bare

    def is_same(self, text: str, stored: Any) -> bool:
        """Return whether it is the same number, however it is written."""
        try:
            bare = self.value(text)
            return (Decimal(bare) if bare else None) == (None if stored in (None, "") else Decimal(stored))
        except ArithmeticError:
            return False


class DayColumn(Column):
    """A date."""

    is_text = False

    @property
    def example(self) -> str:
        """Return a day in both spellings."""
        return gettext("For example %(example)s.") % {"example": "31/12/2027, 2027-12-31"}

    def cell(self, value: Any) -> Cell:
        """Return the date."""
        return value if isinstance(value, datetime.date) else ""

    def is_same(self, text: str, stored: Any) -> bool:
        """Return whether it is the same day, however it is written."""
        try:
            return self.field.to_python(text.strip()) == stored
        except ValidationError:
            return False


class ClockColumn(DayColumn):
    """A time of day."""

    @property
    def example(self) -> str:
        """Return a time."""
        return gettext("For example %(example)s.") % {"example": "9:30"}

    def cell(self, value: Any) -> Cell:
        """Return the time."""
        return value if isinstance(value, datetime.time) else ""


class MomentColumn(Column):
    """A date and a time, in the time zone of the site."""

    is_text = False

    @property
    def example(self) -> str:
        """Return a moment."""
        return gettext("For example %(example)s.") % {"example": "31/12/2027 9:30"}

    def cell(self, value: Any) -> Cell:
        """Return the moment in the time zone of the site, without naming that."""
        if not isinstance(value, datetime.datetime):
            return ""
        return localtime(value).replace(tzinfo=None, microsecond=0)

    def value(self, text: str) -> Any:
        """Return the two values of the form field; a day alone starts at midnight."""
        bare = text.strip().replace("T", " ")
        if not bare:
            return ["", ""]
        day, _space, clock = (
            bare.rpartition(" ") if re.search(r"\s\S*[0-9:.uh]+\S*$", bare) else (bare, "", "")
        )
        is_clock = (bool(day) and ":" in clock) or "u" in clock
        return [day, clock] if is_clock else [bare, "0:00"]

    def submit(self, data: dict[str, Any], value: Any) -> None:
        """Put both values in the data of the form."""
        data[f"{self.name}_0"], data[f"{self.name}_1"] = value

    def is_same(self, text: str, stored: Any) -> bool:
        """Return whether it is the same moment, to the second."""
        try:
            meant = self.field.clean(self.value(text)) if text.strip() else None
        except ValidationError:
            return False
        if meant is None or stored is None:
            return meant is stored
        return bool(meant.astimezone(get_current_timezone()) == localtime(stored).replace(microsecond=0))


def _one_of(labels: Iterable[str]) -> str:
    found = [f"“{label}”" for label in labels]
    more = ["…"] if len(found) > MOST_NAMED else []
    return gettext("One of: %(choices)s.") % {"choices": ", ".join([*found[:MOST_NAMED], *more])}
