"""Forms of the public pages about contact."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from pzgent.kernel.fields import AddressInput
from pzgent.kernel.folding import with_plain_signs

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

POSTAL_CODE = re.compile(r"(?:\bBE?[\s-]*)?([1-9]\d{3})", re.ASCII | re.IGNORECASE)
COUNTRY = re.compile(r"\W*\b(?:belgi[eë]|belgium|belgique|belgien)\W*$", re.IGNORECASE)
AROUND_CODE = " \t,;:./()[]-"
# “Kortrijksesteenweg 1050” ends in a house number.
STREET = re.compile(
    r"(?:straat|laan|weg|plein|dreef|lei|kaai|dok|pad|baan|markt)\b|\b(?:rue|avenue|chauss[ée]e|place)\b",
    re.IGNORECASE,
)


class NeedForm(forms.Form):
    """What a visitor needs, for whom, and how urgently; all fields are optional."""

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
    """Postcode, or name of a part of the city."""

    postcode = AddressInput(
        label=_("Your postcode, or your part of the city"),
        max_length=60,
        error_messages={
            "required": _("Type your postcode, such as 9031, or a name such as “Drongen”."),
            "max_length": _("That is too long. Type four digits, or a name such as “Drongen”."),
        },
    )

    def clean_postcode(self) -> str:
        """Return the four digits with a name next to them, if any, or else the name.

        Accepts `9031`, `BE-9031` and `Drongen, 9031`.
        """
        typed: str = self.cleaned_data["postcode"]
        plain = with_plain_signs(typed)
        found = POSTAL_CODE.search(plain)
        before, after = (plain[: found.start()], plain[found.end() :]) if found else (plain, "")
        if re.search(r"\d", before + after) or (found and STREET.search(before)):
            raise ValidationError(
                _("A Belgian postcode has four digits, such as 9031. Leave out street and number.")
            )
        if found:
            parts = (found[1], before.strip(AROUND_CODE), COUNTRY.sub("", after).strip(AROUND_CODE))
            return " ".join(filter(None, parts))
        if not re.search(r"\w{2}", typed):
            raise ValidationError(_("Type your postcode, such as 9031, or a name such as “Drongen”."))
        return typed
