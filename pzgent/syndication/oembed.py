"""oEmbed provider (https://oembed.com): the frame with which other sites embed one of our pages, given its URL."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import orjson
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django.utils import translation
from django.utils.translation import get_language_from_path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django.views.generic import RedirectView

from contact.models import Topic
from organisation.history import get_renamed
from organisation.models import Organogram, Unit
from pzgent.kernel.problems import PROBLEM_TYPE, problem
from pzgent.kernel.rest.answering import links_for
from pzgent.kernel.rest.headers import OPEN_TO_ALL
from pzgent.kernel.rest.parameters import issue
from pzgent.kernel.zone import get_zone
from pzgent.syndication.embeds import Embed, embed_of_organogram, embed_of_topic, embed_of_unit

CACHE_SECONDS = 3600
MOST_PIXELS = 10_000


@require_safe
def oembed(request: HttpRequest) -> HttpResponse:
    """Return a frame for the page `url`; 400 for invalid parameters, 404 for a page without an embed, 501 for a format
    other than JSON."""
    asked = request.GET
    if asked.get("format", "json") != "json":
        return _problem(501, _("Only format=json is offered."))
    issues = [
        issue(name, asked[name], _("Give a whole number from 1 to %(most)s.") % {"most": MOST_PIXELS})
        for name in ("maxwidth", "maxheight")
        if name in asked and _pixels(asked[name]) is None
    ]
    if not asked.get("url"):
        issues.append(issue("url", None, _("This parameter is required.")))
    if issues:
        return _problem(400, issues=issues)
    site = links_for(request).site
    embed = _embed_for(asked["url"], site)
    if embed is None:
        return _problem(404, _("No page of ours that can be shown has this address."))
    largest = _pixels(asked.get("maxwidth", "")), _pixels(asked.get("maxheight", ""))
    width, height = embed.size(*largest)
    answer = {
        "version": "1.0",
        "type": "rich",
        "title": embed.title,
        "provider_name": get_zone().name,
        "provider_url": f"{site}/",
        "cache_age": CACHE_SECONDS,
        "html": embed.frame(site, *largest),
        "width": width,
        "height": height,
    }
    return _answer(orjson.dumps(answer), "application/json", 200, f"public, max-age={CACHE_SECONDS}")


def _pixels(text: str) -> int | None:
    """Return a size in pixels, or None for an invalid one."""
    is_number = text.isascii() and text.isdigit() and len(text) <= len(str(MOST_PIXELS))
    return int(text) if is_number and 1 <= int(text) <= MOST_PIXELS else None


def _embed_for(address: str, site: str) -> Embed | None:
    """Return the embed for a page of this site, or None for other addresses and for pages that are not public."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or parts.netloc != urlsplit(site).netloc:
        return None
    # Addresses and titles follow the language of the page.
    with translation.override(get_language_from_path(parts.path) or settings.LANGUAGE_CODE):
        return _embed_at(parts.path, parts.fragment)


def _embed_at(path: str, fragment: str) -> Embed | None:
    """Return the embed for a path of this site, following redirects, or None if there is none."""
    try:
        match = resolve(path)
    except Resolver404:
        return None
    view: Any = match.func
    if getattr(view, "view_class", None) is RedirectView:
        return _embed_at(view.view_initkwargs["url"] % match.kwargs, fragment)
    slug = str(match.kwargs.get("slug", ""))
    if match.url_name in ("topic-detail", "embed-topic"):
        return _of_topic(str(match.kwargs.get("topic", slug)), fragment)
    if match.url_name == "embed-channel":
        return _of_topic(str(match.kwargs["topic"]), slug)
    if match.url_name in ("unit-detail", "embed-branch"):
        return _of_unit(slug)
    if match.url_name in ("organogram", "embed-organogram"):
        return embed_of_organogram() if Organogram.objects.get_in_force() else None
    return None


def _of_topic(slug: str, channel: str) -> Embed | None:
    # Sensitive topics are not embeddable: visitors should only get there on purpose.
    topic = Topic.objects.published().filter(slug=slug, sensitive=False).first()
    if topic is None:
        return None
    return embed_of_topic(topic, channel if channel and topic.shows_channel(channel) else "")


def _of_unit(slug: str) -> Embed | None:
    unit = Unit.objects.with_page().standing().filter(slug=slug).first()
    if unit is None and (renamed := get_renamed(slug)):
        unit = Unit.objects.standing().filter(pk=renamed.pk).first()
    return embed_of_unit(unit) if unit else None


def _problem(status: int, detail: str = "", issues: list[dict[str, str]] | None = None) -> HttpResponse:
    return _answer(orjson.dumps(problem(status, issues, detail)), PROBLEM_TYPE, status, "no-store")


def _answer(body: bytes, content_type: str, status: int, cached: str) -> HttpResponse:
    headers = {"Cache-Control": cached, **OPEN_TO_ALL}
    return HttpResponse(body, content_type=content_type, status=status, headers=headers)
