"""Large files made smaller while they are sent: Brotli or gzip, whichever a client prefers (RFC 9110, 12.5.3)."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import brotli
from django.http import HttpRequest
from django.middleware.gzip import GZipMiddleware

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
# What is small already.
COMPRESSED = (
    "application/zip", "application/pdf", "application/vnd.", "application/octet-stream", "image/png", "image/jpeg",
    "image/webp",
)  # fmt: skip


class CompressionMiddleware(GZipMiddleware):
    """Django's own, which would pack once more what is packed already, and forget its length."""

    def process_response(self, request: HttpRequest, response: Any) -> Any:
        """The response, smaller where that helps."""
        if response.headers.get("Content-Type", "").startswith(COMPRESSED):
            return response
        return super().process_response(request, response)


def preferred(accepted: str) -> str:
    """The coding to use for an `Accept-Encoding`; one that a client gives no weight (`q=0`) is refused."""
    weights: dict[str, float] = {}
    for part in accepted.lower().split(","):
        name, _semicolon, rest = part.strip().partition(";")
        found = WEIGHT.search(rest)
        weights[name.strip()] = float(found[1]) if found else 1.0
    anything = weights.get("*", 0.0)
    best = max(OFFERED, key=lambda name: weights.get(name, anything))
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
