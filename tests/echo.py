"""WSGI application that returns the client address and scheme as seen by the portal."""

import json

from django.core.handlers.wsgi import WSGIRequest

import pzgent.wsgi  # noqa: F401  # sets the framework up, as in production
from pzgent.kernel.door import Door
from pzgent.kernel.rest.throttling import client_of


def echo(environ, start_response):
    """Return the client and the scheme as JSON."""
    request = WSGIRequest(environ)
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps([client_of(request), request.scheme]).encode()]


application = Door(echo)
