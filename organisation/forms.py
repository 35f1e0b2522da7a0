"""Forms of the public pages: the organogram, and the filters of lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from organisation.models.figures import FigureGroup
from pzgent.kernel import clock

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

DAY_ERROR = _("This is not a date that we can read. Write it as year-month-day, for example 2021-09-01.")
SCALES = (50, 75, 100, 125, 150, 200)
LONGEST_FILTER = 100


class IsoDayField(forms.DateField):
    """Optional date in ISO format, such as 2021-09-01."""

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
    """Day to show, day to compare with, part to show, and presentation.

    Only the days are validated. Other invalid values count as absent, so that old links keep working.
    """

    datum = IsoDayField(label=_("Structure on"))
    vergelijk = IsoDayField(label=_("Compare with"))
    top = forms.CharField(required=False)
    filter = forms.CharField(required=False)
    open = forms.CharField(required=False)
    schaal = forms.CharField(required=False)
    vorm = forms.CharField(required=False)

    @property
    def days(self) -> list[forms.BoundField]:
        """Return the bound fields of the days."""
        return [self["datum"], self["vergelijk"]]

    def clean_filter(self) -> str:
        """Return the words to filter on, truncated to a sensible length."""
        return self.cleaned_data["filter"][:LONGEST_FILTER]

    def clean_schaal(self) -> int:
        """Return the scale of the chart in per cent."""
        text = self.cleaned_data["schaal"]
        return int(text) if text in map(str, SCALES) else 100

    def clean(self) -> dict[str, Any]:
        """Default to today; `given_day` keeps the submitted day."""
        cleaned = dict(self.cleaned_data)
        cleaned["given_day"] = cleaned.get("datum")
        if "datum" in cleaned:
            cleaned["datum"] = cleaned["datum"] or clock.today()
        return cleaned


class WordsFilterForm(forms.Form):
    """Filter of a list on words; optional."""

    q = forms.CharField(
        required=False, max_length=LONGEST_FILTER, widget=forms.TextInput(attrs={"type": "search"})
    )

    def __init__(self, *args: Any, label: StrOrPromise, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["q"].label = label

    @property
    def is_filtered(self) -> bool:
        """True if any filter is active."""
        return any(self.cleaned_data.values())


class FigureFilterForm(WordsFilterForm):
    """Filters of the table of key figures; both optional."""

    groep = forms.ChoiceField(
        label=_("Subject"), required=False, choices=[("", _("All subjects")), *FigureGroup.choices]
    )
