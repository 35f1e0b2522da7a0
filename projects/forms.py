"""Form of the list of projects."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django import forms
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

LONGEST_WORDS = 100


class OptionField(forms.ChoiceField):
    """Optional choice from a list; its error message names the invalid value."""

    def __init__(self, label: StrOrPromise) -> None:
        message = _("“%(value)s” is not one of the choices. Choose one from the list.")
        super().__init__(label=label, required=False, error_messages={"invalid_choice": message})


class ProjectFilterForm(forms.Form):
    """Filters of the project list; all optional."""

    q = forms.CharField(
        label=_("Words in the project"),
        required=False,
        max_length=LONGEST_WORDS,
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    kind = OptionField(_("Kind"))
    objective = OptionField(_("Objective"))
    unit = OptionField(_("Unit"))
    plan = OptionField(_("Plan"))

    def offer(self, name: str, options: Iterable[tuple[str, StrOrPromise]], any_label: StrOrPromise) -> None:
        """Set the options of a field, after an option that does not filter."""
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  # narrows the type
        field.choices = [("", any_label), *options]
