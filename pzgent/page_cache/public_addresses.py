"""The addresses of everything public without a query string, except what these pages link to.

Pages link to their calendars, contact cards and images, API lists to their items. The change feed and its histories are
excluded: a client that follows the feed must not mistake an old state for the current one.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse
from django.utils import translation

from contact.models import Channel
from organisation.models import Unit
from pzgent.registry.collections import COLLECTIONS
from pzgent.syndication.sitemaps import SITEMAPS

FOR_PROGRAMS = (
    "robots", "security-txt", "sitemap", "catalog", "manifest", "notice-feed", "project-feed", "changes-feed",
    "organogram-feed", "favicon",
)  # fmt: skip
ALSO_OF_THE_API = ("", "/organogram", "/refData", "/openapi.json", "/openapi.yaml")


def public_addresses() -> Iterator[str]:
    """Yield the paths, the most important pages first."""
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
    yield from _without_links()


def _without_links() -> Iterator[str]:
    """Yield the addresses that no page links to: embeds, closings of one channel, and opening hours in the API."""
    channels = list(Channel.objects.published().values_list("pk", "topic__slug", "slug"))
    units = list(Unit.objects.with_open_page().values_list("slug", flat=True))
    for key, _topic, _slug in channels:
        yield reverse("api:openingHours", args=[key])
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            own = [reverse("embed-channel", args=keys) for _key, *keys in channels]
            own += [reverse("channel-closings", args=keys) for _key, *keys in channels]
            own += [reverse("embed-branch", args=[slug]) for slug in units]
        yield from own
