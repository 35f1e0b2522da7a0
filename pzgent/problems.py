"""Errors as people and programs can read them: a page, or an RFC 9457 problem document under the API."""

from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

PROBLEM_TYPE = "application/problem+json"
API_ROOT = "/api/"


def problem(
    status: int, title: str, issues: list[dict[str, Any]] | None = None, detail: str = ""
) -> dict[str, Any]:
    """The body of a problem document; `issues` say where and why, one dict each."""
    body: dict[str, Any] = {"type": "about:blank", "title": title, "status": status}
    if detail:
        body["detail"] = detail
    if issues:
        body["issues"] = issues
    return body


def titles() -> dict[int, str]:
    """What each status means, in the reader's language."""
    return {
        400: _("This address is not right"),
        403: _("You may not open this"),
        404: _("This page does not exist"),
        405: _("This can only be read"),
        406: _("That format is not offered"),
        414: _("This address is too long"),
        500: _("Something went wrong with us"),
        503: _("The site is temporarily not available"),
    }


def refuse(request: HttpRequest, status: int) -> HttpResponse:
    """An answer with this status: a problem document for the API, a page with the emergency numbers otherwise."""
    title = titles()[status]
    if request.path_info.startswith(API_ROOT):
        response = HttpResponse(
            orjson.dumps(problem(status, title)), content_type=PROBLEM_TYPE, status=status
        )
        response.headers["Access-Control-Allow-Origin"] = "*"
        return response
    return render(request, "error.html", {"title": title, "status": status}, status=status)
