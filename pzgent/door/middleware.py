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

from pzgent.door import ADMIN_ROOT, UNREADABLE
from pzgent.kernel.problems import UNAVAILABLE, is_api, refuse
from pzgent.kernel.zone import get_zone, held_for_request

GetResponse = Callable[[HttpRequest], HttpResponse]
MAX_PATH = 2_000
MAX_QUERY = 4_000
READING = ("GET", "HEAD")
SAFE = (*READING, "OPTIONS")
LENGTH = re.compile(r"[0-9]{1,15}", re.ASCII)


def is_admin(request: HttpRequest) -> bool:
    """Whether the address belongs to the admin."""
    return request.path_info.startswith(ADMIN_ROOT)


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


class ZoneMiddleware:
    """Reads the identity of the zone at most once per request, and keeps a site out of search engines until somebody
    declares it official. What the API answers is found through its pages only.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The answer, with what search engines may do with it."""
        with held_for_request(asks_database=UNAVAILABLE not in request.META):
            response = self.get_response(request)
            if not is_api(request) and not is_admin(request) and not get_zone().is_official:
                response.headers["X-Robots-Tag"] = "noindex"
            return response


class PageConditionalGetMiddleware(ConditionalGetMiddleware):
    """Answers 304 where the client has a page already.

    What has an ETag of its own in the API was compared there; a 304 made elsewhere keeps its headers.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """The response, or 304."""
        if response.status_code == 304 or (is_api(request) and "ETag" in response.headers):
            return response
        answer: Any = super().process_response(request, response)
        if answer is not response:
            answer.stands_for = response
        return answer


class PathLocaleMiddleware(LocaleMiddleware):
    """The language of a page is that of its address: what a browser prefers changes nothing outside the admin."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """The response, without a word about preferences where these do not count."""
        varying = response.headers.get("Vary")
        answer = super().process_response(request, response)
        if not is_admin(request) and answer is response and "Vary" in answer.headers:
            del answer.headers["Vary"]
            if varying:
                answer.headers["Vary"] = varying
        return answer


class RefuseMalformedRequestMiddleware:
    """Refuses what no page can mean, and what nobody may send, before the query or the body is read.

    PostgreSQL refuses a NUL byte in a text with an error that would otherwise become a 500.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The refusal, or the answer; an error without content gets the page or problem document of its status."""
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
    """The page or problem document of an error without content."""
    response = refuse(request, bare.status_code)
    if "Allow" in bare.headers:
        response.headers["Allow"] = bare.headers["Allow"]
    return response


def _status_of_bad_address(request: HttpRequest) -> int | None:
    """The status that refuses an address; None for one that can mean something."""
    query = request.META.get("QUERY_STRING", "")
    # Counted as the framework counts, which raises an error at every reading of a query with more.
    if query.count("&") >= settings.DATA_UPLOAD_MAX_NUMBER_FIELDS:
        return 400
    if len(request.path_info) > MAX_PATH or len(query) > MAX_QUERY:
        return 414
    texts = [request.path_info, *(text for name, values in request.GET.lists() for text in (name, *values))]
    # Cookies reach the database in the admin only; those of other sites under our domain may have any encoding.
    cookies = request.COOKIES.values() if is_admin(request) else ()
    is_broken = any("\x00" in text or "\ufffd" in text for text in texts)
    return 400 if is_broken or any("\x00" in text for text in cookies) else None


def _status_of_bad_body(request: HttpRequest) -> int | None:
    """The status that refuses a body by what is said of its length: nothing of it is read or kept."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not LENGTH.fullmatch(length):
        return 400
    is_chunked = "HTTP_TRANSFER_ENCODING" in request.META
    if is_admin(request):
        return 411 if is_chunked else 413 if int(length) > settings.LARGEST_UPLOAD else None
    # Other methods are refused as such: those have nowhere to go.
    return 413 if request.method in SAFE and (is_chunked or int(length)) else None


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

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The answer, through the middleware under the admin's path only."""
        if is_admin(request):
            return super().__call__(request)  # type: ignore[misc]  # the middleware this is mixed into
        return self.get_response(request)


class EditorSessionMiddleware(_EditorsOnly, SessionMiddleware):
    """Sessions in the admin."""


class EditorAuthenticationMiddleware(_EditorsOnly, AuthenticationMiddleware):
    """Users in the admin."""


class EditorMessagesMiddleware(_EditorsOnly, MessageMiddleware):
    """Messages in the admin."""
