"""Sign-in through an OpenID Connect provider; imported only where the operator names one (`OIDC_ISSUER`).

The provider only says who somebody is: the account exists already, and is found by an e-mail address that the provider
has verified. Each attempt counts against the limit of its address (see `sign_in.py`) from when it begins until it
succeeds. The provider is asked to let people prove anew who they are, as signing in is such a proof (see
`kernel/sessions.py`).
"""

from __future__ import annotations

import functools
import logging
import secrets
import time
from typing import Any

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.django_client import OAuth
from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from joserfc.errors import JoseError
from requests import RequestException

from pzgent.admin.account_pages import BACKEND, AccountPages, begin_second_step, safe_next
from pzgent.admin.enrolling import PROVEN
from pzgent.admin.factors import is_protected
from pzgent.admin.sign_in import Attempt, too_many
from pzgent.admin.sign_in_log import record
from pzgent.kernel.rest.throttling import client_of
from pzgent.models import SignIn, SignInEventKind

logger = logging.getLogger(__name__)

PENDING = "sent_to_provider"
# Seconds that signing in at the provider may take, by which clocks may differ, and to wait for each of its answers.
LASTS, LEEWAY, TIMEOUT = 10 * 60, 60, 5
# An answer of the provider that is missing, refused, forged or malformed.
FAULTS = (AuthlibBaseError, JoseError, RequestException, RuntimeError, ValueError, KeyError, TypeError)


def provider_urls(site: Any) -> list[URLPattern]:
    """Return the URL patterns of signing in through the provider."""
    pages = ProviderPages(site)
    return [
        path("login/provider/", pages.begin, name="sign_in_provider"),
        path("login/provider/done/", pages.finish, name="signed_in_at_provider"),
    ]


@functools.cache
def client(issuer: str, client_id: str, secret: str) -> Any:
    """Return the client of the provider, which keeps what the provider says of itself."""
    kwargs = {"scope": "openid email", "code_challenge_method": "S256", "default_timeout": TIMEOUT}
    return OAuth().register(
        "provider",
        client_id=client_id,
        client_secret=secret,
        server_metadata_url=f"{issuer.rstrip('/')}/.well-known/openid-configuration",
        client_kwargs=kwargs,
    )


def _client() -> Any:
    return client(settings.OIDC_ISSUER, settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET)


def claims_of(request: HttpRequest) -> dict[str, Any]:
    """Return what the provider says of who signed in; raises one of `FAULTS`.

    The address may stand in the ID token or be told apart, but it and its verification come from one of these.
    """
    required = {"iss": settings.OIDC_ISSUER, "aud": settings.OIDC_CLIENT_ID}
    options = {name: {"essential": True, "value": value} for name, value in required.items()}
    token = _client().authorize_access_token(request, claims_options=options, leeway=LEEWAY)
    claims: dict[str, Any] = token["userinfo"]
    if "email" in claims:
        return claims
    told = _client().userinfo(token=token)
    if told["sub"] != claims["sub"]:
        raise ValueError("another person")
    return {**claims, **{name: told.get(name) for name in ("email", "email_verified")}}


def account_of(claims: dict[str, Any]) -> User | None:
    """Return the only account with the verified address; None without one, or if it may not sign in.

    Databases fold letters outside ASCII, by which two addresses could look the same.
    """
    address = claims.get("email")
    if claims.get("email_verified") is not True or not isinstance(address, str) or not address.isascii():
        return None
    found = [account for account in User.objects.filter(email__iexact=address) if account.email.isascii()]
    may_sign_in = len(found) == 1 and found[0].is_active and found[0].is_staff
    return found[0] if address and may_sign_in else None


class ProviderPages(AccountPages):
    """The pages, on one admin site."""

    @method_decorator(never_cache)
    def begin(self, request: HttpRequest) -> HttpResponse:
        """Redirect to the provider; 429 after too many attempts that did not succeed."""
        attempt = Attempt(secrets.token_urlsafe(), client_of(request), "provider")
        if wait := attempt.begin():
            response = self._refuse(request, str(too_many(wait).message), 429)
            response.headers["Retry-After"] = str(wait)
            return response
        key = attempt.row.pk if attempt.row else None
        request.session[PENDING] = {
            "attempt": key,
            "at": int(time.time()),
            "next": request.GET.get("next", ""),
        }
        address = request.build_absolute_uri(reverse("admin:signed_in_at_provider"))
        try:
            response = _client().authorize_redirect(request, address, prompt="login")
        except FAULTS as fault:
            return self._fail(request, fault)
        return response

    @method_decorator(never_cache)
    def finish(self, request: HttpRequest) -> HttpResponse:
        """Sign in whom the provider names, or go on to the second step; a page says why not."""
        pending = request.session.pop(PENDING, None)
        if pending is None or time.time() - pending["at"] > LASTS:
            return self._refuse(request, gettext("That took too long. Sign in again."), 400)
        try:
            claims = claims_of(request)
        except FAULTS as fault:
            return self._fail(request, fault)
        account = account_of(claims)
        if account is None:
            return self._refuse(request, self._reason(claims), 403)
        if request.user.is_authenticated and request.user != account:
            text = gettext("You are signed in here with another account. Sign out first.")
            return self._refuse(request, text, 403)
        proven = claims.get("auth_time", pending["at"])
        if not isinstance(proven, int | float) or proven < pending["at"] - LEEWAY:
            text = gettext("%(provider)s did not ask you to prove again who you are. Sign out there first.")
            return self._refuse(request, text % _names(), 403)
        SignIn.objects.filter(pk=pending["attempt"], succeeded=False).delete()
        if is_protected(account) and not settings.OIDC_SECOND_FACTOR:
            return begin_second_step(request, account, pending["next"])
        return self._sign_in(request, account, pending["next"])

    def _sign_in(self, request: HttpRequest, account: User, asked: str) -> HttpResponse:
        Attempt(account.get_username(), client_of(request)).succeed()
        login(request, account, BACKEND)
        request.session[PROVEN] = settings.OIDC_SECOND_FACTOR
        request.session.clear_expired()
        record(request, account, SignInEventKind.SIGNED_IN, "provider")
        return HttpResponseRedirect(safe_next(request, asked))

    def _reason(self, claims: dict[str, Any]) -> str:
        """Return why nobody is signed in."""
        if claims.get("email_verified") is not True:
            return gettext("%(provider)s does not say that your e-mail address is verified.") % _names()
        text = gettext(
            "No account that may sign in has the e-mail address %(address)s. Ask a colleague who manages accounts."
        )
        return text % {"address": claims.get("email", "")}

    def _fail(self, request: HttpRequest, fault: Exception) -> HttpResponse:
        """Return the page for a failed answer of the provider; the log names the fault, and nobody."""
        if getattr(fault, "error", "") == "access_denied":
            return self._refuse(request, gettext("You were not signed in at %(provider)s.") % _names(), 403)
        logger.warning("The OpenID Connect provider could not be used: %s", type(fault).__name__)
        text = gettext(
            "%(provider)s cannot be used at this moment. Sign in with your password, or try again later."
        )
        return self._refuse(request, text % _names(), 502)

    def _refuse(self, request: HttpRequest, text: str, status: int) -> HttpResponse:
        title = gettext("You are not signed in")
        response = self._page(request, "not_signed_in", title, text=capfirst(text))
        response.status_code = status
        return response


def _names() -> dict[str, str]:
    return {"provider": settings.OIDC_NAME}
