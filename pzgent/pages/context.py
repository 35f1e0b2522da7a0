"""Context processor for all templates; makes no queries itself."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from pzgent.kernel.rest.answering import site_of
from pzgent.kernel.zone import get_zone


def site(request: HttpRequest) -> dict[str, Any]:
    """Return the base URL of the site, without a trailing slash, and the police zone, loaded lazily."""
    return {"base_url": site_of(request), "zone": SimpleLazyObject(get_zone)}
