"""The site behind the nginx file of `deploy/`: what it withstands, what it says when nothing answers, what it keeps."""

import re
import resource
import shutil
import socket
import sqlite3
import time
from contextlib import closing, contextmanager

import pytest
from django.conf import settings

from tests import front, observatory

pytestmark = [pytest.mark.browser, pytest.mark.once]
IDLE = 2_000
STRANGER, WORD = "127.0.0.77", "buurmanslawaai"
LEAST_SCORE = 135


@pytest.fixture(scope="module")
def site(portal, tmp_path_factory, worker_id):
    """The site, with a copy of the content of the plan, and the port of nginx in front of it."""
    base = tmp_path_factory.getbasetemp()
    filled = (base if worker_id == "master" else base.parent) / "portal.sqlite3"
    folder = tmp_path_factory.mktemp("front")
    with closing(sqlite3.connect(filled)) as source, closing(sqlite3.connect(folder / "db.sqlite3")) as copy:
        source.backup(copy)
    running = front.Portal(folder, DATABASE_URL=f"sqlite:///{folder / 'db.sqlite3'}")
    try:
        (running.var / "static").symlink_to(settings.BASE_DIR / "var" / "static")
        shutil.copy(settings.BASE_DIR / "var" / "static.stamp", running.var)
        running.start()
        with front.nginx(running) as port:
            front.wait_until_ready(port, running)
            yield running, port
    finally:
        running.close()


def test_pages_come_over_https_as_the_site_makes_them(site):
    status, headers, text = front.get(site[1], "/contact")
    assert (status, headers["Server"], headers.get_all("Content-Security-Policy")) == (
        200, "nginx", [headers["Content-Security-Policy"]],
    )  # fmt: skip
    assert "https://www.example.be/contact" in text


def test_static_files_are_given_by_nginx_packed_and_for_ever(site):
    name = re.search('href="(/static/css/site[^"]+)"', front.get(site[1], "/")[2])[1]
    status, headers, _text = front.get(site[1], name, Accept_Encoding="gzip")
    assert (status, headers["Content-Encoding"], headers["Content-Type"]) == (200, "gzip", "text/css")
    assert "immutable" in headers["Cache-Control"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert front.get(site[1], "/static/css/site.000000000000.css")[0] == 404


def test_nginx_says_by_itself_what_the_application_says(site):
    """The policies stand in two files."""
    page = front.get(site[1], "/contact")[1]
    own = front.get(site[1], re.search('href="(/static/css/site[^"]+)"', front.get(site[1], "/")[2])[1])[1]
    for name in (
        "Content-Security-Policy", "Permissions-Policy", "Referrer-Policy", "Strict-Transport-Security",
        "Cross-Origin-Resource-Policy", "X-Content-Type-Options", "X-Frame-Options",
    ):  # fmt: skip
        assert own.get_all(name) == page.get_all(name), name


@contextmanager
def held_open(port, count):
    """Connections by many clients that say nothing, half a greeting, half a request, or half of what they post."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 3 * count), hard))
    held = []
    parts = (
        b"",
        b"GET / HTTP/1.1\r\nHost: www.example.be\r\nX-Slow: a",
        b"POST /zoeken HTTP/1.1\r\nHost: www.example.be\r\nContent-Length: 9000\r\n\r\nq=",
        b"\x16\x03\x01",
    )
    try:
        for number in range(count):
            source = (f"127.0.1.{number % 200 + 1}", 0)
            plain = socket.create_connection(("127.0.0.1", port), timeout=30, source_address=source)
            part = parts[number % 4]
            if part.startswith((b"GET", b"POST")):
                plain = front.UNVERIFIED.wrap_socket(plain, server_hostname=front.NAME)
            if part:
                plain.sendall(part)
            held.append(plain)
        yield held
    finally:
        for one in held:
            one.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_two_thousand_idle_and_half_sent_requests_darken_nothing(site):
    with held_open(site[1], IDLE) as held:
        assert len(held) == IDLE
        for path in ("/", "/contact", "/fr/contact", "/zoeken?q=fiets+kwijt", "/api/v1/units", "/readyz"):
            begun = time.monotonic()
            assert front.get(site[1], path)[0] == 200
            assert time.monotonic() - begun < 4, path


def test_a_client_that_asks_without_end_gets_the_numbers_and_others_get_pages(site):
    connection, statuses = front.Connection(site[1], "127.0.0.99"), set()
    with closing(connection):
        for _time in range(1_500):
            status, headers, text = connection.get("/livez")
            statuses.add(status)
            if status == 429:
                break
    assert statuses == {200, 429}
    assert (headers["Retry-After"], 'href="tel:101"' in text) == ("30", True)
    assert front.get(site[1], "/livez")[0] == 200


def test_forwarded_addresses_of_clients_do_not_reach_the_site(site):
    """A client that claims another address or scheme gets the same page."""
    lie = {"X_Forwarded_For": "1.2.3.4", "X_Forwarded_Proto": "http", "Host": "www.example.be"}
    assert front.get(site[1], "/contact", **lie)[0] == 200


def test_other_names_get_no_answer(site):
    with socket.create_connection(("127.0.0.1", site[1]), timeout=10) as plain, pytest.raises(OSError):  # noqa: PT011, SIM117
        with front.UNVERIFIED.wrap_socket(plain, server_hostname="other.example"):
            pass


@pytest.mark.parametrize(
    ("path", "status"), [("/", 200), ("/eenheden/cops", 200), ("/bestaat-niet", 404), ("/admin/login/", 200)]
)
def test_the_observatory_gives_the_most_there_is_without_the_list_of_browsers(site, path, status):
    answered, headers, text = front.get(site[1], path)
    points, parts = observatory.score(headers, text)
    assert (answered, points >= LEAST_SCORE) == (status, True), parts


def test_an_error_of_the_site_scores_as_well(site):
    with closing(sqlite3.connect(site[0].folder / "db.sqlite3", timeout=20)) as database:
        database.execute("ALTER TABLE projects_project RENAME TO projects_gone")
        try:
            answered, headers, text = front.get(site[1], f"/projecten?q={WORD}")
        finally:
            database.execute("ALTER TABLE projects_gone RENAME TO projects_project")
    points, parts = observatory.score(headers, text)
    assert (answered, points >= LEAST_SCORE) == (500, True), parts


def test_the_api_is_open_to_other_sites_on_purpose(site):
    """It loses the ten points for answers that other sites cannot read, and nothing else."""
    _status, headers, text = front.get(site[1], "/api/v1/units")
    points, _parts = observatory.score(headers, text)
    assert (headers["Access-Control-Allow-Origin"], points) == ("*", 120)


def test_nobody_writes_down_who_asked_for_what(site):
    """The privacy page promises that there is no list of visits; nginx, the server and its errors hold to that."""
    running, port = site
    for path in (f"/zoeken?q={WORD}", f"/contact/huiselijk-geweld?x={WORD}", f"/bestaat-niet-{WORD}"):
        front.get(port, path, STRANGER, User_Agent=f"{WORD}-browser", Referer=f"https://{WORD}.example/")
    written = [path for path in running.folder.rglob("*") if path.is_file() and "db.sqlite3" not in path.name]
    kept = [path for path in written if "pages" not in path.parts and "media" not in path.parts]
    assert len(kept) > 5
    holding = [
        path for path in kept if WORD.encode() in path.read_bytes() or STRANGER.encode() in path.read_bytes()
    ]
    assert holding == []
    assert b"projects_project" in running.log.read_bytes()  # the fault of another test is told all the same


def test_what_the_privacy_page_promises_stands_in_the_file_of_nginx():
    page = (settings.BASE_DIR / "templates/pzgent/privacy.html").read_text()
    assert "The server keeps no list of visits." in page
    told = (settings.BASE_DIR / "deploy/nginx.conf").read_text() + (
        settings.BASE_DIR / "deploy/nginx-locations.conf"
    ).read_text()
    assert re.findall(r"^\s*access_log\s+(\S+);", told, re.MULTILINE) == ["off"]
    assert re.findall(r"^\s*error_log\s+(.+);", told, re.MULTILINE) == ["stderr alert"]


@pytest.fixture
def dark(site, tmp_path):
    """The port of nginx in front of a site of which no process answers."""
    gone = front.Portal(tmp_path)
    gone.close()
    for name in ("static", "emergency"):
        (gone.var / name).symlink_to(site[0].var / name)
    with front.nginx(gone) as port:
        yield port


def test_without_a_process_nginx_shows_the_emergency_numbers(dark):
    for path, language in (("/", "nl"), ("/fr/contact", "fr"), ("/de", "de"), ("/zoeken?q=x", "nl")):
        status, headers, text = front.get(dark, path)
        assert (status, headers["Retry-After"], headers["Cache-Control"]) == (503, "30", "no-store")
        assert f'<html lang="{language}"' in text
        assert 'href="tel:101"' in text
        assert observatory.score(headers, text)[0] >= LEAST_SCORE
    assert front.get(dark, re.search('href="(/static/css/site[^"]+)"', text)[1])[0] == 200


def test_without_a_process_programs_get_a_problem_document(dark):
    status, headers, text = front.get(dark, "/api/v1/units")
    assert (status, headers["Content-Type"]) == (503, "application/problem+json")
    assert "serviceUnavailable" in text


def test_no_number_is_written_in_the_files_of_nginx():
    told = "".join(path.read_text() for path in (settings.BASE_DIR / "deploy").glob("nginx*"))
    assert not re.search(r"tel:|\b101\b|\b112\b", told)
