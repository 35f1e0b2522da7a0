"""The real server on a PostgreSQL of its own that is killed, frozen, or not there when the portal starts."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from django.conf import settings

from tests.portal import end
from tests.tools.run import private_postgresql

pytestmark = pytest.mark.once
PAGES = [
    "/",
    "/contact",
    "/fr/contact",
    "/organogram",
    "/projecten",
    "/robots.txt",
    "/api/v1/units",
    "/feeds/berichten.atom",
]
LONGEST = 4.0  # seconds for any request
RECOVERY = 10.0


class Portal:
    """The server with its database."""

    def __init__(self, url, folder):
        self.url, self.folder = url, folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.process = None

    def start(self):
        environment = {
            **os.environ, "PORT": str(self.port), "WORKERS": "2", "SECRET_KEY": settings.SECRET_KEY,
            "DATABASE_URL": self.url, "PAGES_FOLDER": str(self.folder / "pages"), "COPIES_AHEAD": "0", "BASE_URL": "",
            "DEBUG": "", "API_REQUESTS_PER_MINUTE": "0", "NOTICES_FOLDER": str(self.folder / "notices"),
        }  # fmt: skip
        self.environment = environment
        with (self.folder / "portal.log").open("a") as log:
            self.process = subprocess.Popen(
                [sys.executable, "deploy/serve.py"],
                cwd=settings.BASE_DIR,
                env=environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.wait_until(lambda: self.get("/")[0] == 200, 180)

    def manage(self, *words):
        """Run a command as the operator does."""
        command = [sys.executable, "manage.py", *words]
        subprocess.run(command, cwd=settings.BASE_DIR, env=self.environment, check=True, capture_output=True)

    def stop(self):
        end(self.process)

    def get(self, path):
        """The status, the headers and the text of an answer; 0 where there is none."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=30) as answer:
                return answer.status, answer.headers, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read().decode()
        except OSError:
            return 0, {}, ""

    def wait_until(self, holds, seconds):
        last = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < last, (self.folder / "portal.log").read_text()[-3000:]
            time.sleep(0.1)

    def measure(self, seconds, clients=8):
        """Ask for all pages again and again; the statuses, and the longest time of one answer."""
        statuses, longest, end = set(), 0.0, time.monotonic() + seconds

        def ask():
            nonlocal longest
            while time.monotonic() < end:
                for path in PAGES:
                    start = time.monotonic()
                    status = self.get(path)[0]
                    statuses.add(status if status == 200 else (status, path))
                    longest = max(longest, time.monotonic() - start)

        threads = [threading.Thread(target=ask) for _client in range(clients)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return statuses, longest


def server_of(url):
    """The process of the server, with its children."""
    with closing(psycopg.connect(url)) as connection:
        folder = connection.execute("SHOW data_directory").fetchone()[0]
    main = int((Path(folder) / "postmaster.pid").read_text().split()[0])
    children = subprocess.run(["pgrep", "-P", str(main)], capture_output=True, text=True).stdout.split()
    return [main, *map(int, children)]


def signal_all(processes, number):
    for process in processes:
        try:
            os.kill(process, number)
        except ProcessLookupError:
            continue


@pytest.fixture(scope="module")
def portal(tmp_path_factory):
    with private_postgresql() as url:
        portal = Portal(url, tmp_path_factory.mktemp("faults"))
        portal.start()
        for path in PAGES:
            assert portal.get(path)[0] == 200
        yield portal
        portal.stop()


@pytest.mark.parametrize(
    ("seconds", "clients", "unasked"),
    [(8, 8, "/beleid"), pytest.param(60, 50, "/cijfers", marks=pytest.mark.drill)],
)
def test_a_frozen_database_darkens_nothing_and_is_noticed_when_it_thaws(portal, seconds, clients, unasked):
    processes = server_of(portal.url)
    signal_all(processes, signal.SIGSTOP)
    try:
        statuses, longest = portal.measure(seconds, clients)
        assert statuses == {200}
        assert longest < LONGEST
        start = time.monotonic()
        assert portal.get(unasked)[0] == 503  # nobody had asked for it: no copy
        assert portal.get("/admin/login/")[0] == 503
        assert portal.get("/api/v1/health")[0] == 503
        assert time.monotonic() - start < LONGEST
        _status, headers, text = portal.get(unasked)
        assert headers["Retry-After"]
        assert 'href="tel:101"' in text
        check_notice(portal, unasked)
    finally:
        signal_all(processes, signal.SIGCONT)
    portal.wait_until(lambda: portal.get(unasked)[0] == 200, RECOVERY)
    assert portal.get("/api/v1/health")[0] == 200


def check_notice(portal, unasked):
    """An urgent notice reaches the pages of every worker, copies and errors, within two seconds."""
    kept, missing = ("/", "/fr/contact"), (unasked, "/de/bestaat-niet")
    for words, is_shown in ((("notice", "Rook <in> de haven"), True), (("notice", "--end"), False)):
        portal.manage(*words)
        time.sleep(2)
        for path in (*kept, *missing) * 8:
            status, _headers, text = portal.get(path)
            assert (status, "Rook &lt;in&gt; de haven" in text) == (200 if path in kept else 503, is_shown), (
                path
            )


def test_connections_that_are_killed_are_made_anew(portal):
    signal_all(server_of(portal.url)[1:], signal.SIGKILL)
    assert portal.measure(3)[0] == {200}
    portal.wait_until(lambda: portal.get("/api/v1/health")[0] == 200, RECOVERY)


def test_the_site_starts_without_its_database(portal, tmp_path):
    """From the copies on disk; as a machine does whose database comes up later."""
    other = Portal("postgres://postgres@127.0.0.1:1/postgres", portal.folder)
    other.start()
    try:
        for path in PAGES:
            status, headers, _text = other.get(path)
            assert (status, "Age" in headers) == (200, True), path
        assert '<p class="copy-note">' in other.get("/contact")[2]
    finally:
        other.stop()
