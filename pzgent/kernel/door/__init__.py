"""The entrance of the portal: the WSGI layer that every request passes before Django reads any of it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from functools import cache, lru_cache
from ipaddress import ip_address
from typing import Any

from django.conf import settings
from django.utils.http import parse_header_parameters

logger = logging.getLogger("django.request")
Environ = dict[str, Any]
Application = Callable[[Environ, Any], Iterable[bytes]]
ADMIN_ROOT = "/admin/"
# Only set here: environ keys from client headers start with HTTP_.
UNREADABLE = "pzgent.unreadable"
# The parts of an unreadable request that are kept: enough for an error page of the site.
KEPT = ("HTTP_HOST", "HTTP_X_FORWARDED_PROTO", "HTTP_ACCEPT_LANGUAGE", "REMOTE_ADDR")


class Door:
    """Admits requests that can be read in one way only, and responds to those that Django cannot read at all."""

    def __init__(self, application: Application) -> None:
        self.application = application

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        """Return the response of the application, or an error page or problem document with the usual headers."""
        try:
            if not environ["PATH_INFO"].startswith(ADMIN_ROOT):
                # Public responses are the same for everybody: no cookie may change one.
                environ.pop("HTTP_COOKIE", None)
            if not is_from_proxy(environ.get("REMOTE_ADDR", "")):
                drop_forwarded(environ)
            pin_encoding(environ)
            return self.application(environ, start_response)
        except Exception:
            logger.exception("A request cannot be read")
            return self.application(_readable(environ), start_response)


@lru_cache(maxsize=1_000)
def is_from_proxy(address: str) -> bool:
    """Return whether a connection comes from one of our proxies, or through a Unix socket, which has no address."""
    if not address:
        return True
    try:
        peer = ip_address(address)
    except ValueError:
        return False
    peer = getattr(peer, "ipv4_mapped", None) or peer
    return any(peer in network for network in settings.PROXY_NETWORKS)


def drop_forwarded(environ: Environ) -> None:
    """Drop a client's forwarding headers, in any spelling: servers read `X_Forwarded_For` as `X-Forwarded-For`."""
    client = f"HTTP_{settings.CLIENT_HEADER.upper().replace('-', '_')}"
    claims = [name for name in environ if name.startswith("HTTP_X_FORWARDED_") or name == client]
    for name in claims:
        del environ[name]
    if claims and settings.PROXIES:
        warn_of_claims()


@cache
def warn_of_claims() -> None:
    """Warn the operator, once per process, of a proxy that may be missing from the settings."""
    logging.getLogger(__name__).warning(
        "Somebody who is not in PROXY_ADDRESSES sends X-Forwarded headers; they do not count. Is it a proxy of ours?"
    )


def pin_encoding(environ: Environ) -> None:
    """Reduce the content type to its media type and boundary.

    A charset would also change how Django decodes the query string: text is UTF-8, whatever a client says.
    """
    sent = environ.pop("CONTENT_TYPE", "")
    if not sent:
        return
    try:
        kind, parameters = parse_header_parameters(sent)
    except (ValueError, LookupError):
        return
    boundary = parameters.get("boundary", "").replace("\\", "").replace('"', "")
    environ["CONTENT_TYPE"] = f'{kind}; boundary="{boundary}"' if boundary else kind


def _readable(environ: Environ) -> Environ:
    """Return a request for the root of the same part of the site, marked as unreadable."""
    root = "/api/" if str(environ.get("PATH_INFO", "")).startswith("/api/") else "/"
    kept = {
        name: value
        for name, value in environ.items()
        if name in KEPT or name.startswith(("wsgi.", "SERVER_"))
    }
    return {**kept, "REQUEST_METHOD": "GET", "SCRIPT_NAME": "", "PATH_INFO": root, UNREADABLE: True}
