"""Processes replaced, ended and killed while visitors ask, behind a real nginx; `make drill` asks."""

import os
import shutil
import signal
import time

import pytest
from django.conf import settings

from tests import front
from tests.drills.load import Load
from tests.processes import scratch_database

pytestmark = pytest.mark.drill
LONGEST = 10.0  # seconds for any request, on a machine that does other things too


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The site and the port of nginx in front of it."""
    folder = tmp_path_factory.mktemp("reload")
    with scratch_database(folder) as url:
        running = front.Portal(folder, DATABASE_URL=url)
        try:
            running.start()
            with front.nginx(running) as port:
                front.wait_until_ready(port, running)
                yield running, port
        finally:
            running.close()


def test_a_reload_drops_no_request(site):
    running, port = site
    before = running.workers()
    with Load(port) as load:
        running.process.send_signal(signal.SIGHUP)
        last = time.monotonic() + 60
        while set(before) & set(running.workers()) and time.monotonic() < last:
            time.sleep(0.2)
    print("reload:", load.told())
    assert (set(load.statuses), load.errors) == ({200}, [])
    assert load.longest < LONGEST
    assert not set(before) & set(running.workers())


def test_an_end_and_a_new_start_drop_no_request(site):
    """SIGTERM: what was begun is answered; what comes later waits on the socket for the new processes."""
    running, port = site
    with Load(port) as load:
        begun = time.monotonic()
        running.stop()
        stopped = time.monotonic() - begun
        running.start()
        front.wait_until_ready(port, running)
    print(f"restart: {load.told()}, stopped in {stopped:.1f} s")
    assert (set(load.statuses), load.errors) == ({200}, [])


def test_a_killed_worker_costs_only_the_requests_it_held(site):
    running, port = site
    with Load(port) as load:
        victim = running.workers()[0]
        os.kill(victim, signal.SIGKILL)
        last = time.monotonic() + 30
        while len(running.workers()) < 2 and time.monotonic() < last:
            time.sleep(0.2)
    print("killed:", load.told())
    assert len(running.workers()) == 2
    failed = sum(count for status, count in load.statuses.items() if status != 200) + len(load.errors)
    assert failed <= 4  # one for each thread of a worker
    assert set(load.statuses) <= {200, 503}


def test_a_reload_takes_the_code_that_the_link_leads_to(tmp_path):
    """An upgrade: `current` leads to another folder, and no process is ended before the new one answers."""
    for name in ("one", "two"):
        skipped = shutil.ignore_patterns(
            "var", ".venv", ".git", "node_modules", "tests", "__pycache__", ".*_cache"
        )
        shutil.copytree(settings.BASE_DIR, tmp_path / name, ignore=skipped)
        views = tmp_path / name / "pzgent" / "pages" / "views.py"
        views.write_text(views.read_text().replace("User-agent: *", f"# {name}\\nUser-agent: *"))
    (tmp_path / "current").symlink_to("one")
    with scratch_database(tmp_path) as url:
        running = front.Portal(tmp_path, code=tmp_path / "current", DATABASE_URL=url, WORKERS="1")
        try:
            running.start()
            with front.nginx(running) as port:
                front.wait_until_ready(port, running)
                assert front.get(port, "/robots.txt")[2].startswith("# one")
                (tmp_path / "next").symlink_to("two")
                (tmp_path / "next").rename(tmp_path / "current")
                with Load(port) as load:
                    running.process.send_signal(signal.SIGHUP)
                    last = time.monotonic() + 60
                    while (
                        not front.get(port, "/robots.txt")[2].startswith("# two") and time.monotonic() < last
                    ):
                        time.sleep(0.2)
                    time.sleep(5)
                assert front.get(port, "/robots.txt")[2].startswith("# two")
                print("upgrade:", load.told())
                assert (set(load.statuses), load.errors) == ({200}, [])
        finally:
            running.close()
