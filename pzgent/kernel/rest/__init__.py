"""Kernel of the API, independent of the apps: rendering of answers and errors.

REST framework imports this module by name while it loads its own views, so nothing here may import those.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest
from django.utils.functional import Promise
from rest_framework.exceptions import APIException, NotAcceptable
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from pzgent.kernel.problems import PROBLEM_TYPE, RETRY_AFTER, problem
from pzgent.kernel.rest.parameters import BadRequest, Issue, issue

QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
logger = logging.getLogger("django.request")


class JSONRenderer(BaseRenderer):
    """JSON in UTF-8 by orjson."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        """Return the data as JSON bytes; no bytes for None."""
        return b"" if data is None else orjson.dumps(data, default=_plain)


def _plain(value: Any) -> str:
    """Return a lazy translation as a string, for orjson."""
    if isinstance(value, Promise):
        return str(value)
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")


def best_type(request: HttpRequest, media_types: Sequence[str]) -> str | None:
    """Return the media type that the client prefers: the first one without a preference, None if it accepts none.

    Parameters such as `charset` or `profile` select no other representation (RFC 9110, 12.5.1). The type of errors is
    ignored, because clients generated from the description may list it alone.
    """
    plain = HttpRequest()
    plain.META["HTTP_ACCEPT"] = ", ".join(_media_ranges(request.headers.get("Accept", "")))
    return plain.get_preferred_type(media_types) if plain.META["HTTP_ACCEPT"] else media_types[0]


def _media_ranges(accept: str) -> Iterator[str]:
    """Yield the media ranges of an `Accept` header with their weight alone, without the type of errors."""
    for part in QUOTED.sub("", accept).split(","):
        name, *parameters = (piece.strip() for piece in part.split(";"))
        weight = next((piece for piece in parameters if piece.lower().startswith("q=")), "")
        if name and name.lower() != PROBLEM_TYPE:
            yield f"{name};{weight.lower()}" if weight else name


class Negotiation(BaseContentNegotiation):
    """Content negotiation by the Accept header alone; no query parameter selects the format."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        """Return None: no request has a body that is parsed."""
        return next(iter(parsers), None)

    def select_renderer(
        self, request: Request, renderers: Any, format_suffix: str | None = None
    ) -> tuple[Any, str]:
        """Return the renderer that the client prefers; the first one without a preference. Raises NotAcceptable."""
        wanted = best_type(request._request, [renderer.media_type for renderer in renderers])
        if wanted is None:
            raise NotAcceptable
        return next((renderer, wanted) for renderer in renderers if renderer.media_type == wanted)


def problem_response(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """Return an RFC 9457 problem document for a client error; None for our own errors."""
    if isinstance(error, Moved):
        return Response(None, status=301, headers={"Location": error.address})
    status, issues, detail = _problem_parts(error)
    if status is None:
        return None
    more = {"successors": error.successors} if isinstance(error, Gone) and error.successors else {}
    body = problem(status, issues, detail, **more)
    response = Response(body, status=status, content_type=PROBLEM_TYPE)
    if status == 503:
        logger.error("The database does not answer", exc_info=error)
        response.headers["Retry-After"] = str(RETRY_AFTER)
    return response


def _problem_parts(error: Exception) -> tuple[int | None, list[Issue] | None, str]:
    """Return the status, the issues and the explanation of an error."""
    if isinstance(error, BadRequest):
        return 400, error.issues, ""
    if isinstance(error, NotFound):
        return 410 if isinstance(error, Gone) else 404, error.issues, ""
    if isinstance(error, Http404):
        return 404, None, ""
    if isinstance(error, APIException):
        return error.status_code, None, str(error.detail)
    if isinstance(error, (OperationalError, InterfaceError)):
        return 503, None, ""
    return None, None, ""


class NotFound(Exception):
    """Error 404: no object has this address, or there was none on that day."""

    def __init__(self, name: str, value: str, detail: str, place: str = "path") -> None:
        super().__init__(detail)
        self.issues = [issue(name, value, detail, place)]


class Gone(NotFound):
    """Error 410: an object once had this address; `successors` are references to its replacements."""

    def __init__(
        self,
        name: str,
        value: str,
        detail: str,
        successors: Sequence[Mapping[str, str]] = (),
        place: str = "path",
    ) -> None:
        super().__init__(name, value, detail, place)
        self.successors = list(successors)


class Moved(Exception):
    """Redirect 301: the requested object has another address permanently."""

    def __init__(self, address: str, query: str = "") -> None:
        super().__init__(address)
        self.address = f"{address}?{query}" if query else address
