"""What every template may use; asks the database nothing by itself."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from pzgent.kernel.rest.answering import site_of
from pzgent.kernel.zone import get_zone


def site(request: HttpRequest) -> dict[str, Any]:
    """The site's own address, without a trailing slash, and the zone whose site it is."""
    return {"base_url": site_of(request), "zone": SimpleLazyObject(get_zone)}
