"""Answers that need not be made or sent again: those that a process keeps, and those that a client has already."""

from __future__ import annotations

import hashlib
from collections.abc import Hashable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotModified
from django.utils.cache import get_conditional_response
from django.utils.http import parse_http_date_safe

from pzgent.rest.memo import Kept, memo


def tag_of(content: bytes) -> str:
    """The ETag of something with these bytes, or of what these bytes alone decide."""
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'


def get_kept(key: Hashable | None) -> HttpResponse | None:
    """The answer that this process keeps under the key; None when it keeps none."""
    kept = memo.get(key) if key else None
    return HttpResponse(kept.body, headers=kept.headers) if kept else None


def tag_and_keep(response: Any, key: Hashable | None) -> None:
    """Give an answer the tag of its content, and keep it where it has a key."""
    response.headers["ETag"] = tag_of(response.content)
    if key:
        memo.put(key, Kept(response.content, dict(response.headers)))


def unless_modified(request: HttpRequest, response: Any, *, by_date: bool = False) -> HttpResponseBase:
    """The response, or 304 when the client already has it: by its ETag, else by its date where that tells all."""
    if request.method not in ("GET", "HEAD"):
        return response
    date = parse_http_date_safe(response.headers.get("Last-Modified", "")) if by_date else None
    answer = get_conditional_response(request, response.headers["ETag"], date, response)
    if not isinstance(answer, HttpResponseNotModified):
        return response
    answer.stands_for = response  # type: ignore[attr-defined]  # read where answers are packed
    return answer
