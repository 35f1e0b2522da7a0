"""What decides an answer: the address as it was sent, and of the headers those that the answer says it varies by."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, lru_cache
from types import SimpleNamespace
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.http import parse_etags

from pzgent.door import ADMIN_ROOT, UNREADABLE
from pzgent.kernel.compression import GZIP, OFFERED, preferred
from pzgent.kernel.problems import LANGUAGE_CODES, api_language

Environ = dict[str, Any]
# Answers that are kept elsewhere, or never.
NEVER = (ADMIN_ROOT, settings.STATIC_URL, "/bestanden/", "/api/v1/health")
READING = ("GET", "HEAD")
# A request with one of these is answered by the framework: few clients send them.
UNUSUAL = frozenset(
    (
        "HTTP_RANGE",
        "HTTP_IF_MATCH",
        "HTTP_IF_UNMODIFIED_SINCE",
        "HTTP_IF_RANGE",
        "HTTP_TRANSFER_ENCODING",
    )
)
LONGEST_ACCEPT = 200
# What clients send that take anything, or data as they come; and what else there is.
ANYTHING = ("", "*/*", "application/json")
LINKED_DATA = "application/ld+json"


class Address(NamedTuple):
    """An address as it was asked for; `host` and `is_secure` stand in the links of the answer."""

    is_secure: bool
    host: str
    path: str
    query: str

    @property
    def is_whole(self) -> bool:
        """Whether it is one of the site's own addresses: without a question, under the site's own name.

        Of these there are as many as the data have; clients can make up any number of others.
        """
        return not self.query and self.is_own

    @property
    def is_own(self) -> bool:
        """Whether it is under the site's own name."""
        return self.host == (_host_of(settings.BASE_URL) or self.host)

    @property
    def origin(self) -> str:
        """The scheme and the name of the site."""
        return f"{'https' if self.is_secure else 'http'}://{self.host}"

    @property
    def name(self) -> str:
        """The path, with the question where there is one."""
        return f"{self.path}?{self.query}" if self.query else self.path


@lru_cache(maxsize=10)
def _host_of(site: str) -> str:
    return urlsplit(site).netloc


def address_of(environ: Environ) -> Address | None:
    """The address of a request whose answer may be kept; None for any other request."""
    path = environ.get("SCRIPT_NAME", "") + environ["PATH_INFO"]
    if environ["REQUEST_METHOD"] not in READING or path.startswith(NEVER) or UNREADABLE in environ:
        return None
    if environ.get("CONTENT_LENGTH") not in (None, "", "0") or not UNUSUAL.isdisjoint(environ):
        return None
    if "HTTP_IF_MODIFIED_SINCE" in environ and "HTTP_IF_NONE_MATCH" not in environ:
        return None
    host = environ.get("HTTP_HOST") or f"{environ['SERVER_NAME']}:{environ['SERVER_PORT']}"
    return Address(_is_secure(environ), host, path, environ.get("QUERY_STRING", ""))


@cache
def _trusted_header() -> tuple[str, str] | None:
    """The header in which a proxy says the scheme; it is looked up once, for each request asks."""
    return settings.SECURE_PROXY_SSL_HEADER


def _is_secure(environ: Environ) -> bool:
    trusted = _trusted_header()
    if trusted and trusted[0] in environ:
        return bool(environ[trusted[0]].split(",", 1)[0].strip() == trusted[1])
    return bool(environ.get("wsgi.url_scheme") == "https")


@lru_cache(maxsize=1_000)
def _language(header: str) -> str:
    """The language that an `Accept-Language` leads to where the address says none."""
    return api_language(SimpleNamespace(headers={"Accept-Language": header}, GET={}))  # type: ignore[arg-type]  # all it reads


def _accepted(header: str) -> str | None:
    if header in ANYTHING:
        return ""
    return header if len(header) <= LONGEST_ACCEPT else None


@lru_cache(maxsize=1_000)
def tags_of(header: str) -> frozenset[str]:
    """The tags in an `If-None-Match`, without the sign of weakness; an asterisk stands for any."""
    return frozenset(tag.removeprefix("W/") for tag in parse_etags(header))


@lru_cache(maxsize=1_000)
def coding_of(header: str) -> tuple[str, str]:
    """The coding that an `Accept-Encoding` prefers for data, and that for pages."""
    return preferred(header, OFFERED), preferred(header, (GZIP,))


# The headers by which an answer may vary, each with what of it matters. The coding is chosen for each client.
VARYING: dict[str, Callable[[str], str | None]] = {"accept-language": _language, "accept": _accepted}
SENT_AS = {name: f"HTTP_{name.upper().replace('-', '_')}" for name in VARYING}
# The few answers that the site has at an address.
USUAL = frozenset(("", LINKED_DATA, *LANGUAGE_CODES))


def choices_of(environ: Environ, varying: tuple[str, ...]) -> tuple[str | None, ...]:
    """What a request says of the headers by which an answer varies; None where that is too long to keep."""
    return tuple([VARYING[name](environ.get(SENT_AS[name], "")) for name in varying])


def is_usual(choices: tuple[str | None, ...]) -> bool:
    """Whether these are among the answers that the site has at an address, and nothing that a client made up."""
    return USUAL.issuperset(choices)
