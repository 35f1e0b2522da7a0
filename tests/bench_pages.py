"""What a kept answer costs beside the smallest view of Django: no middleware, 2 KB; a part of `make bench`."""

import tempfile
from io import BytesIO
from pathlib import Path

from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory, override_settings
from django.urls import path

from pzgent.change_feed.sources import recorded
from pzgent.change_feed.state import SettledState
from pzgent.door import Door
from pzgent.page_cache import PageCache
from pzgent.page_cache.copies import Copies
from pzgent.page_cache.notices import Notices
from pzgent.page_cache.watch import Watch
from tests.bench_api import report, side_by_side

TWO_KB = b"x" * 2_000
KEPT_BOUND = 0.1
TIMES = 300
urlpatterns = [path("smallest", lambda request: HttpResponse(TWO_KB))]


class Smallest(WSGIHandler):
    """Django with one view and nothing else."""

    def load_middleware(self, is_async: bool = False) -> None:
        """Load none."""
        with override_settings(MIDDLEWARE=[]):
            super().load_middleware(is_async)

    def resolve_request(self, request: HttpRequest) -> object:
        """Find the one view."""
        request.urlconf = __name__  # type: ignore[attr-defined]  # missing from the stubs
        return super().resolve_request(request)


class Still(Watch):
    """A state that stays the same."""

    def start(self) -> None:
        """Look once."""
        if not self.state:
            self.look()


def measure_kept_pages() -> list[bool]:
    """Return whether a page, an answer of the API and a 304 cost at most a tenth of the smallest view."""
    smallest = Smallest()
    with tempfile.TemporaryDirectory() as folder:
        kept = Door(
            PageCache(
                WSGIHandler(),
                Still(SettledState().read),
                Copies(Path(folder)),
                Notices(Path(folder), list),
                recorded,
            )
        )
        results = []
        for name, address in (("page", "/"), ("answer of the API", "/api/v1/units")):
            tag = _ask(kept, address)
            for form, headers in ((name, {}), (f"{name}: 304", {"HTTP_IF_NONE_MATCH": tag})):
                ours = _many(kept, address, headers)
                spent = side_by_side(ours, _many(smallest, "/smallest", {}), 15)
                results.append(report(f"kept {form} / smallest view of Django", *spent, KEPT_BOUND))
    return results


def _environ(address: str, headers: dict[str, str]) -> dict[str, object]:
    environ = RequestFactory().get(address).environ
    return {**environ, **headers, "HTTP_ACCEPT_ENCODING": "gzip", "wsgi.input": BytesIO()}


def _ask(application: object, address: str) -> str:
    """Have an answer kept; returns its tag."""
    known: dict[str, str] = {}
    list(application(_environ(address, {}), lambda status, headers: known.update(headers)))  # type: ignore[operator]
    return known["ETag"]


def _many(application: object, address: str, headers: dict[str, str]) -> object:
    """A run of many requests: one is too short to be timed."""
    environ = _environ(address, headers)

    def run() -> None:
        for _time in range(TIMES):
            parts = application(dict(environ), lambda *_: None)  # type: ignore[operator]
            b"".join(parts)
            getattr(parts, "close", lambda: None)()

    return run
