"""Headers of every response under the API's path, including redirects, refusals and errors of other layers."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

from pzgent.kernel.problems import PROBLEM_TYPE, is_api, new_trace_id, refuse, trace_id

EXPOSED = (
    "API-Version, BelGov-Related-Trace-Id, BelGov-Trace-Id, Content-Disposition, Content-Language, Deprecation, ETag, "
    "Feed-Identity, Feed-Number, Last-Modified, Link, Location, RateLimit, RateLimit-Policy, Retry-After, Sunset"
)
OPEN_TO_ALL = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": EXPOSED,
    "Cross-Origin-Resource-Policy": "cross-origin",
}
# The Belgian guide's names for one answer and for the request that it belongs to (rule trc-header).
TRACE = "BelGov-Trace-Id"
RELATED_TRACE = "BelGov-Related-Trace-Id"
TRACES = (TRACE.lower(), RELATED_TRACE.lower())
RELATED = re.compile(r"[-A-Za-z0-9]{1,36}")
logger = logging.getLogger("django.request")
# Answers outside the API that are made for programs, and how long these may keep them.
FOR_PROGRAMS = ("application/atom+xml", "text/calendar", "text/vcard")
FEEDS_KEPT = "public, max-age=60"

# What an error says of its own content, which is replaced.
OF_CONTENT = ("Content-Encoding", "Content-Length", "ETag", "Last-Modified")


class OpenToAllMiddleware:
    """Middleware that permits every origin, adds the API version, and turns errors of any layer into problem
    documents.

    It is the outermost layer, so that no response bypasses it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Return the response with its headers."""
        # As the door does; what calls Django without the door, as its test client does, gets the same answers.
        # The public setter would read the query first, which may be what cannot be read.
        request._encoding = "utf-8"  # type: ignore[attr-defined]  # missing from the stubs
        trace = new_trace_id()
        token = trace_id.set(trace)
        try:
            response = self._answer(request) if is_api(request) else _opened(self.get_response(request))
        finally:
            trace_id.reset(token)
        if not is_api(request):
            return response
        for name, value in traces_for(request.META, trace):
            response.headers[name] = value
        if response.status_code >= 500:
            logger.error("%s answered %s with trace %s", request.path, response.status_code, trace)
        return response

    def _answer(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code >= 400 and response.headers.get("Content-Type") != PROBLEM_TYPE:
            response = _as_problem(request, response)
        for name, value in OPEN_TO_ALL.items():
            response.headers[name] = value
        response.headers["API-Version"] = str(settings.SPECTACULAR_SETTINGS["VERSION"])
        patch_vary_headers(response, ["Accept", "Accept-Language"])
        return response


def traces_for(environ: Mapping[str, Any], trace: str = "") -> list[tuple[str, str]]:
    """Return the headers that identify the answer and, if the client named it, the request; a new name unless given."""
    asked = environ.get("HTTP_BELGOV_TRACE_ID", "")
    known = [(TRACE, trace or new_trace_id())]
    return [*known, (RELATED_TRACE, asked)] if asked and RELATED.fullmatch(asked) else known


def _opened(response: HttpResponse) -> HttpResponse:
    """Permit programs of other origins to read and cache feeds, calendars and contact cards, as for the API."""
    whole = getattr(response, "stands_for", response)
    if whole.status_code == 200 and whole.headers.get("Content-Type", "").startswith(FOR_PROGRAMS):
        for name, value in OPEN_TO_ALL.items():
            response.headers[name] = value
        response.headers.setdefault("Cache-Control", FEEDS_KEPT)
    return response


def _as_problem(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Return a problem document instead of an HTML error page, with the headers of the inner layers."""
    told = refuse(request, response.status_code)
    for name, value in response.headers.items():
        if name not in OF_CONTENT:
            told.headers.setdefault(name, value)
    told.headers["Content-Length"] = str(len(told.content))
    return told
