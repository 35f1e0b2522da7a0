"""Answers and files packed on their way: Brotli or gzip, whichever a client prefers (RFC 9110, 12.5.3)."""

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
# In the order of our preference, where a client has none.
OFFERED = (BROTLI, GZIP)
# Brotli's default of 11 is made for files that are kept: it takes 40 times as long for 10 % less.
BROTLI_QUALITY, GZIP_LEVEL = 5, 6
# 512 KB: what a client must keep to unpack, and what may wait here before the first bytes go out.
BROTLI_WINDOW = 19
GZIP_WINDOW = 16 + zlib.MAX_WBITS
BLOCK = 64 * 1024
WEIGHT = re.compile(r"q\s*=\s*([01](?:\.\d{0,3})?)", re.IGNORECASE)
# Answers for programs, which hold no secret that their length could tell (BREACH), from this many bytes.
DATA = ("application/json", "application/ld+json", "application/problem+json", "application/yaml")
LEAST = 200
# What is small already.
COMPRESSED = (
    "application/zip", "application/pdf", "application/vnd.", "application/octet-stream", "image/png", "image/jpeg",
    "image/webp",
)  # fmt: skip


class CompressionMiddleware(GZipMiddleware):
    """Packs answers on their way: data with Brotli or gzip, pages with Django's own gzip, which hides their length.

    A 304 names the same tag and `Vary` as the answer that it stands for.
    """

    def process_response(self, request: HttpRequest, response: Any) -> Any:
        """The response, smaller where that helps."""
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
    """Return whether packing makes an answer no smaller."""
    kind = response.headers.get("Content-Type", "")
    return response.has_header("Content-Encoding") or kind.startswith(COMPRESSED)


def _coding_for(request: HttpRequest, response: Any) -> str:
    """The coding that the client prefers of those that this sort of answer may have."""
    kind = response.headers.get("Content-Type", "").split(";")[0]
    return preferred(request.headers.get("Accept-Encoding", ""), OFFERED if kind in DATA else (GZIP,))


def _like_its_whole(request: HttpRequest, response: Any) -> Any:
    """A 304 with the tag and the `Vary` of the answer that it stands for, and without a length."""
    if "Content-Length" in response.headers:
        del response.headers["Content-Length"]
    whole = getattr(response, "stands_for", None)
    if whole is not None and not (whole.streaming or _is_packed(whole) or len(whole.content) < LEAST):
        patch_vary_headers(response, ("Accept-Encoding",))
        if _coding_for(request, whole) != PLAIN:
            _make_weak(response)
    return response


def _make_weak(response: Any) -> None:
    """Say that the tag holds for the meaning of the bytes: packed they are others."""
    tag = response.headers.get("ETag", "")
    if tag.startswith('"'):
        response.headers["ETag"] = f"W/{tag}"


def preferred(accepted: str, offered: Sequence[str] = OFFERED) -> str:
    """The coding to use for an `Accept-Encoding`; one that a client gives no weight (`q=0`) is refused."""
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
    """The parts in this coding, in blocks of a size that is worth sending; holds one block at a time."""
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
