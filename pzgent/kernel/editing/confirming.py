"""Forms that ask an editor to prove again who they are: those that reach every page at once, or change rights."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext

from pzgent.kernel.sessions import is_confirmed

# A form is opened within these minutes of the proof, and may be sent until these minutes after it.
TO_OPEN, TO_SEND = 15, 30
WITHHELD = ("csrfmiddlewaretoken", "password")


class ConfirmedAdmin(admin.ModelAdmin):
    """An admin whose forms and actions require that the editor proved recently who they are."""

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:
        """Show or save the form, after the proof."""
        may_write = self.has_change_permission(request) if object_id else self.has_add_permission(request)
        asked = ask_to_confirm(request) if may_write else None
        response: HttpResponse = asked or super().changeform_view(request, object_id, form_url, extra_context)
        return response

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """Ask for confirmation or delete, after the proof."""
        asked = ask_to_confirm(request) if self.has_delete_permission(request) else None
        response: HttpResponse = asked or super().delete_view(request, object_id, extra_context)
        return response

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Show the changelist, or run an action on it after the proof."""
        asked = ask_to_confirm(request) if request.method == "POST" else None
        response: HttpResponse = asked or super().changelist_view(request, extra_context)
        return response


def ask_to_confirm(request: HttpRequest) -> HttpResponse | None:
    """Return the page that asks for the proof, or None if it is recent enough.

    A form that was sent is kept on a page that sends it again.
    """
    if request.method != "POST":
        if is_confirmed(request.session, TO_OPEN):
            return None
        address = f"{reverse('admin:confirm')}?{urlencode({'next': request.get_full_path()})}"
        return HttpResponseRedirect(address)
    return None if is_confirmed(request.session, TO_SEND) else _kept_form(request)


def _kept_form(request: HttpRequest) -> HttpResponse:
    """Return a page that keeps the submitted form, and sends it again once the editor gave the proof on a new tab.

    Its header tells scripts where to give it.
    """
    kept = [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if not any(word in name for word in WITHHELD)
    ]
    context = {
        **admin.site.each_context(request),
        "title": gettext("Show first that it is you: nothing is lost"),
        "kept": kept,
        "has_files": bool(request.FILES),
        "address": request.get_full_path(),
    }
    response = TemplateResponse(request, "admin/account/kept_form.html", context, status=403)
    response.headers["X-Confirm"] = reverse("admin:confirm")
    response.headers["Cache-Control"] = "no-store"
    return response
