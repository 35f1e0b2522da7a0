"""What a visitor can ask of the organogram."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

DAY_ERROR = _("This is not a date that we can read. Write it as year-month-day, for example 2021-09-01.")


class DayField(forms.DateField):
    """An optional day, written as 2021-09-01."""

    def __init__(self, label: StrOrPromise) -> None:
        widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
        super().__init__(
            label=label,
            required=False,
            input_formats=["%Y-%m-%d"],
            widget=widget,
            error_messages={"invalid": DAY_ERROR},
        )


class OrganogramForm(forms.Form):
    """The day to show, and the day to compare it with."""

    datum = DayField(label=_("Structure on"))
    vergelijk = DayField(label=_("Compare with"))
