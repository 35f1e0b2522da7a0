"""Errors for people and programs: a page, or an RFC 9457 problem document under the API."""

from contextvars import ContextVar
from random import getrandbits
from typing import Any

import orjson
from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation.trans_real import parse_accept_lang_header

PROBLEM_TYPE = "application/problem+json"
# Set in the WSGI environ by our own layer in front of Django: the database must not be queried for this request.
UNAVAILABLE = "pzgent.unavailable"
API_ROOT = "/api/"
RETRY_AFTER = 30  # seconds, while the database is unreachable
LANGUAGE_CODES = tuple(code for code, _name in settings.LANGUAGES)
# The types named by the Belgian REST guide; https://www.belgif.be/specification/rest/api-guide/#error-handling
BELGIF = {
    400: "badRequest",
    404: "resourceNotFound",
    429: "tooManyRequests",
    500: "internalServerError",
    503: "serviceUnavailable",
}
# Not named by that guide. Other statuses speak for themselves, for which RFC 9457 uses about:blank.
OWN = {410: "urn:problem-type:pzgent:resourceGone"}


def is_api(request: HttpRequest) -> bool:
    """Return whether the address belongs to the API, existing or not."""
    return f"{request.path_info}/".startswith(API_ROOT)


def api_language(request: HttpRequest) -> str:
    """Return the language of an API response: that of `lang`, else the best of Accept-Language, else Dutch."""
    code = _language_asked(request)
    if code in LANGUAGE_CODES:
        return code
    for wanted, quality in parse_accept_lang_header(request.headers.get("Accept-Language", "").lower()):
        code = wanted.split("-", 1)[0]
        if quality > 0 and code in LANGUAGE_CODES:
            return code
        if quality > 0 and code == "*":
            break
    return settings.LANGUAGE_CODE


def _language_asked(request: HttpRequest) -> str:
    """Return the value of `lang`; empty if the query string is malformed, which the response then reports."""
    try:
        return request.GET.get("lang", "")
    except (SuspiciousOperation, ValueError):
        return ""


# Identifies the response to the current request in fault reports.
trace_id: ContextVar[str] = ContextVar("trace_id")


def new_trace_id() -> str:
    """Return a new trace id: a random UUID (RFC 9562, version 4), generated in a seventh of the usual time."""
    digits = getrandbits(128).to_bytes(16).hex()  # an identifier, not a secret
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"


def problem(
    status: int, issues: list[dict[str, Any]] | None = None, detail: str = "", **more: Any
) -> dict[str, Any]:
    """Return the body of a problem document; `issues` are dicts saying where and why, `more` extends the type.

    The title is in English, for engineers; the detail is for people, in the reader's language.
    """
    with translation.override("en"):
        title = title_of(status)
    body: dict[str, Any] = {"type": OWN.get(status, "about:blank"), "title": title, "status": status}
    if name := BELGIF.get(status):
        guide = f"https://www.belgif.be/specification/rest/api-guide/problems/{name}.html"
        body |= {"type": f"urn:problem-type:belgif:{name}", "href": guide}
    body["detail"] = detail or title_of(status)
    body["instance"] = f"urn:uuid:{trace_id.get('') or new_trace_id()}"
    if issues:
        body["issues"] = issues
    return {**body, **more}


def titles() -> dict[int, str]:
    """Return the meaning of each status, in the reader's language."""
    return {
        400: _("This address is not right"),
        403: _("You may not open this"),
        404: _("This page does not exist"),
        405: _("This can only be read"),
        406: _("That format is not offered"),
        410: _("This no longer exists"),
        411: _("The size of what was sent is missing"),
        413: _("What was sent is too large"),
        414: _("This address is too long"),
        429: _("Too many questions in a short time"),
        500: _("Something went wrong with us"),
        501: _("That format is not offered"),
        503: _("The site is temporarily not available"),
    }


def title_of(status: int) -> str:
    """Return the meaning of a status, in the reader's language."""
    return str(titles().get(status, _("This is not possible")))


def refuse(request: HttpRequest, status: int, detail: str | Promise = "", **more: Any) -> HttpResponse:
    """Return an error response: a problem document for the API, otherwise a page with the emergency numbers."""
    if not is_api(request):
        page = render(request, "error.html", {"title": title_of(status), "status": status}, status=status)
        if status == 503:
            page.headers["Retry-After"] = str(RETRY_AFTER)
        return page
    language = api_language(request)
    with translation.override(language):
        body = orjson.dumps(problem(status, None, str(detail), **more))
    response = HttpResponse(body, content_type=PROBLEM_TYPE, status=status)
    response.headers["Content-Language"] = language
    response.headers["Cache-Control"] = "no-store"
    if status == 503:
        response.headers["Retry-After"] = str(RETRY_AFTER)
    return response
