"""Benchmarks of the API, each next to a plain reference on the same rows; part of `make bench`."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from functools import cache, partial
from io import BytesIO
from pathlib import Path
from statistics import median
from typing import Any

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.http import HttpRequest
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import resolve

from organisation.models import Organogram, Unit
from organisation.outline import get_outline
from pzgent.models import PublishedItem
from pzgent.worker import Numbering
from tests.bench_reference import PLAIN, outline_by_sql, same_list

ROOT = Path(__file__).resolve().parent.parent
# SQLite builds the JSON text itself; on PostgreSQL the driver has as much work as with our rows.
OUTLINE_BOUND = {"postgresql": 1.0, "sqlite": 2.5}
MOST_MEGABYTES = 75
MEMORY = """
from pathlib import Path
import django
django.setup()
from organisation.models import Organogram
from organisation.outline import get_outline
from pzgent.models import PublishedItem
from pzgent.worker import Numbering

def kilobytes(name):
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name))

organogram = Organogram.objects.order_by("-valid_from").first()
get_outline(organogram, depth=0)
before = kilobytes("VmRSS")
Path("/proc/self/clear_refs").write_text("5")  # the peak counts from here
size = len(get_outline(organogram))
print(kilobytes("VmHWM") - before, size)
"""


def clock() -> float:
    """Return the processor time in seconds used by this process and its database process.

    On a machine with other load, wall time would measure that load. If the system does not report the database
    process, or there is none, only this process is counted.
    """
    backend = getattr(getattr(connection.connection, "info", None), "backend_pid", 0)
    spent = Path(f"/proc/{backend}/schedstat")
    return time.process_time() + (int(spent.read_text().split()[0]) / 1e9 if spent.exists() else 0)


def side_by_side(ours: Callable[[], Any], reference: Callable[[], Any], repeats: int) -> tuple[float, float]:
    """Return the median processor seconds of both, run alternately after one warm-up each."""
    ours(), reference()
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(repeats):
        for run, spent in ((ours, times[0]), (reference, times[1])):
            start = clock()
            run()
            spent.append(clock() - start)
    return median(times[0]), median(times[1])


def report(name: str, ours: float, reference: float, bound: float | None) -> bool:
    """Print one line; return whether the ratio is within its bound."""
    ratio = ours / reference
    holds = bound is None or ratio <= bound
    verdict = "no bound" if bound is None else f"(bound {bound}) {'ok' if holds else 'TOO SLOW'}"
    print(f"{name:<58} {ours * 1000:>9.2f} ms {reference * 1000:>9.2f} ms {ratio:>7.3f} x {verdict}")
    return holds


@cache
def server() -> WSGIHandler:
    """Return the portal as a WSGI application; created once, as on a server."""
    return WSGIHandler()


def ask(address: str, **headers: str) -> tuple[str, bytes]:
    """Return the status and body of a response, through the full WSGI stack."""
    environ = RequestFactory(headers=headers).get(address).environ
    started: list[str] = []
    parts = server()({**environ, "wsgi.input": BytesIO()}, lambda status, _headers: started.append(status))
    body = b"".join(parts)
    parts.close()  # type: ignore[attr-defined]  # an answer of Django's
    return started[0], body


def view_anew(address: str) -> bytes:
    """Return a response of the view alone, as the plain views are called."""
    path = address.partition("?")[0]
    response = resolve(path).func(RequestFactory().get(address))
    assert response.status_code == 200, response.content[:300]
    return response.content


def make_anew(address: str) -> bytes:
    """Return the same response through the full WSGI stack."""
    status, body = ask(address)
    assert status == "200 OK", body[:300]
    return body


def touch() -> None:
    """Edit a unit."""
    unit = Unit.objects.first()
    unit.summary = f"{time.time()}"
    unit.save()


def measure_numbering() -> None:
    """Print the cost of numbering an edit in the change feed: for the objects it may affect, and for all objects."""
    known = Numbering()
    known.bring_up_to_date()
    for name, numbering in (("what it may have changed", known), ("everything", Numbering())):
        touch()
        start = clock()
        with CaptureQueriesContext(connection) as queries:
            numbering.bring_up_to_date()
        spent = (clock() - start) * 1000
        objects = f"an edit among {PublishedItem.objects.count():,} objects, compared with {name}"
        print(f"{objects}: {spent:.0f} ms, {len(queries)} queries")


def measure_lists() -> list[bool]:
    """Measure lists of 50 objects of the plan, uncached; return whether each ratio is within its bound."""
    results = []
    for name in PLAIN:
        address = f"/api/v1/{name}?page=1&pageSize=50"
        results.append(against_plain(f"50 {name}", address, partial(same_list, name)))
    return results


def against_plain(name: str, address: str, plain: Callable[[HttpRequest], bytes]) -> bool:
    """Return whether a list costs no more than the plain one, which returns the same bytes.

    Visitors get kept responses; this is the first one after an edit.
    """
    request = RequestFactory().get(address)
    minute = time.time() // 60
    same = view_anew(address) == plain(request)
    assert same or time.time() // 60 != minute  # the open state is computed for the current minute
    spent = side_by_side(partial(view_anew, address), partial(plain, request), 25)
    return report(f"{name} / plain REST framework, same bytes", *spent, 1.0)


def measure_outline(organogram: Organogram, size: int, repeats: int) -> list[bool]:
    """Measure a whole organogram as JSON, compared with JSON of the same rows built by the database."""
    vendor = connection.vendor
    if vendor == "postgresql":
        with connection.cursor() as cursor:  # parallel workers would not be counted
            cursor.execute("SET max_parallel_workers_per_gather = 0")
    sql = lambda: outline_by_sql(connection, organogram)  # noqa: E731  # measured below
    spent = side_by_side(lambda: get_outline(organogram), sql, repeats)
    results = [report(f"organogram of {size:,} built / json_agg", *spent, OUTLINE_BOUND[vendor])]
    settings.API_LARGEST_ANSWER = 0
    address = f"/api/v1/organogram?asOf={organogram.valid_from}"
    spent = side_by_side(lambda: make_anew(address), sql, repeats)
    results.append(report(f"organogram of {size:,} as an answer / json_agg", *spent, OUTLINE_BOUND[vendor]))
    if vendor == "postgresql":
        results.append(memory_holds(size))
    return results


def memory_holds(size: int) -> bool:
    """True if a separate process serialises the newest organogram within the memory bound."""
    values = connection.settings_dict
    login = f"{values['USER']}:{values['PASSWORD']}@{values['HOST']}:{values['PORT'] or 5432}"
    environment = {**os.environ, "DATABASE_URL": f"postgres://{login}/{values['NAME']}"}
    done = subprocess.run(
        [sys.executable, "-c", MEMORY], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    kilobytes, length = map(int, done.stdout.split())
    holds = kilobytes / 1024 <= MOST_MEGABYTES
    verdict = "ok" if holds else "TOO MUCH"
    print(
        f"organogram of {size:,} built: {kilobytes / 1024:.1f} MB above base for {length / 2**20:.1f} MB of JSON"
        f" (bound {MOST_MEGABYTES} MB) {verdict}"
    )
    return holds
