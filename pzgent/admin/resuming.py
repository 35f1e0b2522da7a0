"""Keeps what an editor typed when a form cannot be accepted: the session ended, or its CSRF token is outdated.

A form sent without a session is kept in the anonymous session of that browser, which signing in retains. After signing
in, by whatever steps, `resume` offers to send it again with a fresh token. A form with an outdated token, as after
signing in from a second tab, is offered again at once. Only requests from the site's own pages are kept, only for the
account that used this browser before, and never passwords or files.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.csrf import csrf_failure

KEPT, COOKIE, SALT = "kept_forms", "editor", "pzgent.admin.editor"
COOKIE_AGE = 30 * 24 * 3600
# Maximum length of what is kept of one form, and the number of forms kept per browser.
LONGEST = 500_000
MOST_FORMS = 3
View = Callable[..., Any]


def resumable(view: View) -> View:
    """Wrap a view of the admin: a form sent after the session ended is kept until its editor has signed in again."""

    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.method == "POST" and request.user.is_anonymous and _last_editor(request):
            return _sign_in_first(request, is_certain=True)
        response = view(request, *args, **kwargs)
        if request.user.is_authenticated and _last_editor(request) != str(request.user.pk):
            _remember_editor(response, str(request.user.pk))
        return response

    return inner


def resume(request: HttpRequest) -> HttpResponse:
    """Show a kept form to the account that typed it, ready to be sent again; scripts send it at once."""
    token = request.GET.get("form", "")
    kept = request.session.get(KEPT, {}).get(token)
    if kept is None:
        messages.warning(request, _("What you typed is no longer kept. Open the page again."))
        return HttpResponseRedirect(reverse("admin:index"))
    if kept["editor"] != str(request.user.pk):
        request.session[KEPT] = {key: form for key, form in request.session[KEPT].items() if key != token}
        messages.warning(
            request, _("Somebody else typed a form in this browser before you. It was not sent.")
        )
        return HttpResponseRedirect(reverse("admin:index"))
    return _offer(request, kept, is_certain=kept["is_certain"])


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Respond to a form with an outdated token: offer to send it again, or to sign in first."""
    if not _is_from_here(request):
        return csrf_failure(request, reason)
    if _holds_password(request):
        messages.warning(request, _("You signed in elsewhere in the meantime. Fill in this page again."))
        return HttpResponseRedirect(request.get_full_path())
    if request.user.is_authenticated:
        return _offer(request, _kept_of(request), is_certain=False, status=403)
    return _sign_in_first(request, is_certain=False)


def _sign_in_first(request: HttpRequest, is_certain: bool) -> HttpResponse:
    """Keep the form if it is not too large, and redirect to the sign-in page."""
    if request.path == reverse("admin:logout"):
        return HttpResponseRedirect(reverse("admin:login"))
    kept = _kept_of(request)
    size = sum(len(name) + len(value) for name, value in kept["fields"])
    editor = _last_editor(request)
    if size > LONGEST or not editor:
        messages.warning(request, _("You were signed out, and what you typed could not be kept. Sign in."))
        return redirect_to_login(reverse("admin:index"), reverse("admin:login"))
    token = secrets.token_urlsafe(16)
    earlier = list(request.session.get(KEPT, {}).items())[1 - MOST_FORMS :]
    request.session[KEPT] = {
        **dict(earlier),
        token: {**kept, "editor": editor, "is_certain": is_certain},
    }
    messages.info(request, _("You were signed out. What you typed is kept: sign in, and it is sent."))
    return redirect_to_login(f"{reverse('admin:resume')}?form={token}", reverse("admin:login"))


def _kept_of(request: HttpRequest) -> dict[str, Any]:
    """Return the address of a form and its fields, without tokens, passwords and files; files by name."""
    fields = [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if name != "csrfmiddlewaretoken" and "password" not in name
    ]
    uploads: Any = request.FILES
    files = [file.name for _name, found in uploads.lists() for file in found]
    return {"path": request.get_full_path(), "fields": fields, "files": files}


def _offer(request: HttpRequest, kept: dict[str, Any], is_certain: bool, status: int = 200) -> HttpResponse:
    context = {
        **admin.site.each_context(request),
        "title": _("What you typed is still here"),
        "kept": kept,
        "is_certain": is_certain,
    }
    response = TemplateResponse(request, "admin/resume.html", context, status=status)
    response.headers["Cache-Control"] = "no-store"
    return response.render()


def _holds_password(request: HttpRequest) -> bool:
    return any("password" in name for name in request.POST)


def _is_from_here(request: HttpRequest) -> bool:
    """Return whether one of our own pages sent the form; browsers let no other site claim so."""
    if not request.path.startswith(reverse("admin:index")):
        return False
    sender = request.headers.get("Origin") or request.headers.get("Referer", "")
    host = request.get_host()
    return bool(urlsplit(sender).netloc) and url_has_allowed_host_and_scheme(
        sender, host, require_https=request.is_secure()
    )


def _last_editor(request: HttpRequest) -> str:
    """Return the key of the account that last used the admin in this browser; empty if unknown."""
    found: str | None = request.get_signed_cookie(COOKIE, default="", salt=SALT, max_age=COOKIE_AGE)
    return found or ""


def _remember_editor(response: HttpResponse, key: str) -> None:
    response.set_signed_cookie(
        COOKIE,
        key,
        salt=SALT,
        max_age=COOKIE_AGE,
        path=settings.SESSION_COOKIE_PATH,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
