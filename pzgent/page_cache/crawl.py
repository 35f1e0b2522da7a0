"""Keeps the fallback copies complete: one elected process visits all of the site's own addresses after a change."""

from __future__ import annotations

import io
import logging
import re
import sys
import threading
import time
from collections.abc import Callable, Iterable
from html import unescape
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.db import close_old_connections

from pzgent.kernel.shared_files import hold
from pzgent.kernel.translations import OTHER_LANGUAGES
from pzgent.page_cache.answers import UNPACKED, Answer
from pzgent.page_cache.asked import NEVER
from pzgent.page_cache.copies import MOST_BYTES, MOST_COPIES, Listed
from pzgent.page_cache.layer import IGNORED, PageCache

logger = logging.getLogger(__name__)
QUIET = 20.0  # seconds without a change before the copies are renewed
REST = 4.0  # seconds of sleep per second of work, so that visitors get the processor
LEAST_REST = 0.02
FIRST = 100  # addresses at the start of every round
# Sharing images: slow to draw and hardly ever changed.
SELDOM, A_DAY = "/deelbeelden/", 24 * 3600.0
WITH_LINKS = (
    "text/html",
    "application/json",
    "application/ld+json",
    "application/atom+xml",
    "application/xml",
)
LINK = re.compile(r"""["'>](/[^"'<>\s#]*|https?://[^"'<>\s#]+)""")
# Query strings that depend on the site or page that a visitor comes from.
UNCOPIED = (IGNORED, "url=", "format=")
PAGED = ("page=", "before=", "since=", "after=")


class Crawler:
    """Visits the site's own addresses, the addresses that these link to, and those that already have a copy: copies
    of pages that are no longer public are removed.
    """

    def __init__(
        self, cache: PageCache, addresses: Callable[[], Iterable[str]], first: Callable[[], Any] | None = None
    ) -> None:
        self.cache, self.addresses = cache, addresses
        # Anything else to renew after a change, before the copies.
        self.first = first
        self.done = ""
        # The addresses left over from the round before, which a data change interrupted.
        self._left: list[str] = []
        self._lock: Any = None

    def start(self) -> None:
        """Start the crawler in a thread of its own."""
        threading.Thread(target=self._work, daemon=True, name="page-copies").start()

    def _work(self) -> None:
        watch = self.cache.watch
        while True:
            time.sleep(QUIET / 4)
            is_quiet = time.monotonic() - watch.changed_at > QUIET
            if watch.is_down or not is_quiet or watch.state == self.done or not self._is_elected():
                continue
            try:
                self.visit_all()
            except Exception:
                logger.exception("The copies of the pages cannot be made anew")
            close_old_connections()

    def visit_all(self) -> None:
        """Renew every copy; stop when the data changes meanwhile and continue with the rest next time."""
        watch, state = self.cache.watch, self.cache.watch.state
        if self.first is not None:
            self.first()
        known = _Known(self.cache.copies.listed())
        own = list(self.addresses())
        todo = dict.fromkeys([*own[:FIRST], *self._left, *own[FIRST:]])
        reached: set[str] = set()
        is_linked = True
        while todo:
            name = next(iter(todo))
            if watch.state != state or watch.is_down:
                self._left = list(todo)
                return
            del todo[name]
            reached.add(name)
            links = self._visit(name, known, is_linked=is_linked)
            todo |= dict.fromkeys(link for link in links if link not in reached)
            if not todo:
                is_linked, todo = False, dict.fromkeys(name for name in known.choices if name not in reached)
        self._left = []
        self.done = state

    def _visit(self, name: str, known: _Known, *, is_linked: bool) -> list[str]:
        """Copy an address in each of its languages and return the addresses that it links to."""
        if not known.has_room_for(name) or (is_linked and SELDOM in name and known.has_lately(name)):
            return []
        begun = time.monotonic()
        answer = self.cache.copy(environ_of(name))
        if answer is None:
            return []
        if answer.status.startswith(("404", "410")):
            for choices in known.choices.get(name, ()):
                self.cache.copies.drop(name, choices)
        links = []
        if answer.status.startswith("200"):
            known.note(name, len(answer.body or b""))
            links = links_of(name, answer)
            varying = answer.get("vary").lower()
            for language in OTHER_LANGUAGES if "accept-language" in varying else ():
                self.cache.copy(environ_of(name, language))
        time.sleep(max(LEAST_REST, REST * (time.monotonic() - begun)))
        return links

    def _is_elected(self) -> bool:
        """Whether this process is the elected one: it holds the lock until it ends."""
        self._lock = self._lock or hold(self.cache.copies.folder / "crawler.lock")
        return self._lock is not None


class _Known:
    """The existing copies, and how many more are allowed."""

    def __init__(self, copies: Iterable[Listed]) -> None:
        self.choices: dict[str, list[tuple[str | None, ...]]] = {}
        self.made: dict[str, float] = {}
        self.size = 0
        for copy in copies:
            self.choices.setdefault(copy.name, []).append(copy.choices)
            self.made[copy.name] = copy.made
            self.size += copy.size

    def has_lately(self, name: str) -> bool:
        """Whether the copy of an address is less than a day old."""
        return time.time() - self.made.get(name, 0.0) < A_DAY

    def has_room_for(self, name: str) -> bool:
        """Whether an address has a copy already, or there is room for one more."""
        return name in self.made or (len(self.made) < MOST_COPIES and self.size < MOST_BYTES)

    def note(self, name: str, size: int) -> None:
        """Count a copy if it is new."""
        if name not in self.made:
            self.size += size
        self.made[name] = time.time()


def links_of(name: str, answer: Answer) -> list[str]:
    """Return the site's addresses in a page or in data that are worth a copy.

    Addresses with a query string count only if a page without one links to them, or as the next pages of a list:
    filters link to an endless number of other filters.
    """
    if not answer.get("content-type").startswith(WITH_LINKS):
        return []
    path, _mark, asked = name.partition("?")
    site = settings.BASE_URL or "http://localhost"
    body = UNPACKED.get(answer.get("content-encoding"), bytes)(answer.body or b"").decode(errors="replace")
    found: dict[str, None] = {}
    for text in LINK.findall(body):
        link = unescape(text).removeprefix(site)
        target, _mark, query = link.partition("?")
        if not target.startswith("/") or target.startswith(("//", *NEVER)) or query.startswith(UNCOPIED):
            continue
        if not asked or not query or (target == path and query.startswith(PAGED)):
            found[link] = None
    return list(found)


def environ_of(name: str, language: str = "") -> dict[str, Any]:
    """Return the WSGI environ of a request under the site's own host name; `language` for addresses without one."""
    site = urlsplit(settings.BASE_URL or "http://localhost")
    path, _mark, query = name.partition("?")
    return {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote(path),
        "QUERY_STRING": query,
        "SERVER_NAME": site.hostname or "localhost",
        "SERVER_PORT": str(site.port or (443 if site.scheme == "https" else 80)),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": site.netloc,
        "HTTP_X_FORWARDED_PROTO": site.scheme,
        "REMOTE_ADDR": "",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": site.scheme,
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        **({"HTTP_ACCEPT_LANGUAGE": language} if language else {}),
    }
