"""What watches over the processes: it asks no database and is never kept."""

import pytest

from pzgent.kernel.validity import Reading, gathered
from pzgent.operations.probes import Probes
from pzgent.page_cache import PageCache
from pzgent.page_cache.copies import Copies
from pzgent.page_cache.crawl import environ_of
from pzgent.page_cache.notices import Notices
from pzgent.page_cache.store import Entry
from pzgent.page_cache.watch import Watch


def no_framework(_environ, _start_response):
    raise AssertionError("the framework was asked")


class Asked:
    """The probes in front of a framework that must not be asked, while the state of the data is what `read` says."""

    def __init__(self, folder, read=lambda: Reading("1")):
        self.watch = Watch(read)
        notices = Notices(folder / "notices", list)
        self.probes = Probes(PageCache(no_framework, self.watch, Copies(folder), notices, gathered))

    def get(self, path, method="GET"):
        started = []
        environ = {**environ_of(path), "REQUEST_METHOD": method}
        parts = self.probes(environ, lambda status, headers: started.extend((status, dict(headers))))
        return int(started[0][:3]), started[1], b"".join(parts).decode()


def away():
    raise OSError("the database is away")


@pytest.fixture
def asked(tmp_path):
    made = []

    def make(**options):
        made.append(Asked(tmp_path / "pages", **options))
        return made[-1]

    yield make
    for one in made:
        one.watch.stop()


def test_a_process_that_answers_is_alive_without_looking_further(asked):
    status, headers, text = asked(read=away).get("/livez")
    assert (status, text, headers["Cache-Control"]) == (200, "alive\n", "no-store")


def test_a_site_with_its_database_is_ready(asked):
    assert asked().get("/readyz")[::2] == (200, "the database answers\n")


def test_a_site_with_copies_is_ready_without_its_database(asked):
    site = asked(read=away)
    status, headers, text = site.get("/readyz")
    assert (status, headers["Retry-After"]) == (503, "30")
    assert "no copies" in text
    site.probes.cache.copies.put(("/", ()), Entry("", 0, 0, [], b"kept"))
    assert site.get("/readyz")[0] == 200


def test_it_is_ready_again_once_the_database_answers(asked):
    site = asked(read=away)
    assert site.get("/readyz")[0] == 503
    site.watch.read = lambda: Reading("1")
    site.watch.look()
    assert site.get("/readyz")[0] == 200


@pytest.mark.parametrize("path", ["/livez", "/readyz"])
def test_probes_are_only_read(asked, path):
    status, headers, _text = asked().get(path, "POST")
    assert (status, headers["Allow"]) == (405, "GET, HEAD")
    assert asked().get(path, "HEAD")[::2] == (200, "")


def test_other_addresses_are_for_the_page_cache(asked):
    with pytest.raises(AssertionError, match="the framework was asked"):
        asked().get("/livez/more")
