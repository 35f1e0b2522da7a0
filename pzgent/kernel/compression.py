"""Compression of responses and files: Brotli or gzip, whichever the client prefers (RFC 9110, 12.5.3)."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import brotli
from django.http import HttpRequest
from django.middleware.gzip import GZipMiddleware
from django.utils.cache import patch_vary_headers

BROTLI, GZIP, PLAIN = "br", "gzip", "identity"
# In our order of preference, for clients without one.
OFFERED = (BROTLI, GZIP)
# Brotli's default of 11 is meant for files that are stored: it takes 40 times as long for 10 % less.
BROTLI_QUALITY, GZIP_LEVEL = 5, 6
# 512 KB: the memory that a client needs to decompress, and the amount that may be buffered here before the first bytes
# are sent.
BROTLI_WINDOW = 19
GZIP_WINDOW = 16 + zlib.MAX_WBITS
BLOCK = 64 * 1024
WEIGHT = re.compile(r"q\s*=\s*([01](?:\.\d{0,3})?)", re.IGNORECASE)
# Responses for programs, which contain no secret that their length could reveal (BREACH), from this many bytes.
DATA = ("application/json", "application/ld+json", "application/problem+json", "application/yaml")
LEAST = 200
# Already compressed.
COMPRESSED = (
    "application/zip", "application/pdf", "application/vnd.", "application/octet-stream", "image/png", "image/jpeg",
    "image/webp",
)  # fmt: skip


class CompressionMiddleware(GZipMiddleware):
    """Compresses responses: data with Brotli or gzip, pages with Django's own gzip, which hides their length.

    A 304 has the same ETag and `Vary` as the response that it stands for.
    """

    def process_response(self, request: HttpRequest, response: Any) -> Any:
        """Compress the response where that helps."""
        if response.status_code == 304:
            return _like_its_whole(request, response)
        if _is_packed(response) or (not response.streaming and len(response.content) < LEAST):
            return response
        if response.streaming:
            return super().process_response(request, response)
        patch_vary_headers(response, ("Accept-Encoding",))
        coding = _coding_for(request, response)
        if coding == GZIP:
            return super().process_response(request, response)
        if coding == BROTLI:
            response.content = b"".join(compressed([response.content], BROTLI))
            response.headers["Content-Length"] = str(len(response.content))
            response.headers["Content-Encoding"] = BROTLI
            _make_weak(response)
        return response


def _is_packed(response: Any) -> bool:
    """Return whether compression would not make a response smaller."""
    kind = response.headers.get("Content-Type", "")
    return response.has_header("Content-Encoding") or kind.startswith(COMPRESSED)


def _coding_for(request: HttpRequest, response: Any) -> str:
    """Return the content coding that the client prefers among those allowed for this kind of response."""
    kind = response.headers.get("Content-Type", "").split(";")[0]
    return preferred(request.headers.get("Accept-Encoding", ""), OFFERED if kind in DATA else (GZIP,))


def _like_its_whole(request: HttpRequest, response: Any) -> Any:
    """Give a 304 the ETag and the `Vary` of the response that it stands for, and remove its length."""
    if "Content-Length" in response.headers:
        del response.headers["Content-Length"]
    whole = getattr(response, "stands_for", None)
    if whole is not None and not (whole.streaming or _is_packed(whole) or len(whole.content) < LEAST):
        patch_vary_headers(response, ("Accept-Encoding",))
        if _coding_for(request, whole) != PLAIN:
            _make_weak(response)
    return response


def _make_weak(response: Any) -> None:
    """Make the ETag weak, because compression changes the bytes."""
    tag = response.headers.get("ETag", "")
    if tag.startswith('"'):
        response.headers["ETag"] = f"W/{tag}"


def preferred(accepted: str, offered: Sequence[str] = OFFERED) -> str:
    """Return the coding to use for an `Accept-Encoding` header; one with weight zero (`q=0`) is never used."""
    weights: dict[str, float] = {}
    for part in accepted.lower().split(","):
        name, _semicolon, rest = part.strip().partition(";")
        found = WEIGHT.search(rest)
        weights[name.strip()] = float(found[1]) if found else 1.0
    anything = weights.get("*", 0.0)
    best = max(offered, key=lambda name: weights.get(name, anything))
    weight = weights.get(best, anything)
    return best if weight > 0 and weight >= weights.get(PLAIN, 0.0) else PLAIN


def compressed(parts: Iterable[bytes], coding: str) -> Iterator[bytes]:
    """Yield the parts in this coding, in blocks large enough to send; holds one block in memory at a time."""
    blocks = _in_blocks(parts)
    if coding == BROTLI:
        packer = brotli.Compressor(quality=BROTLI_QUALITY, lgwin=BROTLI_WINDOW)
        yield from _packed(blocks, packer.process, packer.finish)
    elif coding == GZIP:
        deflater = zlib.compressobj(GZIP_LEVEL, zlib.DEFLATED, GZIP_WINDOW)
        yield from _packed(blocks, deflater.compress, deflater.flush)
    else:
        yield from blocks


def _packed(
    blocks: Iterable[bytes], process: Callable[[bytes], bytes], finish: Callable[[], bytes]
) -> Iterator[bytes]:
    for block in blocks:
        if piece := process(block):
            yield piece
    yield finish()


def _in_blocks(parts: Iterable[bytes]) -> Iterator[bytes]:
    block = bytearray()
    for part in parts:
        block += part
        if len(block) >= BLOCK:
            yield bytes(block)
            block.clear()
    if block:
        yield bytes(block)
