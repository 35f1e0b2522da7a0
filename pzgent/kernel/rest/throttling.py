"""Rate limit per client: a number of requests a minute, without storing who made them.

An address is counted under a keyed hash that changes daily, for two minutes at most. An IPv6 client counts with its
whole network of 64 bits. The headers follow draft-ietf-httpapi-ratelimit-headers-11.
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
    """Middleware that answers 429 to clients over the limit, and reports the remaining quota to others.

    Cheap requests do not count: 304 responses, the health check and preflight requests. If the cache fails, nothing is
    counted and every request is answered.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Return the response, or the refusal."""
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


def asks_too_often(request: HttpRequest, subject: str, limit: int) -> bool:
    """Count a request about a subject that is limited per client and minute; return whether it is one too many."""
    used = _count(f"{subject}:{_key_of(client_of(request), time.time())}", 1)
    return used is not None and used > limit


def client_of(request: HttpRequest) -> str:
    """Return the address of the client, or an empty text if unknown.

    Each proxy appends the address of its peer to `CLIENT_HEADER`. Only entries of our own proxies count: clients can
    forge earlier ones.
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
    """Return the address that identifies a client. Raises ValueError for an invalid one."""
    address = _address_of(text)
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((address, NETWORK), strict=False))


def _address_of(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """Return the address without its port, which some proxies add and which differs per connection."""
    for spelled in (text, text.rpartition(":")[0]):
        with suppress(ValueError):
            return ipaddress.ip_address(spelled.strip('"[]').partition("%")[0])
    raise ValueError(text)


def _key_of(address: str, now: float) -> str:
    """Return the cache key that counts the requests of an address in this minute."""
    day, window = time.strftime("%Y-%m-%d", time.gmtime(now)), int(now) // WINDOW
    secret = f"{settings.SECRET_KEY}{day}".encode()
    return f"{window}:{hmac.new(secret, address.encode(), hashlib.sha256).hexdigest()[:32]}"


def _count(key: str, step: int) -> int | None:
    """Return the number of requests including this one; None if the cache fails."""
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
