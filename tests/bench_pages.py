"""Cost of a cached response compared with a minimal Django view: no middleware, 2 KB; part of `make bench`."""

import tempfile
from io import BytesIO
from pathlib import Path

from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory, override_settings
from django.urls import path

from pzgent.change_feed.sources import recorded
from pzgent.change_feed.state import SettledState
from pzgent.kernel.door import Door
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
    """Django with a single view."""

    def load_middleware(self, is_async: bool = False) -> None:
        """Load no middleware."""
        with override_settings(MIDDLEWARE=[]):
            super().load_middleware(is_async)

    def resolve_request(self, request: HttpRequest) -> object:
        """Resolve to the single view."""
        request.urlconf = __name__  # type: ignore[attr-defined]  # missing from the stubs
        return super().resolve_request(request)


class Still(Watch):
    """Data state that never changes."""

    def start(self) -> None:
        """Read the state once."""
        if not self.state:
            self.look()


def measure_kept_pages() -> list[bool]:
    """Return whether a page, an API response and a 304 each cost at most a tenth of the minimal view."""
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
    """Warm the cache; return the ETag."""
    known: dict[str, str] = {}
    list(application(_environ(address, {}), lambda status, headers: known.update(headers)))  # type: ignore[operator]
    return known["ETag"]


def _many(application: object, address: str, headers: dict[str, str]) -> object:
    """Send many requests: a single one is too short to time."""
    environ = _environ(address, headers)

    def run() -> None:
        for _time in range(TIMES):
            parts = application(dict(environ), lambda *_: None)  # type: ignore[operator]
            b"".join(parts)
            getattr(parts, "close", lambda: None)()

    return run
