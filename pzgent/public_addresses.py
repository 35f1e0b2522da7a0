"""The addresses of everything that the public may see without a question, but for what these link to.

Pages lead to their calendars, contact cards and pictures, lists of the API to their items.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse
from django.utils import translation

from contact.models import Channel
from pzgent.api import COLLECTIONS
from pzgent.models import PublishedItem
from pzgent.sitemaps import SITEMAPS

FOR_PROGRAMS = (
    "robots", "security-txt", "sitemap", "catalog", "manifest", "notice-feed", "project-feed", "changes-feed",
    "organogram-feed", "favicon",
)  # fmt: skip
ALSO_OF_THE_API = ("", "/organogram", "/refData", "/openapi.json")


def public_addresses() -> Iterator[str]:
    """The paths, the pages that people need first before all others."""
    for sitemap in SITEMAPS.values():
        for language, _name in settings.LANGUAGES:
            with translation.override(language):
                made = sitemap()
                paths = [urlsplit(str(made.location(item))).path for item in made.items()]
            yield from paths
    for name in FOR_PROGRAMS:
        yield reverse(name)
    for tail in (*ALSO_OF_THE_API, *(f"/{name}" for name in COLLECTIONS)):
        yield f"/api/v1{tail}"
    # To which nothing links.
    for key in Channel.objects.published().values_list("pk", flat=True):
        yield reverse("api:openingHours", args=[key])
    for told in PublishedItem.objects.values_list("collection", "key"):
        yield reverse("api:history", args=told)
