"""Keeps the last good copy complete: one process of all visits each of the site's own addresses after every change."""

from __future__ import annotations

import fcntl
import io
import logging
import sys
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import close_old_connections

from pzgent.page_cache.layer import PageCache

logger = logging.getLogger(__name__)
QUIET = 20.0  # seconds without a change before the copies are made anew
REST = 4.0  # for each second of work, so that visitors find the machine free
LEAST_REST = 0.02


class Crawler:
    """Visits the site's own addresses, and those of which there is a copy: what is no longer public goes."""

    def __init__(
        self, cache: PageCache, addresses: Callable[[], Iterable[str]], first: Callable[[], Any] | None = None
    ) -> None:
        self.cache, self.addresses = cache, addresses
        # What else is to be made anew after a change, before the copies.
        self.first = first
        self.done = ""
        self._lock: Any = None

    def start(self) -> None:
        """Work in a thread of its own from now on."""
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
        """Make every copy anew; gives up when the data change meanwhile, to begin again."""
        state = self.cache.watch.state
        if self.first is not None:
            self.first()
        kept = [(path, choices) for path, choices in self.cache.copies.listed() if choices]
        own = dict.fromkeys([*self.addresses(), *(path for path, _choices in self.cache.copies.listed())])
        for path, choices in [*((path, ()) for path in own), *kept]:
            if self.cache.watch.state != state or self.cache.watch.is_down:
                return
            begun = time.monotonic()
            self.cache.copy(environ_of(path, choices))
            time.sleep(max(LEAST_REST, REST * (time.monotonic() - begun)))
        self.done = state

    def _is_elected(self) -> bool:
        """Whether this is the process that does it: the one that holds the lock, until it ends."""
        if self._lock is None:
            folder: Path = self.cache.copies.folder
            try:
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                file = (folder / "crawler.lock").open("a")
            except OSError:
                return False
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                file.close()
                return False
            self._lock = file
        return True


def environ_of(path: str, choices: tuple[str | None, ...] = ()) -> dict[str, Any]:
    """A request for an address under the site's own name, by a client with the same preferences as before."""
    site = urlsplit(settings.BASE_URL or "http://localhost")
    accept, language = choices if len(choices) == 2 else (None, None)
    headers = {"HTTP_ACCEPT": accept, "HTTP_ACCEPT_LANGUAGE": language}
    return {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": "",
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
        **{name: value for name, value in headers.items() if value},
    }
