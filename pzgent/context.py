"""What every template may use; asks the database nothing."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, Any]:
    """The site's own address, without a trailing slash."""
    return {"base_url": settings.BASE_URL or f"{request.scheme}://{request.get_host()}"}
