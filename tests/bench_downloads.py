"""Slowdown of the home page while many clients download everything; `make bench` prints it.

A server as `make run` starts it, with a separate database. The home page is requested on the idle server, then
while 16 clients download the ZIP file without pause: medians, and their ratio. Real clients have their own
machines; here they share this machine with the server and the client of the home page.
"""

import http.client
import os
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pzgent.settings")
os.environ.setdefault("SECRET_KEY", "only-for-measuring-" + "x" * 50)

ZIP = "/api/v1/exports/organisation.zip"
CLIENTS, QUESTIONS, LONGEST, MOST = 16, 60, 60.0, 3.0


def ask(site, path):
    """Return the seconds until the response is complete, on a separate connection."""
    start = time.perf_counter()
    connection = http.client.HTTPConnection(urlsplit(site).netloc, timeout=30)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        assert answer.status in ((200, 429) if path == ZIP else (200,)), (path, answer.status)
        return time.perf_counter() - start
    finally:
        connection.close()


def median_of_home(site):
    """Return the median seconds of sequential requests for the home page."""
    last, times = time.monotonic() + LONGEST, []
    while len(times) < QUESTIONS and time.monotonic() < last:
        times.append(ask(site, "/"))
    return median(times)


def download(site):
    """Download the file repeatedly for a while; print a line for each completed download."""
    os.nice(19)
    last = time.monotonic() + LONGEST
    while time.monotonic() < last:
        ask(site, ZIP)
        print(flush=True)


@contextmanager
def downloads(site):
    """Run the download clients, each in its own process; at the end `counted` holds the number of downloads."""
    command = [sys.executable, __file__, site]
    clients = [subprocess.Popen(command, stdout=subprocess.PIPE) for _number in range(CLIENTS)]
    counted = []
    try:
        for client in clients:
            client.stdout.readline()
        yield counted
    finally:
        for client in clients:
            client.terminate()
        counted += [len(client.communicate()[0].splitlines()) for client in clients]


def measure(limit):
    """Return the ratio with a limit of requests per minute (0: none); print a line about it."""
    from tests.portal import serving  # needs the settings, which clients do not

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        own = {"DATABASE_URL": f"sqlite:///{folder / 'site.sqlite3'}", "API_REQUESTS_PER_MINUTE": limit}
        with serving(ROOT, folder / "log", WORKERS="2", **own) as site:
            ask(site, ZIP)
            median_of_home(site)
            quiet = median_of_home(site)
            with downloads(site) as counted:
                start = time.monotonic()
                busy = median_of_home(site)
                spent = time.monotonic() - start
    rate, load = sum(counted) / spent, os.getloadavg()[0]
    print(
        f"home page beside {CLIENTS} clients of the ZIP file, {rate:.0f} answers a second, limit {limit} / quiet: "
        f"{busy * 1000:.1f} ms / {quiet * 1000:.1f} ms = {busy / quiet:.2f} (at most {MOST}; load {load:.1f})"
    )
    return busy / quiet <= MOST


def main():
    """Measure without a limit, then with the default one, which refuses most; return 1 if a ratio exceeds its bound."""
    return 0 if all([measure("0"), measure("600")]) else 1


if __name__ == "__main__":
    sys.exit(download(sys.argv[1]) if sys.argv[1:] else main())
