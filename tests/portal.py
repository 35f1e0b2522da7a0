"""Portal as served to the public: the real server, a separate database, compressed static files."""

import fcntl
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import closing, contextmanager

from django.conf import settings

# On a machine busy with other tests, startup takes minutes instead of seconds.
LONGEST_START = 400


@contextmanager
def running_portal(folder):
    """Yield the address of a server with the content of the plan; stop it afterwards.

    Parallel test processes share the folder: what one prepares there, all use.
    """
    database = folder / "portal.sqlite3"
    with (folder / "portal.lock").open("w") as lock:
        # The static files are collected in one place: one process at a time.
        fcntl.flock(lock, fcntl.LOCK_EX)
        with serving(settings.BASE_DIR, folder / "portal.log", DATABASE_URL=f"sqlite:///{database}") as url:
            _declare_official(database)
            _wait_until_shown(url)
            fcntl.flock(lock, fcntl.LOCK_UN)
            yield url


@contextmanager
def serving(root, log, **environment):
    """Yield the address of the server started from the code in a folder; stop it afterwards."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    own = {
        "PORT": str(port), "WORKERS": "1", "SECRET_KEY": settings.SECRET_KEY, "BASE_URL": "", "DEBUG": "",
        "PAGES_FOLDER": str(log.parent / f"pages-{port}"), "COPIES_AHEAD": "0",
        "NOTICES_FOLDER": str(log.parent / f"notices-{port}"),
    }  # fmt: skip
    with log.open("a") as output:
        server = subprocess.Popen(
            [sys.executable, "deploy/serve.py"],
            cwd=root,
            env={**os.environ, **own, **environment},
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        try:
            _wait_for(f"http://127.0.0.1:{port}/", server, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            end(server)


def end(server):
    """Stop the server with its workers, even if it is not listening yet."""
    server.terminate()
    try:
        server.wait(timeout=30)
    except subprocess.TimeoutExpired:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def _declare_official(path):
    """Fill in the zone's checklist: search engines are kept away from a site that is not official."""
    with closing(sqlite3.connect(path, timeout=30)) as database, database:
        database.execute(
            "UPDATE pzgent_zone SET publisher = name, controller = name, dpo = 'DPO', licence = 'CC0-1.0',"
            " facts_confirmed_on = '2026-11-01', declared_at = '2026-11-01 08:00:00', declared_by = 'test'"
        )


def _wait_until_shown(url):
    """Wait until the home page is no longer that of a trial version."""
    ends = time.monotonic() + 30
    while time.monotonic() < ends:
        with urllib.request.urlopen(url, timeout=30) as answer:
            if b'class="trial' not in answer.read():
                return
        time.sleep(0.1)
    raise AssertionError("The home page still calls itself a trial version.")


def _wait_for(url, server, log):
    """Wait until the server responds; raises AssertionError if it never does."""
    last = time.monotonic() + LONGEST_START
    while time.monotonic() < last and server.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=10):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise AssertionError(f"the server did not start: {log.read_text()}")
