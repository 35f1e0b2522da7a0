"""Public pages inside a preview: rendered as of a moment, with links that stay inside, and a banner that says so."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from django.core.exceptions import BadRequest
from django.core.handlers.wsgi import WSGIRequest
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import Resolver404, resolve
from django.utils import translation

from pzgent.kernel import clock
from pzgent.kernel.rest.answering import site_of
from pzgent.kernel.validity import of_state
from pzgent.kernel.zone import held_apart
from pzgent.page_cache.notices import planned_notices, running_at
from pzgent.preview.changes import Change, made
from pzgent.registry.pages import FIXED_PAGES, ROW_PAGES

# The search finds what is public now: its index is shared by all visitors.
PAGES = {*FIXED_PAGES, *ROW_PAGES} - {"search"}
NOT_ASKED = "q"
# Of the original request; everything else, cookies and conditions included, does not reach the page.
KEPT = ("HTTP_HOST", "HTTP_X_FORWARDED_PROTO", "REMOTE_ADDR")
# What describes the page to other sites and programs.
METADATA = re.compile(
    rb'<link rel="(?:canonical|alternate|manifest)"[^>]*>\n?|<meta (?:property="og:|name="twitter:)[^>]*>\n?'
    rb'|<script type="application/ld\+json">.*?</script>',
    re.DOTALL,
)
FORM = re.compile(rb"<form(?=[\s>])")
# The first thing in each page; the banner follows it.
SKIP_LINK = re.compile(rb'<a class="skip"[^>]*>.*?</a>\n?', re.DOTALL)
# Not pages: these stay as they are.
OUTSIDE = ("static/", "bestanden/")
HEADERS = {
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "private, no-store",
}


@dataclass(frozen=True)
class Preview:
    """The site at a moment, with changes; `root` is the address under which its pages are."""

    moment: datetime.datetime
    changes: Iterable[Change]
    root: str
    # What the banner shows, besides the moment and the changes.
    banner: dict[str, Any]

    @property
    def words(self) -> list[str]:
        """What is different, in words."""
        return [change.words for change in self.changes if change.words]


def show(request: HttpRequest, preview: Preview, path: str) -> HttpResponse:
    """Return a page of a preview. Nothing of it is stored, cached or counted."""
    asked = _request_for(request, path)
    language = translation.get_language_from_path(path) or "nl"
    at_moment = clock.set_to(preview.moment)
    with translation.override(language), of_state(""):
        banner = render_to_string("preview/_banner.html", _context(preview, asked))
        with made(preview.changes), at_moment, held_apart():
            response = _page(asked)
            body = running_at(preview.moment, planned_notices()).put_into(response.content)
    body = _inside(body, preview.root, site_of(asked), banner)
    shown = HttpResponse(body, status=response.status_code, headers=HEADERS)
    if location := response.headers.get("Location"):
        shown.headers["Location"] = preview.root + location.removeprefix("/")
    shown.headers["Content-Language"] = language
    return shown


def _context(preview: Preview, asked: HttpRequest) -> dict[str, Any]:
    own = {"moment": preview.moment, "words": preview.words, "page": asked.get_full_path()}
    return {**own, **preview.banner}


def _request_for(request: HttpRequest, path: str) -> HttpRequest:
    """Return the request of an anonymous visitor for a public page."""
    query = QueryDict(request.META.get("QUERY_STRING", ""), mutable=True)
    query.pop(NOT_ASKED, None)
    kept = {
        name: value
        for name, value in request.META.items()
        if name in KEPT or name.startswith(("wsgi.", "SERVER_"))
    }
    return WSGIRequest(
        {
            **kept,
            "REQUEST_METHOD": "GET",
            "SCRIPT_NAME": "",
            "PATH_INFO": path,
            "QUERY_STRING": query.urlencode(),
            "wsgi.input": BytesIO(),
        }
    )


def _page(asked: HttpRequest) -> HttpResponse:
    """Return the public page, or one that says why there is none."""
    try:
        match = resolve(asked.path_info)
    except Resolver404:
        return _none(asked, is_outside=True)
    if match.url_name not in PAGES:
        return _none(asked, is_outside=True)
    asked.resolver_match = match
    try:
        response: HttpResponse = match.func(asked, *match.args, **match.kwargs)
    except Http404:
        return _none(asked, is_outside=False)
    except BadRequest:
        return _none(asked, is_outside=True)
    return response


def _none(asked: HttpRequest, *, is_outside: bool) -> HttpResponse:
    return render(asked, "preview/none.html", {"is_outside": is_outside, "status": 404}, status=404)


def _inside(body: bytes, root: str, site: str, banner: str) -> bytes:
    """Return a page whose links stay inside the preview and whose forms do nothing, with the banner on top."""
    body = FORM.sub(b"<form inert", METADATA.sub(b"", body))
    outside = "|".join(OUTSIDE)
    link = re.compile(rf'(\s(?:href|action)=")(?:{re.escape(site)})?/(?!/|{outside})'.encode())
    body = link.sub(lambda found: found[1] + root.encode(), body)
    sheet = f'<link rel="stylesheet" href="{static("css/preview.css")}">'
    head = f'<meta name="robots" content="noindex, nofollow">\n{sheet}\n</head>'
    body = body.replace(b"</head>", head.encode(), 1)
    body = body.replace(b"<body>", b'<body class="in-preview">', 1)
    return SKIP_LINK.sub(lambda found: found[0] + banner.encode(), body, count=1)
