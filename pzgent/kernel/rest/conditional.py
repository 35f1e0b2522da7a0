"""Conditional requests: 304 for clients that already have the answer."""

from __future__ import annotations

import hashlib
from typing import Any

from django.http import HttpRequest, HttpResponseBase, HttpResponseNotModified
from django.utils.cache import get_conditional_response
from django.utils.http import parse_http_date_safe


def etag_of(content: bytes) -> str:
    """Return the strong ETag of a representation with these bytes, or one determined by them."""
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'


def unless_modified(request: HttpRequest, response: Any, *, by_date: bool = False) -> HttpResponseBase:
    """Return the response, or 304 if it matches the client's ETag or, for resources that permit it, its date."""
    if request.method not in ("GET", "HEAD"):
        return response
    date = parse_http_date_safe(response.headers.get("Last-Modified", "")) if by_date else None
    answer = get_conditional_response(request, response.headers["ETag"], date, response)
    if not isinstance(answer, HttpResponseNotModified):
        return response
    answer.stands_for = response  # type: ignore[attr-defined]  # read where answers are packed
    return answer
