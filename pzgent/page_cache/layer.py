"""The WSGI layer that serves cached responses: these need no query and no middleware."""

from __future__ import annotations

import math
import queue
import threading
import time
from collections.abc import Callable, Hashable, Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Any
from urllib.parse import quote

from django.conf import settings

from pzgent.kernel.compression import PLAIN
from pzgent.kernel.previews import LINK_ROOT, STAFF_ROOT
from pzgent.kernel.problems import API_ROOT, UNAVAILABLE
from pzgent.kernel.rest.headers import traces_for
from pzgent.kernel.totals import UNANSWERED, Totals
from pzgent.kernel.validity import Basis, for_any_time, of_state
from pzgent.page_cache.answers import COUNTED, Answer, entry_of, form_of, is_small_file, varying_of, with_age
from pzgent.page_cache.asked import (
    VARYING,
    Address,
    Environ,
    address_of,
    choices_of,
    coding_of,
    is_usual,
    tags_of,
)
from pzgent.page_cache.copies import ANY_TIME, Copies
from pzgent.page_cache.notices import Notices
from pzgent.page_cache.store import MB, Entry, Form, Room
from pzgent.page_cache.watch import Watch

Application = Callable[[Environ, Any], Iterable[bytes]]
# Seconds after a change in which the previous response is still served while another thread renders the new one.
GRACE = 0.6
LONGEST_WAIT = 3.0  # seconds to wait for a response that another thread is rendering
OWN_ROOM, ASKED_ROOM = 24 * MB, 6 * MB
CONDITIONS = ("HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE")
# All combinations of headers by which a response may vary.
VARIATIONS = ((), *((name,) for name in VARYING), tuple(sorted(VARYING)))
# Seconds for which a thread that serves a stale response leaves the processor to the thread that renders the new one.
YIELD = 0.003
PAUSE = 0.002  # seconds between two checks whether another process has finished a response
# Query parameter that does not change the page: the page that the visitor comes from.
IGNORED = "pagina="
# Data and files; previews, which show the notices of their own moment.
WITHOUT_NOTICES = (API_ROOT, settings.STATIC_URL, STAFF_ROOT, LINK_ROOT)


class PageCache:
    """Serves responses from memory where possible, and has Django render the rest."""

    def __init__(
        self,
        application: Application,
        watch: Watch,
        copies: Copies,
        notices: Notices,
        recorded: Callable[[], AbstractContextManager[Basis]],
    ) -> None:
        self.application, self.watch, self.copies, self.notices = application, watch, copies, notices
        # Context manager that records the sources of the response rendered inside it.
        self.recorded = recorded
        self.totals = Totals()
        # Called at the first request.
        self.on_begin: Callable[[], None] | None = None
        self._has_begun = False
        # One room for the site's own addresses, one for those that clients make up with query strings.
        self.own, self.asked = Room(OWN_ROOM), Room(ASKED_ROOM)
        # By path: the headers by which its responses vary.
        self._varying: dict[str, tuple[str, ...]] = {}
        # By path: the headers of its 304 responses.
        self._of_unchanged: dict[str, frozenset[str]] = {}
        self._flights: dict[Hashable, threading.Event] = {}
        self._boarding = threading.Lock()
        self._outdated: queue.SimpleQueue[tuple[Hashable, Address, Environ]] = queue.SimpleQueue()
        self._queued: set[Hashable] = set()
        self._refresher: threading.Thread | None = None

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        """Serve the cached response, a fresh one that is cached from now on, or whatever Django responds."""
        if not self._has_begun:
            self._begin()
        address = address_of(environ)
        if address is None:
            return self._pass(environ, start_response)
        entry = self._find(address, environ)
        watch = self.watch
        if entry is not None and entry.is_file and not watch.is_down and _wants_compression(environ):
            return self._pass(environ, start_response)
        if entry is not None and entry.is_right(watch.state, watch.history, time.time()):
            return self._give(entry, environ, start_response)
        if entry is not None and self._is_just_outdated(entry):
            self._refresh_soon(address, environ)
            time.sleep(YIELD)
            return self._give(entry, environ, start_response)
        if watch.is_down:
            return self._give_copy(address, environ, start_response)
        return self._make(address, environ, start_response)

    def _begin(self) -> None:
        """Start the background work at the first request, because the server may have forked this process."""
        self.notices.look()
        self.watch.on_tick = self.notices.look
        self.watch.start()
        self._has_begun = True
        if self.on_begin is not None:
            self.on_begin()

    def _find(self, address: Address, environ: Environ) -> Entry | None:
        varying = self._varying.get(address.path)
        if varying is None:
            return None
        key = (address, choices_of(environ, varying) if varying else varying)
        return self.own.get(key) or self.asked.get(key)

    def _room(self, address: Address, choices: tuple[str | None, ...]) -> Room:
        return self.own if address.is_whole and is_usual(choices) else self.asked

    def _is_right(self, entry: Entry) -> bool:
        """Whether a response is still up to date."""
        watch = self.watch
        return entry.is_right(watch.state, watch.history, time.time())

    def _is_just_outdated(self, entry: Entry) -> bool:
        """Whether a response was up to date until a moment ago."""
        watch = self.watch
        was_right = entry.is_right(watch.state_before, watch.history, time.time())
        return was_right and time.monotonic() - watch.changed_at < GRACE and not watch.is_down

    # --- Making ---------------------------------------------------------------------------------------

    def _make(self, address: Address, environ: Environ, start_response: Any) -> Iterable[bytes]:
        """Render a fresh response. Concurrent requests for the same one wait for it."""
        flight = (address, choices_of(environ, tuple(VARYING)))
        with self._boarding:
            landing = self._flights.get(flight)
            if landing is None:
                self._flights[flight] = threading.Event()
        if landing is not None:
            landing.wait(LONGEST_WAIT)
            entry = self._find(address, environ)
            if entry is not None and self._is_right(entry):
                return self._give(entry, environ, start_response)
            if self.watch.is_down:
                return self._give_copy(address, environ, start_response)
            return self._made(address, environ, start_response)
        try:
            return self._made(address, environ, start_response)
        finally:
            with self._boarding:
                self._flights.pop(flight).set()

    def _made(self, address: Address, environ: Environ, start_response: Any) -> Iterable[bytes]:
        entry = self._made_elsewhere(address, environ)
        if entry is not None:
            return self._give(entry, environ, start_response)
        state, began = self.watch.state, time.time()
        asked = {name: value for name, value in environ.items() if name not in CONDITIONS}
        is_head = asked["REQUEST_METHOD"] == "HEAD"
        asked["REQUEST_METHOD"] = "GET"  # without a body Django computes no ETag
        with self.recorded() as basis, of_state(state, self.watch.history):
            answer = self._run(asked)
        if answer.status.startswith("5"):
            copy = self._copy_of(address, environ)
            if copy is not None:
                return self._give(copy, environ, start_response)
        entry = self._kept(address, environ, answer, state, basis, began)
        if entry is not None:
            entry.unanswered = asked.get(UNANSWERED, "")
            counted = [pair for pair in answer.headers if pair[0].lower() in COUNTED]
            return self._give(entry, environ, start_response, counted)
        if answer.status.startswith(("404", "410")) and address.is_whole:
            self._forget(address, environ)
        if is_head or (answer.status.startswith("200") and len(asked) < len(environ)):
            self._close(answer)
            return self._pass(environ, start_response)  # Django may answer 304
        return self._hand_on(answer, environ, start_response)

    def _made_elsewhere(self, address: Address, environ: Environ) -> Entry | None:
        """Return the response that another process, or this one before a restart, rendered from the current state."""
        varying, copy = self._right_copy(address, environ) if address.is_whole else ((), None)
        if copy is None or copy.is_file:
            return None
        self._varying[address.path] = varying
        self.own.put((address, choices_of(environ, varying)), copy)
        return copy

    def _right_copy(self, address: Address, environ: Environ) -> tuple[tuple[str, ...], Entry | None]:
        """Return the copy that is still up to date, after the headers by which it varies; None without one."""
        known = self._varying.get(address.path)
        if not self.watch.state:
            return (), None
        for varying in VARIATIONS if known is None else (known,):
            copy = self.copies.get((address.name, choices_of(environ, varying)))
            is_same = copy is not None and copy.varying == set(varying) and copy.origin == address.origin
            if copy is not None and is_same and self._is_right(copy):
                return varying, copy
        return (), None

    def copy(self, environ: Environ) -> Answer | None:
        """Renew or remove the copy of one of the site's own addresses, without a visitor waiting for it.

        A response that depends on the current time gets a second, time-independent copy. Return None for addresses that
        are never cached.
        """
        address = address_of(environ)
        if address is None or not address.is_own:
            return None
        varying, right = self._right_copy(address, environ)
        if right is not None:
            self.copies.confirm((address.name, choices_of(environ, varying)))
            return Answer("200 OK", right.headers, [right.body], right.body)
        state, began = self.watch.state, time.time()
        with self.recorded() as basis, of_state(state, self.watch.history):
            answer = self._run(environ)
        named = varying_of(answer)
        if named is None:
            if answer.status.startswith(("404", "410")):
                self._forget(address, environ)
            if answer.body is None:
                self._close(answer)
            return answer
        choices = choices_of(environ, tuple(named))
        entry = entry_of(answer, state, basis, began, origin=address.origin)
        self.copies.put((address.name, choices), entry)
        if not math.isinf(entry.until):
            with for_any_time():
                lasting = self._run(environ)
            if varying_of(lasting) is not None:
                self.copies.put((address.name, choices, ANY_TIME), entry_of(lasting, state))
        return answer

    def _run(self, environ: Environ) -> Answer:
        """Call Django; a streaming response stays unread, unless it is a file that fits into memory."""
        started: list[Any] = []
        parts: Any = self.application(environ, lambda status, headers, *_: started.extend((status, headers)))
        status, headers = started
        answer = Answer(status, headers, parts, None)
        is_file = getattr(parts, "streaming", True)
        if is_file and not is_small_file(answer):
            return answer
        body = b"".join(parts)
        self._close(answer)
        return answer._replace(parts=[body], body=body, is_file=is_file)

    @staticmethod
    def _close(answer: Answer) -> None:
        if hasattr(answer.parts, "close"):
            answer.parts.close()

    def _kept(
        self, address: Address, environ: Environ, answer: Answer, state: str, basis: Basis, began: float
    ) -> Entry | None:
        """Cache a response that is the same for everybody; return None for any other."""
        named = varying_of(answer)
        if named is None or not state or self.watch.is_down:
            return None
        varying = tuple(sorted({*named, *self._varying.get(address.path, ())}))
        self._varying[address.path] = varying
        choices = choices_of(environ, varying)
        if None in choices:
            return None
        entry = entry_of(answer, state, basis, began, origin=address.origin)
        self._room(address, choices).put((address, choices), entry)
        if address.is_whole and is_usual(choices):
            self.copies.put((address.name, choices), entry)
        return entry

    def _forget(self, address: Address, environ: Environ) -> None:
        """Drop a response that is no longer public."""
        varying = self._varying.get(address.path, ())
        choices = choices_of(environ, varying)
        self.own.drop((address, choices))
        self.copies.drop(address.name, choices)

    def _refresh_soon(self, address: Address, environ: Environ) -> None:
        if self._refresher is None or not self._refresher.is_alive():
            with self._boarding:
                if self._refresher is None or not self._refresher.is_alive():
                    self._refresher = threading.Thread(target=self._refresh, daemon=True, name="page-refresh")
                    self._refresher.start()
        key = address, choices_of(environ, tuple(VARYING))
        if key not in self._queued:
            self._queued.add(key)
            self._outdated.put((key, address, {**environ, "REQUEST_METHOD": "GET"}))

    def _refresh(self) -> None:
        """Render stale responses again; one that another process is rendering goes to the back of the queue."""
        while True:
            key, address, environ = self._outdated.get()
            claim = self.copies.claim(address.name)
            if claim is None and time.monotonic() - self.watch.changed_at < GRACE:
                self._outdated.put((key, address, environ))
                time.sleep(PAUSE)
                continue
            self._queued.discard(key)
            entry = self._find(address, environ)
            if entry is None or not self._is_right(entry):
                self._make(address, environ, lambda *_: None)
            if claim is not None:
                claim.close()

    # --- Giving ---------------------------------------------------------------------------------------

    def _give(
        self, entry: Entry, environ: Environ, start_response: Any, counted: Sequence[tuple[str, str]] = ()
    ) -> Iterable[bytes]:
        """Serve a response as this client accepts it: compressed or not, or a 304."""
        accepted, notices = environ.get("HTTP_ACCEPT_ENCODING", ""), self.notices.shown
        kind = (notices.mark if entry.is_page else "", coding_of(accepted))
        form = entry.forms.get(kind)
        if form is None:
            for old in [known for known in entry.forms.copy() if known[0] != kind[0]]:
                entry.forms.pop(old, None)
            form = entry.forms[kind] = form_of(entry, accepted, notices)
        own = counted
        if environ["PATH_INFO"].startswith(API_ROOT):
            own = [*counted, *traces_for(environ)]
        known = environ.get("HTTP_IF_NONE_MATCH")
        if known and form.tag and not {form.tag, "*"}.isdisjoint(tags_of(known)):
            if form.unchanged is None:
                return self._learn_unchanged(entry, form, environ, start_response)
            self._count(entry, environ)
            start_response("304 Not Modified", [*form.unchanged, *own])
            return []
        self._count(entry, environ)
        start_response("200 OK", [*form.headers, *own])
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [form.body]

    def _count(self, entry: Entry, environ: Environ) -> None:
        if entry.is_page and environ["REQUEST_METHOD"] == "GET":
            self.totals.count_page(environ["PATH_INFO"])
            if entry.unanswered:
                self.totals.count_unanswered(entry.unanswered)

    def _learn_unchanged(
        self, entry: Entry, form: Form, environ: Environ, start_response: Any
    ) -> Iterable[bytes]:
        """Learn from Django which headers it sends with a 304."""
        path = environ["PATH_INFO"]
        if path not in self._of_unchanged:
            answer = self._run({**environ, "HTTP_IF_NONE_MATCH": entry.tag})
            if not answer.status.startswith("304"):
                return self._hand_on(answer, environ, start_response)
            self._of_unchanged[path] = frozenset(name.lower() for name, _value in answer.headers)
        names = self._of_unchanged[path]
        form.unchanged = [pair for pair in form.headers if pair[0].lower() in names]
        return self._give(entry, environ, start_response)

    def _give_copy(self, address: Address, environ: Environ, start_response: Any) -> Iterable[bytes]:
        """Serve the fallback copy while the database is unreachable; without one Django reports the outage at once."""
        copy = self._copy_of(address, environ)
        if copy is not None:
            return self._give(copy, environ, start_response)
        for other in (address.path.rstrip("/"), f"{address.path}/"):  # typed by hand
            if other != address.path and self._copy_of(address._replace(path=other), environ) is not None:
                start_response("302 Found", [("Location", quote(other)), ("Content-Length", "0")])
                return []
        return self._pass(environ, start_response)

    def _copy_of(self, address: Address, environ: Environ) -> Entry | None:
        """Return the last good response, with an `Age` header and, on pages, the date and time it was made."""
        found = self._find(address, environ)
        if found is None or found.until <= time.time():
            if address.query.startswith(IGNORED):
                address = address._replace(query="")
            every = choices_of(environ, tuple(sorted(VARYING)))
            named = choices_of(environ, self._varying.get(address.path, ()))
            keys = dict.fromkeys((named, every, ("", every[1]), (every[1],), ("", "nl"), ("nl",), ()))
            copies = (self.copies.get_now(address.name, key) for key in keys)
            found = next(filter(None, copies), None)
        return with_age(found) if found else None

    def _pass(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        if self.watch.is_down:
            environ[UNAVAILABLE] = True
        if not self.notices.shown.mark or environ.get("PATH_INFO", "").startswith(WITHOUT_NOTICES):
            return self.application(environ, start_response)
        answer = self._run(environ)
        if answer.status.startswith("304"):  # the page that the client has may lack the notices
            answer = self._run({name: value for name, value in environ.items() if name not in CONDITIONS})
        return self._hand_on(answer, environ, start_response)

    def _hand_on(self, answer: Answer, environ: Environ, start_response: Any) -> Iterable[bytes]:
        """Serve a response that is not cached, with the running notices if it is a page."""
        notices = self.notices.shown
        if notices.mark and answer.body and answer.get("content-type").startswith("text/html"):
            entry = entry_of(answer, "", left_out=())
            if notices.put_into(entry.body) != entry.body:
                form = form_of(entry, environ.get("HTTP_ACCEPT_ENCODING", ""), notices)
                start_response(answer.status, form.headers)
                return [form.body]
        start_response(answer.status, answer.headers)
        return answer.parts


def _wants_compression(environ: Environ) -> bool:
    return coding_of(environ.get("HTTP_ACCEPT_ENCODING", ""))[0] != PLAIN
