"""How much slower the home page gets while many clients download everything; `make bench` prints it.

A server as `make run` starts it, with a database of its own. The home page is asked for quietly, then beside 16 clients
that download the ZIP file and never pause: medians, and their ratio. Clients have machines of their own; here they get
what the server and who asks for the home page leave of this one.
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
    """The seconds until the whole answer was there, on a connection of its own."""
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
    """The median seconds of the home page, asked for one after the other."""
    last, times = time.monotonic() + LONGEST, []
    while len(times) < QUESTIONS and time.monotonic() < last:
        times.append(ask(site, "/"))
    return median(times)


def download(site):
    """Download the file again and again for a while; prints a line for each that came through."""
    os.nice(19)
    last = time.monotonic() + LONGEST
    while time.monotonic() < last:
        ask(site, ZIP)
        print(flush=True)


@contextmanager
def downloads(site):
    """Clients that download, each a process of its own; when it ends, `counted` holds how many files came through."""
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
    """The ratio under a limit of requests a minute (0: none); prints a line about it."""
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
    """Measure without a limit, then with the usual one, which refuses most; 1 when a ratio passes its bound."""
    return 0 if all([measure("0"), measure("600")]) else 1


if __name__ == "__main__":
    sys.exit(download(sys.argv[1]) if sys.argv[1:] else main())
