"""Days and times as people write them: `9u30`, `9.30`, `09h30`; `1/7/2027`, `1.7.2027`, `1 juli 2027`."""

import datetime
import re
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.admin.widgets import AdminSplitDateTime
from django.core.exceptions import ValidationError
from django.utils import translation
from django.utils.dates import MONTHS, MONTHS_3
from django.utils.translation import gettext_lazy as _

CLOCK = re.compile(
    r"(?P<hour>[0-9]{1,2})\s*(?:(?::|\.|,|u(?:ur)?\.?|h)\s*(?P<minute>[0-9]{2})?(?::(?P<second>[0-9]{2}))?)?"
    r"\s*(?:u(?:ur)?|h|uhr)?\.?"
)
COMPACT = re.compile(r"(?P<hour>[0-9]{2})(?P<minute>[0-9]{2})(?P<second>)")
DAY = re.compile(
    r"(?P<day>[0-9]{1,2})(?:\s*[-/.]\s*|\.?\s+)(?P<month>[0-9]{1,2}|[^\W\d]+\.?)\s*[-/. ]\s*(?P<year>[0-9]{4}|[0-9]{2})"
)
ISO_DAY = re.compile(r"(?P<year>[0-9]{4})[-/](?P<month>[0-9]{1,2})[-/](?P<day>[0-9]{1,2})")
CENTURY = 2000


class ClockField(forms.TimeField):
    """A time of day; `24.00` is midnight."""

    default_error_messages = {
        "invalid": _("This is not a time. Write it as 9.30, 9:30 or 9u30.")
    }  # as in Django

    def to_python(self, value: Any) -> datetime.time | None:
        """Parse the time. Raises ValidationError."""
        if value in self.empty_values or not isinstance(value, str):
            return super().to_python(value)
        text = value.strip().casefold()
        found = COMPACT.fullmatch(text) or CLOCK.fullmatch(text)
        if found is None:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        hour, minute, second = (int(found[name] or 0) for name in ("hour", "minute", "second"))
        try:
            return datetime.time(0 if (hour, minute, second) == (24, 0, 0) else hour, minute, second)
        except ValueError:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from None


class DayField(forms.DateField):
    """A date, with the day before the month in every language; months may be written as names."""

    default_error_messages = {
        "invalid": _("This is not a day. Write it as 31/12/2027 or 31 December 2027.")
    }  # as in Django

    def to_python(self, value: Any) -> datetime.date | None:
        """Parse the date. Raises ValidationError."""
        if value in self.empty_values or not isinstance(value, str):
            return super().to_python(value)
        text = value.strip().casefold()
        found = ISO_DAY.fullmatch(text) or DAY.fullmatch(text)
        if found is None:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        month = found["month"]
        number = int(month) if month.isdecimal() else month_names().get(month.removesuffix("."), 0)
        year = int(found["year"])
        try:
            return datetime.date(
                year if len(found["year"]) > 2 else CENTURY + year, number, int(found["day"])
            )
        except ValueError:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from None


class DayTimeInput(AdminSplitDateTime):
    """Two inputs for a moment, each with a name of its own; the legend names both."""

    def __init__(self, attrs: dict[str, str] | None = None) -> None:
        super().__init__(attrs)
        for widget, name in zip(self.widgets, (_("Date"), _("Time")), strict=True):
            widget.attrs["aria-label"] = name


class DayTimeField(forms.SplitDateTimeField):
    """A date and a time."""

    def __init__(self, **options: Any) -> None:
        """Use the fields above instead of Django's; `input_formats` for a plain field is ignored."""
        super().__init__(**options)
        self.fields = (DayField(required=False), ClockField(required=False))
        for field in self.fields:
            field.error_messages["required"] = self.error_messages["required"]


def month_names() -> dict[str, int]:
    """Map the names and abbreviations of the months, in the languages of the site, to their numbers."""
    found: dict[str, int] = {}
    for language, _label in settings.LANGUAGES:
        with translation.override(language):
            for number in MONTHS:
                found[str(MONTHS[number]).casefold()] = number
                found[str(MONTHS_3[number]).casefold().removesuffix(".")] = number
    return found
