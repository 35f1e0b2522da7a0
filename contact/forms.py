"""What visitors can ask of the pages about contact."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

POSTAL_CODE = re.compile(r"(?:B[- ]?)?([1-9]\d{3})(?:\s+(\D.*))?", re.IGNORECASE)


class NeedForm(forms.Form):
    """What a visitor comes for, for whom it is, and how urgent; all optional."""

    q = forms.CharField(
        label=_("What is it about?"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search"}),
        error_messages={"max_length": _("That is too long. Use a few words, such as “bike stolen”.")},
    )
    audience = forms.ChoiceField(
        label=_("For whom?"),
        required=False,
        error_messages={
            "invalid_choice": _("“%(value)s” is not one of the choices. Choose one from the list.")
        },
    )
    urgency = forms.ChoiceField(
        label=_("How urgent?"),
        required=False,
        error_messages={
            "invalid_choice": _("“%(value)s” is not one of the choices. Choose one from the list.")
        },
    )

    def __init__(
        self,
        asked: Mapping[str, str],
        audiences: Iterable[tuple[str, StrOrPromise]],
        urgencies: Iterable[tuple[str, StrOrPromise]],
    ) -> None:
        super().__init__(asked)
        for name, any_label, options in (
            ("audience", _("everybody"), audiences),
            ("urgency", _("urgent and not urgent"), urgencies),
        ):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)  # noqa: S101  # narrows the type
            field.choices = [("", any_label), *options]


class PlaceForm(forms.Form):
    """A postcode, or the name of a part of the city."""

    postcode = forms.CharField(
        label=_("Your postcode, or your part of the city"),
        max_length=60,
        error_messages={
            "required": _("Type your postcode, such as 9031, or a name such as “Drongen”."),
            "max_length": _("That is too long. Type four digits, or a name such as “Drongen”."),
        },
    )

    def clean_postcode(self) -> str:
        """The four digits with the name after them, if any (`9031`, `B-9031`, `9031 Drongen`), or else the name."""
        typed: str = self.cleaned_data["postcode"]
        found = POSTAL_CODE.fullmatch(typed)
        if found:
            return " ".join(filter(None, found.groups()))
        if re.search(r"\d", typed):
            raise ValidationError(
                _("A Belgian postcode has four digits, such as 9031. Leave out street and number.")
            )
        if not re.search(r"\w{2}", typed):
            raise ValidationError(_("Type your postcode, such as 9031, or a name such as “Drongen”."))
        return typed
