"""Admin page for erasing a text everywhere."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from pzgent.desk.erasing import SHORTEST, erase, find
from pzgent.kernel.editing.problems import ExplainingForm

MOST_SHOWN = 200


class EraseForm(ExplainingForm):
    """The text to erase, and what takes its place."""

    text = forms.CharField(
        label=_("Text to erase"),
        min_length=SHORTEST,
        max_length=200,
        help_text=_("Exactly as it is written, for example “Jan Peeters”. Look for other spellings too."),
    )
    replacement = forms.CharField(
        label=_("Replace it with"),
        max_length=100,
        required=False,
        help_text=_("For example “a member of staff”. Empty: the text disappears."),
    )

    def clean(self) -> dict[str, Any]:
        """Refuse a replacement that contains the text itself."""
        cleaned: dict[str, Any] = super().clean() or {}
        text = cleaned.get("text")
        if text and text in cleaned.get("replacement", ""):
            raise ValidationError({"replacement": gettext("This contains the text to erase.")})
        return cleaned


def erasing_page(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """Show where a text is stored, and erase it there once that was confirmed; for superusers.

    The number of places that was confirmed must still be right.
    """
    if not request.user.is_superuser:
        raise PermissionDenied
    form = EraseForm(request.POST if request.method == "POST" else None)
    places = None
    if form.is_valid():
        places = find(**form.cleaned_data)
        if request.POST.get("confirmed") == str(len(places)):
            return _erase(request, form)
    shown = {
        "form": form,
        "places": places,
        "count": len(places or ()),
        "title": gettext("Erase a text everywhere"),
    }
    shown["first"] = (places or [])[:MOST_SHOWN]
    return TemplateResponse(request, "admin/erasing.html", {**context, **shown})


def _erase(request: HttpRequest, form: EraseForm) -> HttpResponse:
    try:
        count = erase(**form.cleaned_data, user=request.user)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        text = ngettext("Erased in %(count)d place.", "Erased in %(count)d places.", count)
        messages.success(request, text % {"count": count})
    return HttpResponseRedirect(reverse("admin:erase"))
