"""Responses of Django as cache entries, and cache entries as they are served."""

from __future__ import annotations

import gzip
import math
import time
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

import brotli
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from pzgent.kernel.compression import BROTLI, GZIP, CompressionMiddleware
from pzgent.kernel.rest.headers import TRACES
from pzgent.kernel.validity import EVERYTHING, Basis
from pzgent.page_cache.asked import VARYING
from pzgent.page_cache.notices import RunningNotices
from pzgent.page_cache.store import MB, Entry, Form, Headers, varying_by

LARGEST = 2 * MB
# Headers that belong to the response for one client only.
COUNTED = ("ratelimit", "ratelimit-policy")
OF_ONE_CLIENT = (*COUNTED, *TRACES)
OF_CODING = ("content-encoding", "content-length")
UNKEPT = ("no-store", "no-cache", "private")
# Where a stale copy of a page shows its date.
TOP = b'<main id="content" tabindex="-1">'
ANYTHING = Basis(sources={EVERYTHING})
UNPACKED = {GZIP: gzip.decompress, BROTLI: brotli.decompress}
_packing = CompressionMiddleware(lambda request: HttpResponse())


class Answer(NamedTuple):
    """A response of Django; `body` is None if it was not read to the end."""

    status: str
    headers: Headers
    parts: Iterable[bytes]
    body: bytes | None
    is_file: bool = False

    def get(self, name: str) -> str:
        """Return a header by its lower-case name; empty if it is missing."""
        return next((value for known, value in self.headers if known.lower() == name), "")


def is_small_file(answer: Answer) -> bool:
    """Whether this is a file of known size that may be cached and is not compressed."""
    length = answer.get("content-length")
    return length.isdecimal() and int(length) <= LARGEST and not answer.get("content-encoding")


def varying_of(answer: Answer) -> list[str] | None:
    """Return the headers by which a cacheable response varies; None if it differs between clients otherwise."""
    kept_apart = answer.get("set-cookie") or any(word in answer.get("cache-control") for word in UNKEPT)
    if not answer.status.startswith("200") or answer.body is None or kept_apart or len(answer.body) > LARGEST:
        return None
    names = varying_by(answer.get("vary"))
    return sorted(names) if names <= VARYING.keys() else None


def entry_of(
    answer: Answer,
    state: str,
    basis: Basis = ANYTHING,
    began: float = 0.0,
    left_out: Sequence[str] = OF_ONE_CLIENT,
    origin: str = "",
) -> Entry:
    """Return a response before compression, without the headers that are for one client only.

    Only moments after `began` limit its lifetime: earlier ones are about the past.
    """
    assert answer.body is not None  # noqa: S101  # read to the end: see `varying_of`
    coding = answer.get("content-encoding")
    body = UNPACKED.get(coding, bytes)(answer.body)
    # Compression made the ETag weak.
    headers = [
        (name, value.removeprefix("W/") if coding and name.lower() == "etag" else value)
        for name, value in answer.headers
        if name.lower() not in (*OF_CODING, *left_out)
    ]
    until = min((end for moment in basis.moments if (end := moment.timestamp()) > began), default=math.inf)
    headers.append(("Content-Length", str(len(body))))
    return Entry(state, time.time(), until, headers, body, frozenset(basis.sources), origin, answer.is_file)


def form_of(entry: Entry, accepted: str, notices: RunningNotices) -> Form:
    """Return a response with the running notices, compressed for clients with this `Accept-Encoding`."""
    body, tag, own = entry.body, entry.tag, dict[str, str]()
    if entry.is_page and notices.mark:
        body, tag = notices.put_into(body), tag and f'{tag[:-1]}-{notices.mark}"'
        own = {"content-length": str(len(body)), "etag": tag}
    headers = {name: own.get(name.lower(), value) for name, value in entry.headers}
    headers.pop("Set-Cookie", None)
    request = HttpRequest()
    request.META["HTTP_ACCEPT_ENCODING"] = accepted
    packed = _packing.process_response(request, HttpResponse(body, headers=headers))
    cookies = [pair for pair in entry.headers if pair[0] == "Set-Cookie"]
    return Form([*packed.headers.items(), *cookies], packed.content, tag)


def with_age(entry: Entry) -> Entry:
    """Return a response that could not be renewed in a form fit to serve: not cacheable, its age shown on pages."""
    known = {name.lower(): value for name, value in entry.headers}
    made = datetime.fromtimestamp(entry.made, timezone.get_default_timezone())
    with translation.override(known.get("content-language", "nl")):
        clock = _("%(hour)s.%(minutes)s") % {"hour": f"{made.hour}", "minutes": f"{made:%M}"}
        text = _("Updated on %(day)s at %(time)s") % {"day": f"{made:%d/%m/%Y}", "time": clock}
    body = entry.body.replace(TOP, TOP + f'<p class="copy-note">{text}</p>'.encode(), 1)
    left_out = ("etag", "last-modified", "cache-control", "content-length")
    headers = [(name, value) for name, value in entry.headers if name.lower() not in left_out]
    age = str(max(0, int(time.time() - entry.made)))
    headers += [("Cache-Control", "no-cache"), ("Age", age), ("Content-Length", str(len(body)))]
    return Entry(entry.state, entry.made, entry.until, headers, body)
