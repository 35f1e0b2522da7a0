"""Serving files: the one public view, and the response that it shares with the admin."""

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

# Browsers keep a withdrawn file at most this long before they revalidate, which costs a 304.
PUBLIC, STAFF = "public, max-age=60, must-revalidate", "private, no-store"
# Isolates files that a browser shows inline: no scripts, forms, cookies of the site, or external resources.
POLICY = "sandbox; default-src 'none'"
logger = logging.getLogger(__name__)


@require_safe
def public_file(request: HttpRequest, model: str, key: UUID, field: str) -> HttpResponseBase:
    """Serve a file whose owner is public now; 410 if the public could read it before, else 404."""
    known = find_field(model, field)
    if known is None:
        return _refuse(request, 404)
    rows = known.model._default_manager
    owner = rows.with_public_files().filter(pk=key).first()  # type: ignore[attr-defined]  # every owner's manager
    if owner is not None and (file := getattr(owner, field)):
        if not PublishedFile.objects.knows(known, key):
            PublishedFile.objects.note(known, key)
        return file_response(request, file, PUBLIC)
    # Reveal nothing about a row that is kept secret.
    may_tell = rows.with_known_files().filter(pk=key).exists() or not rows.filter(pk=key).exists()  # type: ignore[attr-defined]  # as above
    return _refuse(request, 410 if may_tell and PublishedFile.objects.knows(known, key) else 404)


def _refuse(request: HttpRequest, status: int) -> HttpResponse:
    response = refuse(request, status)
    response.headers["Cache-Control"] = "no-store"
    return response


def file_response(request: HttpRequest, file: StoredFile, cache_control: str) -> HttpResponseBase:
    """Serve a file, or a 304; kinds that a browser cannot show safely are downloaded. The caller checks permission."""
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
    """Return the bytes, or the header that makes the proxy send them. Raises FileNotFoundError."""
    if settings.FILES_ACCEL_ROOT:
        order = {"X-Accel-Redirect": f"{settings.FILES_ACCEL_ROOT}/{file.name}"}
        return HttpResponse(content_type=file.content_type, headers=order)
    headers = {"Content-Length": str(file.size)}
    return StreamingHttpResponse(_blocks(file), content_type=file.content_type, headers=headers)


def _blocks(file: StoredFile) -> Iterator[bytes]:
    """Yield the content in chunks; the file is opened when the first one is requested."""
    with file.storage.open(str(file.name)) as stream:
        yield from stream.chunks()
