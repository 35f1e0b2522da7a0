"""What every template may use; asks the database nothing."""

from typing import Any

from django.http import HttpRequest

from pzgent.rest.answering import site_of


def site(request: HttpRequest) -> dict[str, Any]:
    """The site's own address, without a trailing slash."""
    return {"base_url": site_of(request)}
