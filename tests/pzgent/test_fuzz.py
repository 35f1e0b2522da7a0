"""Whatever is sent to a public address, the answer is one of ours: no fault of the server, always with its headers.

Requests are made up from a seed out of everything the addresses understand and much that they do not. `FUZZ` says how
many; `make fuzz` asks 26,000 with a new seed, which a failure names.
"""

import os
import random
import string
from urllib.parse import quote

import pytest

from pzgent.kernel.door import pin_encoding
from pzgent.syndication import pictures
from tests import registry
from tests.pages import body_of
from tests.planted import Base

pytestmark = [pytest.mark.django_db, pytest.mark.no_cover, pytest.mark.once]
REQUESTS = int(os.environ.get("FUZZ", "800"))
SEED = int(os.environ.get("FUZZ_SEED", "20210901"))
METHODS = ["GET"] * 14 + [
    "HEAD",
    "HEAD",
    "OPTIONS",
    "POST",
    "PUT",
    "PATCH",
    "DELETE",
    "TRACE",
    "PROPFIND",
    "get",
]
# What a server may say on purpose; 501 is oEmbed's own answer to another format.
NOT_OFFERED = 501
ALWAYS = (
    "Content-Security-Policy",
    "X-Content-Type-Options",
    "Permissions-Policy",
    "Cross-Origin-Resource-Policy",
)
VALUES = [
    "",
    " ",
    "0",
    "-1",
    "1",
    "50",
    "101",
    "9" * 40,
    "1e9",
    "NaN",
    "null",
    "true",
    "2021-09-01",
    "2026-02-30",
    "0000-00-00",
    "9999-12-31",
    "2026-03-29T02:30",
    "9999-12-31T23:59:59%2B14:00",
    "9000",
    "9031",
    "gent",
    "politie",
    "fiets%20gestolen",
    "%00",
    "a%00b",
    "%0d%0aX-Kwaad:%20ja",
    "%ff%fe",
    "%ed%a0%80",
    "%c0%ae",
    "%e2%80%ae",
    "%EF%BC%91",
    "%F0%9F%9A%93",
    "%",
    "%zz",
    "%25%32%35",
    "..%2f..%2fetc%2fpasswd",
    "%3Cscript%3Ealert(1)%3C/script%3E",
    "%22%3E%3Cimg%20src=x%20onerror=x%3E",
    "%7B%7B7*7%7D%7D",
    "%7B%25%20load%20x%20%25%7D",
    "'%20OR%201=1--",
    "%25_%5C",
    "=1%2B1",
    "javascript:alert(1)",
    "//kwaad.example",
    "http%3A%2F%2Ftestserver%2Forganogram",
    "http%3A%2F%2F[",
    "x" * 150,
    "x" * 3_900,
    "a%20" * 60,
    ",",
    "-",
    "id,-id",
]
NAMES = [
    "x",
    "page[]",
    "__proto__",
    "%00",
    "%ff",
    "q",
    "lang",
    "select",
    "format",
    "_method",
    "",
    "a" * 300,
    "csrfmiddlewaretoken",
]
HEADERS = {
    "Accept": [
        "*/*",
        "application/json",
        "application/ld+json",
        "text/csv",
        "image/*;q=nan",
        ";;;",
        "*" * 3_000,
        "a/b;q=2",
    ],
    "Accept-Encoding": ["gzip", "br", "zstd, identity;q=0", "*;q=0", "gzip;q=x"],
    "Accept-Language": ["fr", "de-AT,en;q=0.1", "x" * 4_000, "*", "nl;q=nan", "-"],
    "Content-Type": [
        "application/json",
        "text/plain; charset=latin-1",
        "text/plain; charset=rot13",
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "application/x-www-form-urlencoded; charset=nope",
        ";",
    ],
    "Cookie": ["sessionid=x", "a=b; a=c", "=", "messages=x", "django_language=fr"],
    "If-Modified-Since": ["Thu, 01 Jan 1970 00:00:00 GMT", "nope", "Thu, 99 Jan 99999 00:00:00 GMT"],
    "If-None-Match": ["*", 'W/"x"', '"', ",,,", "W/"],
    "Origin": ["null", "https://elders.example"],
    "Range": ["bytes=0-10", "bytes=-", "bytes=9-1", "items=0-"],
    "Referer": ["x" * 2_000, "http://["],
    "User-Agent": ["", "\u00e9".encode().decode("latin-1")],
    "X-Forwarded-For": ["1.2.3.4", "1.2.3.4:80", ", ,", "'"],
    "X-Forwarded-Host": ["kwaad.example"],
    "X-Http-Method-Override": ["DELETE"],
    "X-Requested-With": ["XMLHttpRequest"],
}


class Requests:
    """An endless row of requests, the same for the same seed."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.routes = [
            (route, list(registry.addresses_of(route)), registry.parameters_of(route))
            for route in registry.public_routes()
        ]

    def value(self):
        if self.random.random() < 0.8:
            return self.random.choice(VALUES)
        size = self.random.choice((1, 3, 12, 60))
        return quote(bytes(self.random.randrange(256) for _byte in range(size)))

    def path(self, route, addresses):
        path = self.random.choice(addresses or [f"/{route.name}"])
        if route.in_languages and self.random.random() < 0.3:
            path = f"/{self.random.choice(registry.LANGUAGES[1:])}{path}"
        if self.random.random() < 0.15:
            start = path.rfind("/") + 1
            path = path[:start] + self.value()
        if self.random.random() < 0.05:
            cut = self.random.randrange(1, len(path) + 1)
            path = (
                path[:cut]
                + self.random.choice(["/", "//", ".", "..", "%2f", ";", "\\", "%0a", "?"])
                + path[cut:]
            )
        return path

    def query(self, route, parameters):
        names = [*parameters] * 3 + NAMES
        count = self.random.choice((0, 1, 1, 2, 3, 6))
        parts = [f"{self.random.choice(names)}={self.value()}" for _part in range(count)]
        if self.random.random() < 0.5:
            parts[:0] = [registry.with_query(route, "").removeprefix("?")]
        return "&".join(part for part in parts if part)

    def headers(self):
        names = self.random.sample(sorted(HEADERS), self.random.choice((0, 0, 1, 2, 4)))
        return {name: self.random.choice(HEADERS[name]) for name in names}

    def body(self):
        letters = self.random.choice(("", "{", "a=b&a=c", string.printable, "x" * 10_000))
        return letters.encode()

    def __iter__(self):
        while True:
            route, addresses, parameters = self.random.choice(self.routes)
            path, query = self.path(route, addresses), self.query(route, parameters)
            yield (
                self.random.choice(METHODS),
                f"{path}?{query}" if query else path,
                self.headers(),
                self.body(),
            )


def faults_of(answer, method, address):
    """What an answer may not be, whatever was asked."""
    if answer.status_code >= 500 and answer.status_code != NOT_OFFERED:
        yield f"status {answer.status_code}"
    for name in ALWAYS:
        if name not in answer.headers:
            yield f"no {name}"
    for name, value in answer.headers.items():
        if "\r" in value or "\n" in value or name.lower() == "x-kwaad":
            yield f"a header that the question wrote: {name}"
    if answer.cookies:
        yield "a cookie"
    if answer.headers.get("Location", "").startswith(("//", "http://kwaad", "javascript:")):
        yield f"leads away: {answer.headers['Location']}"
    if address.startswith("/api/"):
        if answer.headers.get("Access-Control-Allow-Origin") != "*":
            yield "no CORS"
        if answer.status_code >= 400 and answer.headers.get("Content-Type") != "application/problem+json":
            yield f"an error as {answer.headers.get('Content-Type')}"
        elif (
            answer.status_code >= 400
            and answer.content[:1] == b"{"
            and answer.json()["status"] != answer.status_code
        ):
            yield "a problem with another status"


@pytest.fixture
def site(db, monkeypatch):
    monkeypatch.setattr(pictures, "draw", lambda *words: b"")
    return Base()


def as_the_door_passes_it_on(kind):
    """The test client calls Django past the door, which takes the charset out of the content type."""
    environ = {"CONTENT_TYPE": kind}
    pin_encoding(environ)
    return environ.get("CONTENT_TYPE", "")


def test_no_request_breaks_the_site(site, client):
    client.raise_request_exception = False
    faults = []
    for _number, (method, address, headers, body) in zip(range(REQUESTS), Requests(SEED), strict=False):
        sent = {"data": body} if method not in ("GET", "HEAD") else {}
        kind = as_the_door_passes_it_on(headers.pop("Content-Type", "application/octet-stream"))
        try:
            answer = client.generic(method, address, content_type=kind, headers=headers, **sent)
        except Exception as error:  # noqa: BLE001  # past all middleware: the server's own page
            faults.append((method, address[:200], kind, headers, repr(error)[:200]))
            continue
        if answer.streaming:
            body_of(answer)
        faults += [
            (method, address[:200], kind, headers, fault) for fault in faults_of(answer, method, address)
        ]
    assert faults == [], f"{faults}: {len(faults)} of {REQUESTS} with FUZZ_SEED={SEED}"


def test_the_generator_reaches_every_address(site):
    """With one request for each address at least, on average, none is left out by a table that ended early."""
    assert all(
        addresses or route.expression.startswith("^media/") for route, addresses, _names in Requests(1).routes
    )
