"""A damaged, locked or missing database of SQLite, a full disk and one that is read-only; `make drill` asks."""

import os
import sqlite3
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import closing, contextmanager

import pytest
from django.conf import settings

from tests.portal import serving

pytestmark = pytest.mark.drill
PAGES = ("/", "/contact", "/fr/contact", "/organogram", "/projecten", "/robots.txt", "/api/v1/units")
LONGEST = 4.0


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """A database with the content of the plan."""
    folder = tmp_path_factory.mktemp("filled")
    with serving(settings.BASE_DIR, folder / "log", DATABASE_URL=f"sqlite:///{folder / 'db.sqlite3'}"):
        pass
    return folder / "db.sqlite3"


@contextmanager
def small_disk(folder):
    """A disk of its own, of which the size is known."""
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=60m", "tmpfs", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.fixture
def site(filled, tmp_path, request):
    """The address of the site, whose pages were all asked once, and its database: on the same disk, or `elsewhere`."""
    if os.geteuid():
        pytest.skip("only root can make a disk")
    with small_disk(tmp_path / "disk") as disk:
        place = (tmp_path if request.node.get_closest_marker("elsewhere") else disk) / "db.sqlite3"
        with closing(sqlite3.connect(filled)) as source, closing(sqlite3.connect(place)) as copy:
            source.backup(copy)
        own = {"DATABASE_URL": f"sqlite:///{place}", "VAR_DIR": str(disk / "var"), "PAGES_FOLDER": ""}
        with serving(settings.BASE_DIR, tmp_path / "log", **own) as url:
            for path in PAGES:
                assert ask(url + path)[0] == 200
            yield url, place


def ask(url):
    begun = time.monotonic()
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:
            answer.read()
            return answer.status, time.monotonic() - begun
    except urllib.error.HTTPError as error:
        return error.code, time.monotonic() - begun


def measure(url, seconds=6):
    """The statuses of all pages, asked again and again, and the longest time of one."""
    found, end = [], time.monotonic() + seconds
    while time.monotonic() < end:
        found += [(path, *ask(url + path)) for path in PAGES]
        time.sleep(0.2)
    wrong = {(path, status) for path, status, _time in found if status != 200}
    longest = max(took for _path, _status, took in found)
    print(
        f"{len(found)} requests, wrong: {wrong}, longest {longest:.2f} s; new page: {ask(url + '/beleid')[0]}"
    )
    return wrong, longest


def require_pages(url):
    wrong, longest = measure(url)
    assert (wrong, longest < LONGEST) == (set(), True)


def test_a_truncated_database_darkens_nothing_that_was_public(site):
    url, place = site
    os.truncate(place, 5_000)
    require_pages(url)


def test_a_deleted_database_darkens_nothing_that_was_public(site):
    url, place = site
    for path in place.parent.glob("db.sqlite3*"):
        path.unlink()
    require_pages(url)


def test_a_locked_database_darkens_nothing_that_was_public(site):
    url, place = site
    with closing(sqlite3.connect(place, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        require_pages(url)


def test_a_full_disk_darkens_nothing(site):
    url, place = site
    with (place.parent / "filler").open("wb") as filler:
        try:
            while True:
                filler.write(b"x" * 65_536)
                filler.flush()
        except OSError:
            pass
    require_pages(url)
    assert ask(f"{url}/beleid")[0] == 200  # reading needs no room


@pytest.mark.elsewhere
def test_a_read_only_disk_darkens_nothing(site, tmp_path):
    """As that of the site may become while the database is on another machine."""
    url, _place = site
    subprocess.run(["mount", "-o", "remount,ro", tmp_path / "disk"], check=True)
    require_pages(url)
    assert ask(f"{url}/beleid")[0] == 200
