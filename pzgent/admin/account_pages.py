"""Pages about signing in: the second step, the choice of factors, the proof of who one is, and a forgotten password."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.crypto import constant_time_compare
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect

from pzgent.admin import factors, passkeys
from pzgent.admin.enrolling import PROVEN
from pzgent.admin.sign_in import Attempt, too_many
from pzgent.admin.sign_in_log import record
from pzgent.kernel.editing.confirming import ask_to_confirm
from pzgent.kernel.editing.problems import ExplainingForm
from pzgent.kernel.rest.throttling import client_of
from pzgent.kernel.sessions import confirm, sign_out_everywhere
from pzgent.kernel.zone import get_zone
from pzgent.models import Factor, FactorKind, SignInEvent, SignInEventKind

HALF, NEW_KEY = "half_signed_in", "new_totp_key"
# How long the second step may take.
HALF_LASTS = 10 * 60
EVENTS_SHOWN = 10
BACKEND = "django.contrib.auth.backends.ModelBackend"


class CodeForm(ExplainingForm):
    """A code of an authenticator app, or a recovery code."""

    code = forms.CharField(
        label=_("Code"),
        max_length=40,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "one-time-code",
                "autofocus": True,
                "spellcheck": "false",
                "class": "vTextField",
            }
        ),
        help_text=_("The six digits that your authenticator app shows now, or one of your recovery codes."),
    )


class PasswordForm(ExplainingForm):
    """The password of the account that is signed in."""

    password = forms.CharField(
        label=_("Your password"),
        strip=False,
        widget=forms.PasswordInput(
            attrs={"autocomplete": "current-password", "autofocus": True, "class": "vTextField"}
        ),
    )


def account_urls(site: Any) -> list[URLPattern]:
    """Return the URL patterns of these pages, for the admin site that they belong to."""
    pages = AccountPages(site)
    by_provider = []
    if settings.OIDC_ISSUER:
        from pzgent.admin.provider import provider_urls

        by_provider = provider_urls(site)
    mine: dict[str, Callable[..., HttpResponse]] = {
        "confirm": pages.confirm,
        "back": pages.back,
        "security": pages.security,
        "add_app": pages.add_app,
        "add_passkey": pages.add_passkey,
        "recovery_codes": pages.recovery_codes,
        "remove_factor": pages.remove_factor,
        "sign_out_elsewhere": pages.sign_out_elsewhere,
    }
    return [
        path("login/code/", pages.second_step, name="sign_in_code"),
        *by_provider,
        *(
            path(f"account/{name.replace('_', '-')}/", site.admin_view(view), name=name)
            for name, view in mine.items()
        ),
    ]


def begin_second_step(request: HttpRequest, account: User, asked: str) -> HttpResponse:
    """Remember whose first step was right, and redirect to the page that asks for the second one."""
    request.session.cycle_key()
    request.session[HALF] = {
        "account": account.pk,
        "hash": account.get_session_auth_hash(),
        "at": int(time.time()),
        "next": asked,
    }
    return HttpResponseRedirect(reverse("admin:sign_in_code"))


def half_signed_in(request: HttpRequest) -> User | None:
    """Return the account whose first step was right a moment ago, and whose password was not changed since."""
    half = request.session.get(HALF)
    if half is None or time.time() - half["at"] > HALF_LASTS:
        return None
    account = User.objects.filter(pk=half["account"], is_active=True).first()
    is_same = account is not None and constant_time_compare(account.get_session_auth_hash(), half["hash"])
    return account if is_same else None


def safe_next(request: HttpRequest, asked: str) -> str:
    """Return the address to go to, if it is one of this site; else the index."""
    is_ours = url_has_allowed_host_and_scheme(asked, {request.get_host()}, require_https=request.is_secure())
    return asked if asked and is_ours else reverse("admin:index")


def provider_name() -> str:
    """Return the name of the provider through which one may sign in; empty without one."""
    name: str = settings.OIDC_NAME if settings.OIDC_ISSUER else ""
    return name


class AccountPages:
    """The pages, on one admin site."""

    def __init__(self, site: Any) -> None:
        self.site = site

    def _page(self, request: HttpRequest, name: str, title: str, **context: Any) -> HttpResponse:
        shown = {**self.site.each_context(request), "title": title, **context}
        response = TemplateResponse(request, f"admin/account/{name}.html", shown)
        response.headers["Cache-Control"] = "no-store"
        return response

    # --- Signing in -------------------------------------------------------------------------------
    @method_decorator([never_cache, csrf_protect])
    def second_step(self, request: HttpRequest) -> HttpResponse:
        """Ask for the second step, and begin the session once it is right; 429 after too many wrong codes."""
        account = half_signed_in(request)
        if account is None:
            request.session.pop(HALF, None)
            messages.warning(request, gettext("That took too long. Sign in again."))
            return HttpResponseRedirect(reverse("admin:login"))
        form, wait = CodeForm(request.POST if request.method == "POST" else None), 0
        if request.method == "POST":
            how, wait = self._check(request, account, form)
            if how:
                return self._begin_session(request, account, how)
        has_passkey = passkeys.has_passkey(account)
        options = passkeys.begin_use(request, account) if has_passkey else None
        has_codes = Factor.objects.filter(account=account).exclude(kind=FactorKind.PASSKEY).exists()
        context = {"form": form, "options": options, "has_codes": has_codes, "who": account.get_username()}
        response = self._page(request, "second_step", gettext("The second step"), **context)
        if wait:
            response.status_code = 429
            response.headers["Retry-After"] = str(wait)
        return response

    def _check(self, request: HttpRequest, account: User, form: CodeForm) -> tuple[str, int]:
        """Return with which factor the attempt succeeded, or the seconds to wait; add the error to the form."""
        attempt = Attempt(account.get_username(), client_of(request), "code")
        wait = attempt.begin()
        if wait:
            record(request, account, SignInEventKind.THROTTLED)
            form.full_clean()
            form.add_error(None, too_many(wait))
            return "", wait
        answer = request.POST.get("passkey", "")
        if answer:
            how = FactorKind.PASSKEY if passkeys.use_passkey(request, account, answer) else None
        else:
            how = factors.use_code(account, form.cleaned_data["code"]) if form.is_valid() else None
        if how is None:
            record(request, account, SignInEventKind.WRONG_CODE)
            text = gettext(
                "This is not right. Look at the code that is shown now, and mind that each works once."
            )
            form.full_clean()
            form.errors.pop("code", None)
            form.add_error(None, ValidationError(text, "wrong"))
            return "", 0
        attempt.succeed()
        Attempt(account.get_username(), client_of(request)).succeed()
        return how.value, 0

    def _begin_session(self, request: HttpRequest, account: User, how: str) -> HttpResponse:
        """Sign in, and go where the editor wanted to go."""
        asked = request.session.pop(HALF)["next"]
        login(request, account, BACKEND)
        request.session.clear_expired()
        record(request, account, SignInEventKind.SIGNED_IN, how)
        if how == FactorKind.RECOVERY:
            left = factors.recovery_codes_left(account)
            text = gettext(
                "You signed in with a recovery code; %(count)d are left. Lost your phone? Then add the new one here, "
                "and remove the old one."
            )
            messages.warning(request, text % {"count": left})
            return HttpResponseRedirect(reverse("admin:security"))
        return HttpResponseRedirect(safe_next(request, asked))

    def confirm(self, request: HttpRequest) -> HttpResponse:
        """Ask for the password once more, and go on to where it was needed; 429 after too many wrong ones."""
        account: Any = request.user
        form, wait = PasswordForm(request.POST if request.method == "POST" else None), 0
        if request.method == "POST" and form.is_valid():
            attempt = Attempt(account.get_username(), client_of(request))
            wait = attempt.begin()
            if wait:
                form.add_error(None, too_many(wait))
            elif account.check_password(form.cleaned_data["password"]):
                attempt.succeed()
                confirm(request.session)
                record(request, account, SignInEventKind.CONFIRMED, "password")
                return HttpResponseRedirect(safe_next(request, request.POST.get("next", "")))
            else:
                record(request, account, SignInEventKind.WRONG_PASSWORD)
                form.add_error("password", gettext("This is not your password."))
        asked = request.POST.get("next") or request.GET.get("next") or reverse("admin:back")
        response = self._page(
            request, "confirm", gettext("Is it you?"), form=form, next=asked, provider=provider_name()
        )
        if wait:
            response.status_code = 429
        return response

    def back(self, request: HttpRequest) -> HttpResponse:
        """Tell an editor who gave the proof on a second tab to go back to the first one."""
        return self._page(request, "back", gettext("Thank you"))

    # --- Factors ----------------------------------------------------------------------------------
    def security(self, request: HttpRequest) -> HttpResponse:
        """Show the factors of one's own account and its last events."""
        account: Any = request.user
        own = Factor.objects.filter(account=account).exclude(kind=FactorKind.RECOVERY)
        context = {
            "factors": own,
            "codes_left": factors.recovery_codes_left(account),
            "must_enrol": factors.must_enrol(account) and not request.session.get(PROVEN),
            "events": SignInEvent.objects.filter(account=account)[:EVENTS_SHOWN],
        }
        return self._page(request, "security", gettext("Signing in and security"), **context)

    def add_app(self, request: HttpRequest) -> HttpResponse:
        """Show the key of a new authenticator app, and add it once it shows the right code."""
        if asked := ask_to_confirm(request):
            return asked
        account: Any = request.user
        key = request.session.get(NEW_KEY) or factors.new_key()
        request.session[NEW_KEY] = key
        form = CodeForm(request.POST if request.method == "POST" else None)
        form.fields["code"].help_text = gettext("The six digits that the app shows now.")
        if request.method == "POST" and form.is_valid():
            with transaction.atomic():
                if factors.add_app(account, key, form.cleaned_data["code"]):
                    del request.session[NEW_KEY]
                    return self._added(request, account, FactorKind.TOTP)
            form.add_error(
                "code", gettext("This is not the code that goes with the picture. Take the one shown now.")
            )
        issuer = gettext("Portal of %(police)s") % get_zone().terms
        picture = factors.picture_of(key, account.get_username(), issuer)
        spelled = " ".join(key[start : start + 4] for start in range(0, len(key), 4))
        return self._page(
            request, "add_app", gettext("Add an authenticator app"), form=form, picture=picture, key=spelled
        )

    def add_passkey(self, request: HttpRequest) -> HttpResponse:
        """Ask the browser for a new passkey, and add it."""
        if asked := ask_to_confirm(request):
            return asked
        account: Any = request.user
        if request.method == "POST":
            name = request.POST.get("name", "").strip() or str(FactorKind.PASSKEY.label)
            with transaction.atomic():
                if passkeys.add_passkey(request, account, name, request.POST.get("passkey", "")):
                    return self._added(request, account, FactorKind.PASSKEY)
            messages.error(request, gettext("That did not work. Try again, or choose an authenticator app."))
        options = passkeys.begin_registration(request, account)
        return self._page(request, "add_passkey", gettext("Add a passkey"), options=options)

    def _added(self, request: HttpRequest, account: Any, kind: FactorKind) -> HttpResponse:
        """Log the new factor; show the recovery codes that go with the first one."""
        record(request, account, SignInEventKind.FACTOR_ADDED, kind.value)
        messages.success(request, gettext("Added. From now on you sign in with it."))
        if factors.recovery_codes_left(account):
            return HttpResponseRedirect(reverse("admin:security"))
        return self._show_codes(request, account)

    def recovery_codes(self, request: HttpRequest) -> HttpResponse:
        """Replace the recovery codes by new ones, and show these once."""
        if request.method != "POST" or not factors.is_protected(request.user):
            return HttpResponseRedirect(reverse("admin:security"))
        return ask_to_confirm(request) or self._show_codes(request, request.user)

    def _show_codes(self, request: HttpRequest, account: Any) -> HttpResponse:
        codes = factors.new_recovery_codes(account)
        return self._page(request, "recovery_codes", gettext("Your recovery codes"), codes=codes)

    def remove_factor(self, request: HttpRequest) -> HttpResponse:
        """Remove one of one's own factors; the last one only where none is required."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if asked := ask_to_confirm(request):
            return asked
        account: Any = request.user
        own = Factor.objects.filter(account=account).exclude(kind=FactorKind.RECOVERY)
        key = request.POST.get("factor", "")
        factor = own.filter(pk=int(key)).first() if key.isdecimal() else None
        if factor is not None and own.count() == 1 and factors.is_required():
            messages.error(request, gettext("This is your only second step. Add another one first."))
        elif factor is not None:
            factor.delete()
            if not own.exists():
                factors.erase(account)
            record(request, account, SignInEventKind.FACTOR_REMOVED, factor.kind)
            messages.success(request, gettext("Removed."))
        return HttpResponseRedirect(reverse("admin:security"))

    def sign_out_elsewhere(self, request: HttpRequest) -> HttpResponse:
        """End all other sessions of one's own account."""
        if request.method == "POST":
            sign_out_everywhere(request.user.pk, keep=request.session.session_key)
            record(request, request.user, SignInEventKind.SIGNED_OUT_EVERYWHERE)  # type: ignore[arg-type]  # signed in
            messages.success(request, gettext("You are signed out everywhere else."))
        return HttpResponseRedirect(reverse("admin:security"))
