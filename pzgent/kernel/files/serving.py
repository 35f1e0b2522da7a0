"""Serving files: the one view for the public, and the answer that it shares with the admin."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header, quote_etag
from django.views.decorators.http import require_safe

from pzgent.kernel.files.fields import StoredFile, find_field
from pzgent.kernel.files.records import PublishedFile
from pzgent.kernel.problems import refuse

# A withdrawn file stays in a browser no longer than this; then it asks again, which costs a 304.
PUBLIC, STAFF = "public, max-age=60, must-revalidate", "private, no-store"
# A file that a browser opens by itself is alone: no script, no form, no cookie of the site, no part from elsewhere.
POLICY = "sandbox; default-src 'none'"
logger = logging.getLogger(__name__)


@require_safe
def public_file(request: HttpRequest, model: str, key: UUID, field: str) -> HttpResponseBase:
    """A file whose owner the public sees now; 410 when the public could read it before, else 404."""
    known = find_field(model, field)
    if known is None:
        return _refuse(request, 404)
    rows = known.model._default_manager
    owner = rows.with_public_files().filter(pk=key).first()  # type: ignore[attr-defined]  # every owner's manager
    if owner is not None and (file := getattr(owner, field)):
        if not PublishedFile.objects.knows(known, key):
            PublishedFile.objects.note(known, key)
        return file_response(request, file, PUBLIC)
    # Of a row that is kept secret, nothing may be told.
    may_tell = rows.with_known_files().filter(pk=key).exists() or not rows.filter(pk=key).exists()  # type: ignore[attr-defined]  # as above
    return _refuse(request, 410 if may_tell and PublishedFile.objects.knows(known, key) else 404)


def _refuse(request: HttpRequest, status: int) -> HttpResponse:
    response = refuse(request, status)
    response.headers["Cache-Control"] = "no-store"
    return response


def file_response(request: HttpRequest, file: StoredFile, cache_control: str) -> HttpResponseBase:
    """A file, or 304; what a browser cannot show safely is downloaded. The caller asked for permission."""
    disposition = content_disposition_header(not file.is_inline, file.download_name)
    headers = {
        "Content-Disposition": disposition or "attachment",
        "Content-Security-Policy": POLICY,
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": cache_control,
        "ETag": quote_etag(file.tag),
    }
    try:
        response = get_conditional_response(request, etag=headers["ETag"]) or _content(file)
    except FileNotFoundError:
        logger.exception("A stored file is missing")
        return _refuse(request, 404)
    for name, value in headers.items():
        response.headers[name] = value
    return response


def _content(file: StoredFile) -> HttpResponseBase:
    """The bytes, or the order to the proxy to send them. Raises FileNotFoundError."""
    if settings.FILES_ACCEL_ROOT:
        order = {"X-Accel-Redirect": f"{settings.FILES_ACCEL_ROOT}/{file.name}"}
        return HttpResponse(content_type=file.content_type, headers=order)
    headers = {"Content-Length": str(file.size)}
    return StreamingHttpResponse(_blocks(file), content_type=file.content_type, headers=headers)


def _blocks(file: StoredFile) -> Iterator[bytes]:
    """The content piece by piece; nothing is open before the first is asked for."""
    with file.storage.open(str(file.name)) as stream:
        yield from stream.chunks()
