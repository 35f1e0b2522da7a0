"""Security headers, refusal of malformed requests, and sessions for the admin alone."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.middleware.http import ConditionalGetMiddleware
from django.middleware.locale import LocaleMiddleware

from pzgent.kernel.door import ADMIN_ROOT, UNREADABLE
from pzgent.kernel.problems import UNAVAILABLE, is_api, refuse
from pzgent.kernel.sessions import end_if_over
from pzgent.kernel.zone import get_zone, held_for_request

GetResponse = Callable[[HttpRequest], HttpResponse]
MAX_PATH = 2_000
MAX_QUERY = 4_000
READING = ("GET", "HEAD")
SAFE = (*READING, "OPTIONS")
LENGTH = re.compile(r"[0-9]{1,15}", re.ASCII)


def is_admin(request: HttpRequest) -> bool:
    """Return whether the address belongs to the admin."""
    return request.path_info.startswith(ADMIN_ROOT)


class SecurityHeadersMiddleware:
    """Adds the content security policy and related headers to every response."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.policy = "; ".join(
            f"{directive} {sources}" for directive, sources in settings.SECURE_CSP.items()
        )

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Return the response with its headers; a response with a policy of its own keeps it."""
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", self.policy)
        response.headers.setdefault(
            "Permissions-Policy", "camera=(), geolocation=(), microphone=(), interest-cohort=()"
        )
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response


class ZoneMiddleware:
    """Reads the identity of the zone at most once per request, and keeps the site out of search engines until it is
    declared official. API responses need no header: they are only found through the pages.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Return the response with its indexing rule."""
        with held_for_request(asks_database=UNAVAILABLE not in request.META):
            response = self.get_response(request)
            if not is_api(request) and not is_admin(request) and not get_zone().is_official:
                response.headers["X-Robots-Tag"] = "noindex"
            return response


class PageConditionalGetMiddleware(ConditionalGetMiddleware):
    """Responds 304 if the client already has the page.

    API responses with an ETag of their own were compared before; a 304 made elsewhere keeps its headers.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Return the response, or a 304."""
        if response.status_code == 304 or (is_api(request) and "ETag" in response.headers):
            return response
        answer: Any = super().process_response(request, response)
        if answer is not response:
            answer.stands_for = response
        return answer


class PathLocaleMiddleware(LocaleMiddleware):
    """Takes the language of a page from its address: browser preferences only count in the admin."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Return the response, without the `Vary` header added for language preferences where these do not count."""
        varying = response.headers.get("Vary")
        answer = super().process_response(request, response)
        if not is_admin(request) and answer is response and "Vary" in answer.headers:
            del answer.headers["Vary"]
            if varying:
                answer.headers["Vary"] = varying
        return answer


class RefuseMalformedRequestMiddleware:
    """Refuses requests that no page can answer, or that nobody may send, before the query string or body is read.

    PostgreSQL rejects a NUL byte in a text with an error that would otherwise become a 500.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Return the refusal or the response; an empty error gets the page or problem document of its status."""
        if UNREADABLE in request.META:
            return refuse(request, 500)
        if UNAVAILABLE in request.META:
            return refuse(request, 503)
        if status := _status_of_bad_address(request) or _status_of_bad_body(request):
            return refuse(request, status)
        if not (request.method in READING or is_admin(request) or is_api(request)):
            return _told(request, HttpResponseNotAllowed(READING))
        response = self.get_response(request)
        is_bare = response.status_code >= 400 and not response.streaming and not response.content
        return _told(request, response) if is_bare else response


def _told(request: HttpRequest, bare: HttpResponse) -> HttpResponse:
    """Return the page or problem document for an empty error response."""
    response = refuse(request, bare.status_code)
    if "Allow" in bare.headers:
        response.headers["Allow"] = bare.headers["Allow"]
    return response


def _status_of_bad_address(request: HttpRequest) -> int | None:
    """Return the status with which to refuse an address; None for a valid one."""
    query = request.META.get("QUERY_STRING", "")
    # Counted as Django does, which raises an error at every access to a query string with more fields.
    if query.count("&") >= settings.DATA_UPLOAD_MAX_NUMBER_FIELDS:
        return 400
    if len(request.path_info) > MAX_PATH or len(query) > MAX_QUERY:
        return 414
    texts = [request.path_info, *(text for name, values in request.GET.lists() for text in (name, *values))]
    # Cookies reach the database in the admin only; those of other sites on our domain may have any encoding.
    cookies = request.COOKIES.values() if is_admin(request) else ()
    is_broken = any("\x00" in text or "\ufffd" in text for text in texts)
    return 400 if is_broken or any("\x00" in text for text in cookies) else None


def _status_of_bad_body(request: HttpRequest) -> int | None:
    """Return the status with which to refuse a body by its stated length, before anything of it is read or stored."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not LENGTH.fullmatch(length):
        return 400
    is_chunked = "HTTP_TRANSFER_ENCODING" in request.META
    if is_admin(request):
        return 411 if is_chunked else 413 if int(length) > settings.LARGEST_UPLOAD else None
    # Other methods are refused by the method itself: nothing accepts them.
    return 413 if request.method in SAFE and (is_chunked or int(length)) else None


class OneAddressMiddleware:
    """Makes every absolute URL in a page use the site's own name (`BASE_URL`), whatever host was requested: in feeds,
    the sitemap, calendars and contact cards too. A form keeps the host it was sent to, which CSRF protection compares.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Respond to the request under the site's own name. Raises DisallowedHost for a host that is not ours."""
        if settings.BASE_URL and request.method in ("GET", "HEAD"):
            request.get_host()
            request.META["HTTP_HOST"] = urlsplit(settings.BASE_URL).netloc
        return self.get_response(request)


class _EditorsOnly:
    """Runs a middleware for admin paths only: public pages have no session, cookie or user."""

    get_response: Any

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Return the response, through the middleware for admin paths only."""
        if is_admin(request):
            return super().__call__(request)  # type: ignore[misc]  # the middleware this is mixed into
        return self.get_response(request)


class EditorSessionMiddleware(_EditorsOnly, SessionMiddleware):
    """Sessions in the admin, which end after a pause and after a working day."""

    def process_request(self, request: HttpRequest) -> None:
        """Open the session of the request, and end it if it is over."""
        super().process_request(request)
        end_if_over(request.session)


class EditorAuthenticationMiddleware(_EditorsOnly, AuthenticationMiddleware):
    """Users in the admin."""


class EditorMessagesMiddleware(_EditorsOnly, MessageMiddleware):
    """Messages in the admin."""
