"""What enters the portal: nothing that a client sends changes what others read, and every refusal helps."""

import datetime
import gzip
import io
import itertools
import json
import os
import re
import socket
import subprocess
import sys
import time
from contextlib import suppress
from http.client import HTTPResponse

import brotli
import pytest
from django.conf import settings as portal_settings
from django.core.cache import cache
from django.test import RequestFactory
from django.utils import timezone
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from organisation.models import Term
from pzgent.kernel.door import Door, drop_forwarded, is_from_proxy, pin_encoding, warn_of_claims
from pzgent.wsgi import framework
from tests.make import make_organogram, make_placement, make_project, make_term
from tests.pages import without_trace
from tests.portal import end

# Without the kept pages, which have tests of their own.
application = Door(framework)
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("one_connection")]
QUESTION = "q=dienst%20financi%C3%ABn"
CHARSETS = [
    "latin-1", "rot13", "base64", "punycode", "utf-16", "utf-7", "idna", "hex", "unicode_escape", "undefined", "zlib",
    "nope", "", "\x00", "x" * 5_000, '"utf-16"', "utf-8",
]  # fmt: skip
KINDS = [
    "",
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/json",
]
TYPES = [
    *(f"{kind}; charset={charset}" for kind in KINDS for charset in CHARSETS),
    *(f"text/plain; charset*={charset}'en'latin-1" for charset in CHARSETS),
    "text/plain; charset*0=lat; charset*1=in-1", "; charset=latin-1", ";;;=", "a;b*=c", "text/plain; =latin-1",
]  # fmt: skip
ADDRESSES = [
    ("/api/v1/units", QUESTION),
    ("/api/v1/search", QUESTION),
    ("/api/v1/terms", ""),
    ("/api/v1/terms", "lang=fr"),
    ("/api/v1/terms", "pageSize=1&page=1"),
    ("/api/v1/terms", "page=1&pageSize=1"),
    ("/api/v1/terms/hcp", "select=slug"),
    ("/api/v1/terms/hcp", "select=slug&select=term"),
    ("/api/v1/exports/terms.csv", "headers=nl"),
    ("/zoeken", QUESTION),
    ("/projecten", "q=caf%C3%A9"),
    ("/fr/projecten", "q=caf\xc3\xa9"),
]
HEADERS = {
    "CONTENT_TYPE": TYPES,
    "HTTP_ACCEPT": [
        "*/*", "application/json", "application/ld+json", "text/html;q=0", "a/b; x*=nope'en'x",
        "application/ld+json;q=x", ",",
    ],
    "HTTP_ACCEPT_LANGUAGE": ["fr", "de;q=0.5,en", "*", "x" * 3_000, "en;q=9,,;", "fr,de"],
    "HTTP_ACCEPT_ENCODING": ["gzip", "br;q=0", "identity", "gzip;q=nan"],
    "HTTP_HOST": ["localhost", "LOCALHOST:81", "evil.example", "", "a b", "testserver,localhost", "[::1"],
    "HTTP_COOKIE": ["django_language=fr", 'sessionid="\\000aaaaaaaaa"', "lang=\xff", "csrftoken=x; sessionid=y"],
    "HTTP_X_FORWARDED_FOR": ["1.2.3.4:5", "[::1]:80", "x", ",", '"'],
    "HTTP_X_FORWARDED_HOST": ["evil.example"],
    "HTTP_X_FORWARDED_PROTO": ["https", "x"],
    "HTTP_X_FORWARDED_PORT": ["99", "x"],
    "HTTP_X_FORWARDED_PREFIX": ["/evil"],
    "HTTP_X_HTTP_METHOD_OVERRIDE": ["POST", "DELETE"],
    "HTTP_X_REQUESTED_WITH": ["XMLHttpRequest"],
    "HTTP_X_ORIGINAL_URL": ["/admin/"],
    "HTTP_X_REWRITE_URL": ["/admin/"],
    "HTTP_SCRIPT_NAME": ["/evil"],
    "HTTP_CONTENT_TYPE": ["text/plain; charset=latin-1"],
    "HTTP_ORIGIN": ["null", "https://evil.example"],
    "HTTP_REFERER": ["https://evil.example/"],
    "HTTP_RANGE": ["bytes=0-1"],
    "HTTP_IF_MODIFIED_SINCE": ["x", "Mon, 01 Jan 99999 00:00:00 GMT"],
    "HTTP_IF_NONE_MATCH": ["x", '"', "W/"],
    "HTTP_FORWARDED": ["for=1.2.3.4;host=evil.example;proto=https"],
    "CONTENT_LENGTH": ["", "0", "5", "-5", "x", "+5", "1_0", "٥", "9" * 5_000],
    "HTTP_TRANSFER_ENCODING": ["chunked", "gzip"],
    "REQUEST_METHOD": ["GET", "HEAD", "OPTIONS", "POST", "get", "FOO"],
}  # fmt: skip
sent = st.fixed_dictionaries({}, optional={name: st.sampled_from(values) for name, values in HEADERS.items()})
# Caches keep what was asked by its host and method, and compare states themselves.
NOT_SHARED = (
    "HTTP_HOST",
    "HTTP_IF_",
    "HTTP_RANGE",
    "REQUEST_METHOD",
    "CONTENT_LENGTH",
    "HTTP_TRANSFER_ENCODING",
)
slowly = settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None
)
USUAL = (
    "Content-Security-Policy", "X-Content-Type-Options", "X-Frame-Options", "Referrer-Policy", "Permissions-Policy",
)  # fmt: skip


UNPACKED = {"": bytes, "gzip": gzip.decompress, "br": brotli.decompress}


class Answer:
    """An answer as the server gets it from the application."""

    def __init__(self, environ, entered=application):
        self.headers = {}
        self.content = b"".join(self._parts(environ, entered))

    def _parts(self, environ, entered):
        body = entered(environ, self._start)
        yield from body
        if hasattr(body, "close"):
            body.close()

    def _start(self, status, headers):
        self.status = int(status.split()[0])
        self.headers = dict(headers)

    @property
    def is_packed(self):
        return "Content-Encoding" in self.headers

    @property
    def text(self):
        return UNPACKED[self.headers.get("Content-Encoding", "")](self.content).decode(
            errors="backslashreplace"
        )

    @property
    def whole(self):
        """The status, headers and text; content is packed anew each time, with random bytes in it.

        Whether that makes a short problem shorter is chance.
        """
        apart = ("RateLimit", "BelGov-Trace-Id", *(["Content-Length"] if self.is_packed else []))
        apart += ("Content-Encoding", "Content-Length") if self.status >= 400 else ()
        kept = {name: value for name, value in self.headers.items() if not name.startswith(apart)}
        return self.status, kept, without_trace(self.text)


def environ_of(path="/", query="", body=b"", **sent):
    known = {"PATH_INFO": path, "QUERY_STRING": query, "wsgi.input": Unreadable(body), "CONTENT_TYPE": ""}
    return {**RequestFactory()._base_environ(), **known, **sent}


def enter(path="/", query="", body=b"", **sent):
    return Answer(environ_of(path, query, body, **sent))


class Unreadable(io.BytesIO):
    """A body of which nothing may be read."""

    def read(self, *size):
        raise AssertionError("the body was read")

    readline = read


def check_refusal(answer, path, status):
    """A refusal has the headers of every answer, and the numbers to call or what is wrong."""
    assert answer.status == status
    for name in USUAL:
        assert answer.headers.get(name), name
    if path.startswith("/api/"):
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert answer.headers["API-Version"]
        assert f'"status":{status}' in answer.text
    else:
        assert 'href="tel:101"' in answer.text
        assert "<h1>" in answer.text


@pytest.fixture
def content(settings):
    """Something that each of the addresses finds, however often."""
    settings.API_REQUESTS_PER_MINUTE = 0
    make_placement(make_organogram(), name="Dienst Financiën")
    make_term(slug="hcp"), make_term(slug="other")
    # An answer tells when its object was edited once that is settled.
    Term.objects.update(modified=timezone.now() - datetime.timedelta(days=1))
    make_project(title="Café")


# --- Kept answers ------------------------------------------------------------------------------------


@pytest.mark.browser
@pytest.mark.parametrize("kind", ["text/plain; charset=latin-1", "a/b; charset=utf-16", "x; charset=rot13"])
def test_a_charset_changes_no_answer_for_anybody(content, kind):
    first = enter("/api/v1/units", QUESTION, CONTENT_TYPE=kind)
    assert '"total":1,' in first.text
    assert enter("/api/v1/units", QUESTION).whole == first.whole


def test_what_calls_the_framework_without_the_door_changes_no_answer_either(client, content):
    first = client.get(f"/api/v1/units?{QUESTION}", CONTENT_TYPE="text/plain; charset=latin-1")
    assert first.json()["total"] == client.get(f"/api/v1/units?{QUESTION}").json()["total"] == 1


def test_a_question_spelled_in_another_way_is_the_same_question(content):
    for spelled in ("q=dienst+financi%c3%abn", "%71=dienst%20financi\xc3\xabn", f"&{QUESTION}&&"):
        assert '"total":1,' in enter("/api/v1/units", spelled).text


@slowly
@given(st.lists(st.tuples(st.sampled_from(ADDRESSES), sent), min_size=2, max_size=4))
def test_a_kept_answer_is_the_one_that_would_be_made_anew(content, asked):
    warm = [enter(*address, **headers).whole for address, headers in asked]
    for (address, headers), answer in zip(asked, warm, strict=True):
        cache.clear()
        assert enter(*address, **headers).whole == answer


@slowly
@given(st.sampled_from(ADDRESSES), sent)
def test_a_header_that_changes_an_answer_is_named_in_vary(content, address, headers):
    """Else a cache in between would give one client what another one asked for."""
    asked = {name: value for name, value in headers.items() if not name.startswith(NOT_SHARED)}
    answer = enter(*address, **asked)
    if answer.status == 200:
        named = {_environ_name(name) for name in answer.headers.get("Vary", "").split(",")}
        assert enter(*address, **{name: asked[name] for name in named & asked.keys()}).whole == answer.whole


def _environ_name(header):
    return f"HTTP_{header.strip().upper().replace('-', '_')}"


@slowly
@given(st.one_of(st.sampled_from(TYPES), st.text(st.characters(max_codepoint=255), max_size=80)))
@example("text/plain; charset=latin-1")
def test_no_content_type_changes_how_a_request_is_read(kind):
    environ = {"CONTENT_TYPE": kind}
    pin_encoding(environ)
    assert "charset" not in RequestFactory().get("/", **environ).content_params
    assert re.fullmatch(r'[^;]*(; boundary="[^"]*")?', environ.get("CONTENT_TYPE", ""), re.DOTALL)


def test_the_boundary_of_a_form_stays():
    environ = {"CONTENT_TYPE": 'Multipart/Form-Data; charset=latin-1; boundary="a b+c"'}
    pin_encoding(environ)
    assert environ["CONTENT_TYPE"] == 'multipart/form-data; boundary="a b+c"'


# --- Refusals ----------------------------------------------------------------------------------------


TOO_MANY = ["a&" * 1_000, "&".join(["q=x"] * 1_001), "&" * 1_500 + "lang=fr", "lang=fr&" + "a=b&" * 999 + "x"]


@pytest.mark.parametrize(
    "path", ["/api/v1/terms", "/api/v1/health", "/api/nope", "/", "/zoeken", "/fr/contact", "/admin/"]
)
def test_more_parameters_than_are_counted_are_a_bad_request(path):
    for query, kind in itertools.product(TOO_MANY, ["", "text/plain; charset=utf-16"]):
        check_refusal(enter(path, query, CONTENT_TYPE=kind), path, 400)


def test_as_many_parameters_as_are_counted_are_read():
    assert enter("/zoeken", "a&" * 999).status == 200


BODIES = [{"CONTENT_LENGTH": "5"}, {"CONTENT_LENGTH": "200000000"}, {"HTTP_TRANSFER_ENCODING": "chunked"}]


@pytest.mark.parametrize(
    "path", ["/", "/zoeken", "/api/v1/terms", "/api/v1/docs", "/api/v1/health", "/media/x", "/nope"]
)
def test_a_question_with_a_body_is_refused_unread(path):
    for sent in BODIES:
        check_refusal(enter(path, body=b"x" * 5, **sent), path, 413)


@pytest.mark.parametrize("path", ["/", "/zoeken", "/api/v1/terms", "/api/v1/docs", "/nope", "/oembed"])
def test_what_can_only_be_read_says_so_unread(path):
    kind = "multipart/form-data; boundary=x"
    for method, sent in itertools.product(["POST", "PUT", "DELETE", "FOO"], [{}, *BODIES]):
        answer = enter(path, body=b"x" * 5, REQUEST_METHOD=method, CONTENT_TYPE=kind, **sent)
        check_refusal(answer, path, 405)
        assert answer.headers["Allow"].startswith("GET, HEAD")


@pytest.mark.parametrize("path", ["/", "/api/v1/terms", "/admin/login/"])
def test_a_length_that_is_none_is_a_bad_request(path):
    for length in ("-5", "x", "+5", "1_0", " 5", "٥", "9" * 5_000, "5,5"):
        check_refusal(enter(path, REQUEST_METHOD="POST", CONTENT_LENGTH=length), path, 400)


def test_the_admin_takes_files_up_to_its_bound():
    sent = {"REQUEST_METHOD": "POST", "CONTENT_TYPE": "application/octet-stream"}
    assert enter("/admin/login/", CONTENT_LENGTH=str(25 * 1024 * 1024), **sent).status == 403
    check_refusal(enter("/admin/login/", CONTENT_LENGTH=str(51 * 1024 * 1024), **sent), "/admin/", 413)
    check_refusal(enter("/admin/login/", HTTP_TRANSFER_ENCODING="chunked", **sent), "/admin/", 411)


def test_a_document_of_25_megabytes_reaches_its_form(admin_client):
    file = io.BytesIO(b"%PDF-1.7\n" + b"x" * 25 * 1024 * 1024)
    file.name = "plan.pdf"
    answer = admin_client.post("/admin/organisation/document/add/", {"file": file})
    assert answer.status_code == 200


def test_a_form_of_more_text_than_is_kept_in_memory_is_too_large(admin_client):
    answer = admin_client.post("/admin/login/", {"next": "x" * 6 * 1024 * 1024})
    assert answer.status_code == 413


def test_too_many_fields_in_a_form_are_a_bad_request(admin_client):
    answer = admin_client.post("/admin/login/", {f"a{number}": "x" for number in range(1_001)})
    assert answer.status_code == 400
    assert b'href="tel:101"' in answer.content


def test_a_control_character_in_a_cookie_never_reaches_the_database():
    check_refusal(enter("/admin/", HTTP_COOKIE='sessionid="\\000aaaaaaaaa"'), "/admin/", 400)


@pytest.mark.parametrize(
    "cookie", ["csrftoken=x", 'sessionid="\\000aaaaaaaaa"; other=\xff', "django_language=fr"]
)
@pytest.mark.parametrize("path", ["/contact", "/api/v1/terms"])
def test_no_cookie_changes_a_public_answer(content, path, cookie):
    answer = enter(path, HTTP_COOKIE=cookie)
    assert answer.whole == enter(path).whole
    assert "Set-Cookie" not in answer.headers
    assert "Cookie" not in answer.headers["Vary"]


@pytest.mark.parametrize("path", ["/zoeken", "/api/v1/terms", "/admin/"])
def test_a_host_that_is_not_ours_is_refused_with_all_headers(path):
    check_refusal(enter(path, HTTP_HOST="evil.example"), path, 400)


@pytest.mark.parametrize("path", ["/zoeken", "/api/v1/terms"])
def test_a_request_that_cannot_be_read_at_all_is_answered_in_full(path, caplog):
    def fails_once(environ, start_response):
        if environ["PATH_INFO"] == path:
            raise LookupError
        return application(environ, start_response)

    check_refusal(Answer(environ_of(path), Door(fails_once)), path, 500)
    check_refusal(enter(f"{path}\u2192"), path, 500)
    assert "cannot be read" in caplog.text


@slowly
@given(st.sampled_from([*ADDRESSES, ("/admin/", ""), ("/admin/login/", "next=x"), ("*", "")]), sent)
def test_no_header_makes_the_portal_fail(content, address, headers):
    answer = enter(*address, **headers)
    assert answer.status < 500
    for name in USUAL:
        assert answer.headers.get(name), name
    if answer.status >= 400:
        check_refusal(answer, address[0], answer.status)


WORDS = [
    "a+" * 1_500,
    "politie+" * 187,
    "a%20b%20" * 400,
    "%25+" * 900,
    '"a"+OR+' * 400,
    "x" * 3_900,
    "%C4%B0+" * 500,
]


@pytest.mark.parametrize(
    "path",
    [
        "/zoeken?q=", "/fr/zoeken?q=", "/zoeken?soort=unit&q=", "/projecten?q=", "/projecten?unit=", "/contact?q=",
        "/organogram?filter=", "/organogram?top=", "/organogram?open=", "/commissariaten?postcode=",
        "/formatie?versie=", "/formatie?met=", "/over?pagina=", "/oembed?url=", "/api/v1/search?q=", "/api/v1/units?q=",
        "/api/v1/projects?q=", "/api/v1/channels?q=", "/api/v1/units?select=", "/api/v1/units?parent=",
    ],
)  # fmt: skip
def test_any_number_of_words_is_answered(client, content, path):
    address, name = path.rsplit("&", 1)[-1].rsplit("?", 1)[-1], path.split("?")[0]
    for words in (*WORDS, f"a&{address}" * 200):
        answer = client.get(f"{path}{words}")
        assert answer.status_code in (200, 400, 404), (name, words[:20])
        assert answer.headers["Content-Type"] == "application/problem+json" or answer.content


# --- The real server ---------------------------------------------------------------------------------


def say(portal, request, wait=20):
    """The status, headers and content that the server answers to these bytes."""
    host, port = portal.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=wait) as line:
        line.sendall(request.replace("\n", "\r\n").replace("HOST", f"{host}:{port}").encode("latin-1"))
        answer = HTTPResponse(line)
        answer.begin()
        return answer.status, dict(answer.getheaders()), answer.read().decode()


@pytest.mark.browser
@pytest.mark.parametrize("kind", ["text/plain; charset=latin-1", "x; charset=rot13", "x; charset*=nope'en'x"])
def test_the_server_gives_everybody_the_same(portal, kind):
    address = f"/api/v1/units?{QUESTION}&pageSize={len(kind)}"
    status, _headers, content = say(portal, f"GET {address} HTTP/1.1\nHost: HOST\nContent-Type: {kind}\n\n")
    assert (status, '"total":0,' in content) == (200, False)
    assert say(portal, f"GET {address} HTTP/1.1\nHost: HOST\n\n")[2] == content


@pytest.mark.browser
@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ("GET /api/v1/terms", 413),
        ("GET /api/v1/health", 413),
        ("GET /contact", 413),
        ("POST /api/v1/terms", 405),
        ("POST /contact", 405),
        ("PUT /media/x", 405),
        ("POST /admin/login/", 413),
    ],
)
@pytest.mark.parametrize("sent", ["Content-Length: 200000000", "Transfer-Encoding: chunked"])
def test_the_server_refuses_a_body_before_it_comes(portal, asked, status, sent):
    kind = "Content-Type: multipart/form-data; boundary=x"
    answer = say(portal, f"{asked} HTTP/1.1\nHost: HOST\n{kind}\n{sent}\n\n")
    is_unmeasured = "admin" in asked and "chunked" in sent
    assert answer[0] == (411 if is_unmeasured else status)
    assert "tel:101" in answer[2] or f'"status":{status}' in answer[2]


@pytest.mark.browser
@pytest.mark.parametrize("path", ["/api/v1/terms", "/api/v1/health", "/contact"])
def test_the_server_refuses_more_parameters_than_are_counted(portal, path):
    status, headers, content = say(portal, f"GET {path}?{'a&' * 1_001} HTTP/1.1\nHost: HOST\n\n")
    assert status == 400
    assert headers["content-security-policy"]
    assert "tel:101" in content or headers["access-control-allow-origin"] == "*"


@pytest.fixture(scope="module")
def echo():
    """The address of the production server that answers how it sees its client, behind one proxy on this machine."""
    environment = {"BASE_URL": "https://www.example.be", "PROXIES": "1"}
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = ["--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port), "--no-ws"]
    with subprocess.Popen(
        [sys.executable, "-m", "granian", *options, "tests.echo:application"],
        cwd=portal_settings.BASE_DIR,
        env={**os.environ, **environment, "SECRET_KEY": portal_settings.SECRET_KEY},
        start_new_session=True,
    ) as program:
        try:
            for _attempt in range(1200):
                with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                    break
                time.sleep(0.05)
            yield port
        finally:
            end(program)


@pytest.mark.once
@pytest.mark.parametrize(
    ("peer", "claims", "seen"),
    [
        ("127.0.0.1", ["X-Forwarded-For: 9.9.9.9", "X-Forwarded-Proto: https"], ["9.9.9.9", "https"]),
        ("127.0.0.2", ["X-Forwarded-For: 9.9.9.9", "X-Forwarded-Proto: https"], ["127.0.0.2", "http"]),
        ("127.0.0.2", ["X_Forwarded_For: 9.9.9.9", "X_Forwarded_Proto: https"], ["127.0.0.2", "http"]),
        ("127.0.0.2", ["x-Forwarded_foR: 9.9.9.9"], ["127.0.0.2", "http"]),
    ],
)
def test_the_server_believes_nobody_but_our_proxies(echo, peer, claims, seen):
    with socket.create_connection(("127.0.0.1", echo), timeout=20, source_address=(peer, 0)) as line:
        line.sendall("\r\n".join(["GET / HTTP/1.1", "Host: x", *claims, "", ""]).encode())
        answer = HTTPResponse(line)
        answer.begin()
        assert json.loads(answer.read()) == seen


@pytest.mark.parametrize(
    ("address", "is_ours"),
    [
        ("", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("::ffff:9.9.9.9", False),
        ("10.0.0.1", False),
        ("x", False),
    ],
)
def test_a_proxy_is_known_by_its_address(address, is_ours):
    assert is_from_proxy(address) is is_ours


def test_an_operator_is_told_once_of_a_proxy_that_is_not_named(caplog, monkeypatch):
    monkeypatch.setattr(portal_settings, "PROXIES", 1)
    monkeypatch.setattr(portal_settings, "CLIENT_HEADER", "Clientaddress")
    warn_of_claims.cache_clear()
    for _request in range(2):
        environ = {"HTTP_CLIENTADDRESS": "9.9.9.9", "HTTP_X_FORWARDED_HOST": "evil.example", "HTTP_HOST": "x"}
        drop_forwarded(environ)
        assert environ == {"HTTP_HOST": "x"}
    assert caplog.text.count("PROXY_ADDRESSES") == 1
    assert "9.9.9.9" not in caplog.text
