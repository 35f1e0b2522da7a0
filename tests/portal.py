"""The portal as the public gets it: the real server, a database of its own, static files compressed."""

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

# A machine busy with other tests takes minutes for what else takes seconds.
LONGEST_START = 400


@contextmanager
def running_portal(folder):
    """The address of a server with the content of the plan, gone afterwards.

    Processes that test side by side share the folder: what is prepared there once, all use.
    """
    database = folder / "portal.sqlite3"
    with (folder / "portal.lock").open("w") as lock:
        # The static files are collected in one place: one at a time.
        fcntl.flock(lock, fcntl.LOCK_EX)
        with serving(settings.BASE_DIR, folder / "portal.log", DATABASE_URL=f"sqlite:///{database}") as url:
            _declare_official(database)
            fcntl.flock(lock, fcntl.LOCK_UN)
            yield url


@contextmanager
def serving(root, log, **environment):
    """The address of the server that the code in a folder starts, gone afterwards."""
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
    """End the server with its workers, also when it was asked too early to listen."""
    server.terminate()
    try:
        server.wait(timeout=30)
    except subprocess.TimeoutExpired:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def _declare_official(path):
    """Fill in the check list of the zone: search engines are kept out of a site that is no official one."""
    with closing(sqlite3.connect(path, timeout=30)) as database, database:
        database.execute(
            "UPDATE pzgent_zone SET publisher = name, controller = name, dpo = 'DPO', licence = 'CC0-1.0',"
            " facts_confirmed_on = '2026-11-01', declared_at = '2026-11-01 08:00:00', declared_by = 'test'"
        )


def _wait_for(url, server, log):
    """Come back once the server answers; raises AssertionError when it never does."""
    last = time.monotonic() + LONGEST_START
    while time.monotonic() < last and server.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=10):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise AssertionError(f"the server did not start: {log.read_text()}")
