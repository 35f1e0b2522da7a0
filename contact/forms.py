"""The question that the page with stations answers."""

from django import forms
from django.utils.translation import gettext_lazy as _


class PlaceForm(forms.Form):
    """A postcode, or the name of a part of the city."""

    postcode = forms.CharField(
        label=_("Your postcode, or your part of the city"),
        max_length=60,
        error_messages={"max_length": _("That is too long. Type four digits, or a name such as “Drongen”.")},
    )
