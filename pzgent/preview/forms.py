"""Forms of previews: which moment to show, and a link for people without an account."""

from __future__ import annotations

import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pzgent.preview.subjects import NOON

# The days that can be shown, and for how many days a link may work.
FIRST, LAST = datetime.date(1990, 1, 1), datetime.date(2099, 12, 31)
USUAL_DAYS, MOST_DAYS = 7, 30
WHEN, WITH_DRAFTS = "%Y-%m-%dT%H%M", "-concepten"
DAY_ERROR = _("This is not a day that we can show. Write it as year-month-day, for example 2027-01-01.")


class MomentForm(forms.Form):
    """The moment to show, and whether the drafts that belong to the item are shown too."""

    dag = forms.DateField(
        label=_("Day"),
        input_formats=["%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y"],
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"required": DAY_ERROR, "invalid": DAY_ERROR},
    )
    uur = forms.TimeField(
        label=_("Time"),
        required=False,
        input_formats=["%H:%M", "%H.%M", "%Hu%M", "%Hu"],
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
        error_messages={"invalid": _("This is not a time. Write it as 9.30, 9:30 or 9u30.")},
    )
    concepten = forms.BooleanField(label=_("Show the drafts that belong to it too"), required=False)

    def __init__(self, *args: Any, has_drafts: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        if not has_drafts:
            del self.fields["concepten"]

    def clean_dag(self) -> datetime.date:
        """Return the day. Raises ValidationError for one outside the period that can be shown."""
        day: datetime.date = self.cleaned_data["dag"]
        if not FIRST <= day <= LAST:
            raise forms.ValidationError(DAY_ERROR)
        return day

    @property
    def moment(self) -> datetime.datetime:
        """The moment that was chosen; without a time, noon."""
        clock = self.cleaned_data["uur"] or NOON
        return timezone.make_aware(datetime.datetime.combine(self.cleaned_data["dag"], clock))

    @property
    def with_drafts(self) -> bool:
        """Whether the drafts that belong to the item are shown too."""
        return bool(self.cleaned_data.get("concepten"))


class DayForm(MomentForm):
    """Another moment for the page of a preview."""

    pagina = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean_pagina(self) -> str:
        """Return the path of the page to show; empty if it is no path of this site."""
        return own_path(self.cleaned_data["pagina"])


def own_path(path: str) -> str:
    """Return a path of this site as it is, and an empty text for anything else."""
    return path if path.startswith("/") and not path.startswith("//") and "\\" not in path else ""


class LinkForm(MomentForm):
    """A new link for people without an account."""

    dagen = forms.IntegerField(
        label=_("Number of days that the link works"),
        min_value=1,
        max_value=MOST_DAYS,
        initial=USUAL_DAYS,
        help_text=_("At most 30. You can withdraw it earlier."),
    )
    voor = forms.CharField(
        label=_("For whom"),
        required=False,
        max_length=120,
        help_text=_(
            "To recognise the link later, for example “police board”. Whoever opens it does not see this."
        ),
    )
    field_order = ("voor", "dagen", "dag", "uur", "concepten")


def when_of(moment: datetime.datetime, *, with_drafts: bool) -> str:
    """Return the part of an address that says which moment is shown."""
    return f"{timezone.localtime(moment).strftime(WHEN)}{WITH_DRAFTS if with_drafts else ''}"


def moment_of(when: str) -> tuple[datetime.datetime, bool]:
    """Return the moment, and whether drafts are shown too. Raises ValueError for what `when_of` does not write."""
    text = when.removesuffix(WITH_DRAFTS)
    found = datetime.datetime.strptime(text, WHEN)
    if found.strftime(WHEN) != text or not FIRST <= found.date() <= LAST:
        raise ValueError(when)
    return timezone.make_aware(found), text != when
