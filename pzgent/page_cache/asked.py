"""Cache keys: the address as it was requested, plus the request headers that the response lists in `Vary`."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, lru_cache
from types import SimpleNamespace
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.http import parse_etags

from pzgent.kernel.compression import GZIP, OFFERED, preferred
from pzgent.kernel.door import ADMIN_ROOT, UNREADABLE
from pzgent.kernel.previews import LINK_ROOT
from pzgent.kernel.problems import LANGUAGE_CODES, api_language

Environ = dict[str, Any]
# Responses that are cached elsewhere, or never.
NEVER = (ADMIN_ROOT, LINK_ROOT, settings.STATIC_URL, "/bestanden/", "/api/v1/health")
READING = ("GET", "HEAD")
# A request with one of these headers goes to Django: few clients send them.
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
# `Accept` values that take anything or the default data format, and the one alternative format.
ANYTHING = ("", "*/*", "application/json")
LINKED_DATA = "application/ld+json"


class Address(NamedTuple):
    """An address as it was requested; `host` and `is_secure` end up in the links of the response."""

    is_secure: bool
    host: str
    path: str
    query: str

    @property
    def is_whole(self) -> bool:
        """Whether this is one of the site's own addresses: without a query string, under the site's own host name.

        The data limits the number of these; clients can make up any number of others.
        """
        return not self.query and self.is_own

    @property
    def is_own(self) -> bool:
        """Whether the host name is the site's own."""
        return self.host == (_host_of(settings.BASE_URL) or self.host)

    @property
    def origin(self) -> str:
        """The scheme and host of the site."""
        return f"{'https' if self.is_secure else 'http'}://{self.host}"

    @property
    def name(self) -> str:
        """The path, with the query string if there is one."""
        return f"{self.path}?{self.query}" if self.query else self.path


@lru_cache(maxsize=10)
def _host_of(site: str) -> str:
    return urlsplit(site).netloc


def address_of(environ: Environ) -> Address | None:
    """Return the address of a request whose response may be cached; None for any other request."""
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
    """Return the header in which a proxy sends the scheme; cached, because every request needs it."""
    return settings.SECURE_PROXY_SSL_HEADER


def _is_secure(environ: Environ) -> bool:
    trusted = _trusted_header()
    if trusted and trusted[0] in environ:
        return bool(environ[trusted[0]].split(",", 1)[0].strip() == trusted[1])
    return bool(environ.get("wsgi.url_scheme") == "https")


def _language(header: str) -> str:
    """Return the language that an `Accept-Language` header selects if the address does not set one."""
    return api_language(SimpleNamespace(headers={"Accept-Language": header}, GET={}))  # type: ignore[arg-type]  # all it reads


def _accepted(header: str) -> str | None:
    if header in ANYTHING:
        return ""
    return header if len(header) <= LONGEST_ACCEPT else None


@lru_cache(maxsize=1_000)
def tags_of(header: str) -> frozenset[str]:
    """Return the tags in an `If-None-Match` header without the weak prefix; an asterisk stands for any tag."""
    return frozenset(tag.removeprefix("W/") for tag in parse_etags(header))


@lru_cache(maxsize=1_000)
def coding_of(header: str) -> tuple[str, str]:
    """Return the preferred content coding of an `Accept-Encoding` header: that for data, then that for pages."""
    return preferred(header, OFFERED), preferred(header, (GZIP,))


# The headers by which a response may vary, each with a function that normalises it. The content coding is negotiated
# separately for each client.
VARYING: dict[str, Callable[[str], str | None]] = {"accept-language": _language, "accept": _accepted}
SENT_AS = {name: f"HTTP_{name.upper().replace('-', '_')}" for name in VARYING}
# The few variants that the site has of an address.
USUAL = frozenset(("", LINKED_DATA, *LANGUAGE_CODES))


def choices_of(environ: Environ, varying: tuple[str, ...]) -> tuple[str | None, ...]:
    """Return the normalised values of the headers by which a response varies; None for one too long to cache."""
    return _choices(varying, *[environ.get(SENT_AS[name], "") for name in varying])


@lru_cache(maxsize=1_000)
def _choices(varying: tuple[str, ...], *sent: str) -> tuple[str | None, ...]:
    return tuple(VARYING[name](value) for name, value in zip(varying, sent, strict=True))


def is_usual(choices: tuple[str | None, ...]) -> bool:
    """Whether these are variants that the site itself has of an address, not values that a client made up."""
    return USUAL.issuperset(choices)
