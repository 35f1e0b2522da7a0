"""How often one client may ask: a number of requests a minute, without keeping who asked.

An address is counted under a keyed hash that is another one every day, for two minutes at most. An IPv6 client counts
with its whole network of 64 bits. The headers are those of draft-ietf-httpapi-ratelimit-headers-11.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import logging
import time
from collections.abc import Callable
from contextlib import suppress

from django.conf import settings
from django.core.cache import caches
from django.http import HttpRequest, HttpResponseBase

from pzgent.kernel.problems import is_api, refuse

WINDOW = 60  # seconds
NETWORK = 64  # bits of an IPv6 address that one household or company has
EXEMPT = ("/api/v1/health",)
logger = logging.getLogger(__name__)


class ThrottleMiddleware:
    """Answers 429 to a client that asks too often, and tells every other one what it has left.

    What costs next to nothing does not count: an answer 304, the health check and the preflight of a browser. When the
    cache fails nothing is counted and everything is answered.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The answer, or the refusal."""
        limit = settings.API_REQUESTS_PER_MINUTE
        if not limit or not is_api(request) or request.method == "OPTIONS" or request.path_info in EXEMPT:
            return self.get_response(request)
        address = client_of(request)
        if not address:
            return self.get_response(request)
        now = time.time()
        key, left = _key_of(address, now), WINDOW - int(now) % WINDOW
        used = _count(key, 1)
        if used is not None and used > limit:
            response: HttpResponseBase = refuse(request, 429, limit=limit, retryAfterSec=left)
            response.headers["Retry-After"] = str(left)
        else:
            response = self.get_response(request)
            if used is not None and response.status_code == 304:
                used = _count(key, -1)
        if used is not None:
            response.headers["RateLimit-Policy"] = f'"default";q={limit};w={WINDOW}'
            response.headers["RateLimit"] = f'"default";r={max(0, limit - used)};t={left}'
        return response


def client_of(request: HttpRequest) -> str:
    """The address of the client, empty when it is not known.

    Each proxy adds to `CLIENT_HEADER` the address that it got the request from. Only what our own proxies added counts:
    whatever stands before that was written by the client.
    """
    told = [part.strip() for part in request.headers.get(settings.CLIENT_HEADER, "").split(",")]
    proxies = settings.PROXIES
    text = told[-proxies] if 0 < proxies <= len(told) else ""
    for candidate in (text, request.META.get("REMOTE_ADDR", "")):
        try:
            return _network_of(candidate)
        except ValueError:
            continue
    return ""


def _network_of(text: str) -> str:
    """An address as one client has it. Raises ValueError for what is no address."""
    address = _address_of(text)
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((address, NETWORK), strict=False))


def _address_of(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """The address without its port: some proxies add that, and the client has another one for each connection."""
    for spelled in (text, text.rpartition(":")[0]):
        with suppress(ValueError):
            return ipaddress.ip_address(spelled.strip('"[]').partition("%")[0])
    raise ValueError(text)


def _key_of(address: str, now: float) -> str:
    """The name under which the requests of an address in this minute are counted."""
    day, window = time.strftime("%Y-%m-%d", time.gmtime(now)), int(now) // WINDOW
    secret = f"{settings.SECRET_KEY}{day}".encode()
    return f"{window}:{hmac.new(secret, address.encode(), hashlib.sha256).hexdigest()[:32]}"


def _count(key: str, step: int) -> int | None:
    """The number of requests counted with this one; None when the cache fails."""
    try:
        counters = caches["counters"]
        try:
            return counters.incr(key, step)
        except ValueError:  # the first request of this minute
            counters.add(key, 0, timeout=2 * WINDOW)
            return counters.incr(key, step)
    except Exception as error:  # noqa: BLE001  # each sort of cache fails in its own way, and none may stop an answer
        logger.warning("The requests of the API cannot be counted: %s", type(error).__name__)
        return None
