"""Liveness and readiness probes for monitoring: is this process alive, and can it answer visitors?

They are handled before the page cache and Django: they do not query the database, and are never cached or throttled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from pzgent.kernel.problems import RETRY_AFTER
from pzgent.page_cache import PageCache

Environ = dict[str, Any]
LIVE, READY = "/livez", "/readyz"
HEADERS = [
    ("Content-Type", "text/plain; charset=utf-8"),
    ("Cache-Control", "no-store"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    ("X-Content-Type-Options", "nosniff"),
]


class Probes:
    """WSGI layer that answers `/livez` and `/readyz`, and passes every other request on to the page cache."""

    def __init__(self, cache: PageCache) -> None:
        self.cache = cache

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Respond with 200 or 503 and a reason to a probe, or else with the response of the page cache."""
        path = environ.get("SCRIPT_NAME", "") + environ["PATH_INFO"]
        if path == LIVE:
            return _answer(environ, start_response, "200 OK", "alive")
        if path == READY:
            is_ready, reason = self._readiness()
            return _answer(
                environ, start_response, "200 OK" if is_ready else "503 Service Unavailable", reason
            )
        return self.cache(environ, start_response)

    def _readiness(self) -> tuple[bool, str]:
        """Return whether visitors get pages (rendered from the database, or their last good copies), and the reason."""
        watch = self.cache.watch
        watch.start()
        if not watch.is_down:
            return True, "the database answers"
        if any(self.cache.copies.folder.glob("??/*")):
            return True, "the database does not answer; copies of the pages are shown"
        return False, "the database does not answer, and there are no copies of the pages"


def _answer(environ: Environ, start_response: Callable[..., Any], status: str, word: str) -> Iterable[bytes]:
    if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
        status, word = "405 Method Not Allowed", "only GET and HEAD"
    body = f"{word}\n".encode()
    headers = [*HEADERS, ("Content-Length", str(len(body)))]
    if status.startswith("405"):
        headers.append(("Allow", "GET, HEAD"))
    if status.startswith("503"):
        headers.append(("Retry-After", str(RETRY_AFTER)))
    start_response(status, headers)
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]
