"""A forgotten password: a new one by mail, without telling whether an account exists."""

from __future__ import annotations

from threading import Thread
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import admin
from django.contrib.auth import views
from django.contrib.auth.forms import PasswordResetForm
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from pzgent.admin.sign_in import Attempt
from pzgent.admin.sign_in_log import record
from pzgent.kernel.rest.throttling import client_of
from pzgent.models import SignInEventKind


class ResetForm(PasswordResetForm):
    """The form that asks for the address; mail is sent aside, so that the answer takes as long without an account."""

    def send_mail(self, *args: Any, **kwargs: Any) -> None:
        """Send the mail in a thread."""
        Thread(target=super().send_mail, args=args, kwargs=kwargs).start()


class AskView(views.PasswordResetView):
    """Asks for the address, at most as often as for a password."""

    form_class = ResetForm
    title = _("Forgotten your login credentials?")

    def form_valid(self, form: Any) -> HttpResponse:
        """Send the mail if an account has this address; say the same if none has, or after too many requests."""
        address = form.cleaned_data["email"]
        if Attempt(address, client_of(self.request), "reset").begin():
            return HttpResponseRedirect(str(self.get_success_url()))
        for account in form.get_users(address):
            record(self.request, account, SignInEventKind.PASSWORD_RESET_ASKED)
        self.extra_email_context = _site_names(self.request)
        return super().form_valid(form)


class ChooseView(views.PasswordResetConfirmView):
    """Lets the owner of the mailbox choose a new password; the second step stays."""

    def form_valid(self, form: Any) -> HttpResponse:
        """Save the password, which ends all sessions, and log it."""
        account: User = form.user
        record(self.request, account, SignInEventKind.PASSWORD_RESET)
        return super().form_valid(form)


def _site_names(request: HttpRequest) -> dict[str, str]:
    """Return how the mail names the site: by its own address, whatever host was requested."""
    base = urlsplit(settings.BASE_URL or request.build_absolute_uri("/"))
    name = admin.site.each_context(request)["site_title"]
    return {"protocol": base.scheme, "domain": base.netloc, "site_name": str(name)}


def _page(view: Any) -> Any:
    """Return a view that shows the page as one of the admin site."""

    def inner(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        context = {**admin.site.each_context(request), "is_nav_sidebar_enabled": False}
        response: HttpResponse = view.as_view(extra_context=context)(request, **kwargs)
        return response

    return inner


def forgotten_urls() -> list[URLPattern]:
    """Return the URL patterns; none where the site sends no mail."""
    if not settings.SENDS_MAIL:
        return []
    return [
        path("admin/password_reset/", _page(AskView), name="admin_password_reset"),
        path("admin/password_reset/done/", _page(views.PasswordResetDoneView), name="password_reset_done"),
        path("admin/reset/<uidb64>/<token>/", _page(ChooseView), name="password_reset_confirm"),
        path("admin/reset/done/", _page(views.PasswordResetCompleteView), name="password_reset_complete"),
    ]
