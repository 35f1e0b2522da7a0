"""Security headers, refusal of malformed requests, and sessions for the admin alone."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.http import ConditionalGetMiddleware
from django.urls import reverse
from django.utils.functional import cached_property

from pzgent.problems import is_api, refuse

GetResponse = Callable[[HttpRequest], HttpResponse]
MAX_PATH = 2_000
MAX_QUERY = 4_000


class SecurityHeadersMiddleware:
    """Adds the content security policy and the headers that go with it to every answer."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.policy = "; ".join(
            f"{directive} {sources}" for directive, sources in settings.SECURE_CSP.items()
        )

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The answer with its headers; one that sets its own policy keeps it."""
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", self.policy)
        response.headers.setdefault(
            "Permissions-Policy", "camera=(), geolocation=(), microphone=(), interest-cohort=()"
        )
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response


class PageConditionalGetMiddleware(ConditionalGetMiddleware):
    """Answers 304 where the client has a page already. What has an ETag of its own in the API was compared there."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """The response, or 304."""
        if is_api(request) and "ETag" in response.headers:
            return response
        answer: Any = super().process_response(request, response)
        if answer is not response:
            answer.stands_for = response
        return answer


class RefuseMalformedRequestMiddleware:
    """Answers 400 or 414 to what no page can mean, before it reaches the database.

    PostgreSQL refuses a NUL byte in a text with an error that would otherwise become a 500.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The refusal, or the answer."""
        query = request.META.get("QUERY_STRING", "")
        if len(request.path_info) > MAX_PATH or len(query) > MAX_QUERY:
            return refuse(request, 414)
        decoded = f"{request.path_info}{query}"
        if "\x00" in decoded or "%00" in query or "\ufffd" in request.path_info or not _is_utf8(request):
            return refuse(request, 400)
        return self.get_response(request)


def _is_utf8(request: HttpRequest) -> bool:
    """Whether every value of the query decodes as UTF-8."""
    try:
        return not any(
            "\ufffd" in value for values in request.GET.lists() for value in (values[0], *values[1])
        )
    except (UnicodeDecodeError, ValueError):
        return False


class OneAddressMiddleware:
    """Whatever name a page is asked by, the addresses in it are those of the site (`BASE_URL`): in feeds, the sitemap,
    calendars and contact cards too. A form keeps the name it was sent to, which its protection compares.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The answer to the request under the site's own name; raises what Django does for a name that is not ours."""
        if settings.BASE_URL and request.method in ("GET", "HEAD"):
            request.get_host()
            request.META["HTTP_HOST"] = urlsplit(settings.BASE_URL).netloc
        return self.get_response(request)


class _EditorsOnly:
    """Runs a middleware under the admin's path only: public pages have no session, cookie or user."""

    get_response: Any

    @cached_property
    def _admin_root(self) -> str:
        return reverse("admin:index")

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The answer, through the middleware under the admin's path only."""
        if request.path_info.startswith(self._admin_root):
            return super().__call__(request)  # type: ignore[misc]  # the middleware this is mixed into
        return self.get_response(request)


class EditorSessionMiddleware(_EditorsOnly, SessionMiddleware):
    """Sessions in the admin."""


class EditorAuthenticationMiddleware(_EditorsOnly, AuthenticationMiddleware):
    """Users in the admin."""


class EditorMessagesMiddleware(_EditorsOnly, MessageMiddleware):
    """Messages in the admin."""
