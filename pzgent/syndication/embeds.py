"""Small pages for iframes on other sites: the channels that are open now, and a branch of the organogram.

These are the only pages that any site may frame. Otherwise they have the content security policy of all pages: no
scripts, nothing from other origins.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

from contact.availability import get_channel, get_topic
from contact.models import Topic
from contact.opening_hours import now_in_brussels
from organisation.listing import get_listing
from organisation.models import Organogram, Unit
from organisation.structure import get_structure
from pzgent.kernel.paths import path_of
from pzgent.kernel.zone import get_zone

FRAMED_POLICY = "; ".join(
    f"{directive} {sources}" for directive, sources in {**settings.SECURE_CSP, "frame-ancestors": "*"}.items()
)
CACHED = "public, max-age=60"
# Number of levels that a branch shows below its top.
DEPTH = 2


@dataclass(frozen=True)
class Embed:
    """A page to be framed, with the default size of its frame in pixels."""

    path: str
    title: str
    width: int
    height: int

    def frame(self, site: str, width: int | None = None, height: int | None = None) -> SafeString:
        """Return the iframe element for other sites, no larger than the given size."""
        return format_html(
            '<iframe src="{}{}" title="{}" width="{}" height="{}" loading="lazy"></iframe>',
            site,
            self.path,
            self.title,
            *self.size(width, height),
        )

    def size(self, width: int | None = None, height: int | None = None) -> tuple[int, int]:
        """Return the width and height in pixels: the default, limited to the given size."""
        return min(self.width, width or self.width), min(self.height, height or self.height)


def embed_of_topic(topic: Topic, channel: str = "") -> Embed:
    """Return the embed for a topic, or for one of its channels."""
    name, keys = ("embed-channel", [topic.slug, channel]) if channel else ("embed-topic", [topic.slug])
    return Embed(path_of(name, *keys), _("Open now: %(name)s") % {"name": topic.translated.title}, 400, 480)


def embed_of_unit(unit: Unit) -> Embed:
    """Return the embed for a unit and its subunits."""
    title = _("Organogram: %(name)s") % {"name": unit.name}
    return Embed(path_of("embed-branch", unit.slug), title, 480, 520)


def embed_of_organogram() -> Embed:
    """Return the embed for the whole organogram."""
    return Embed(path_of("embed-organogram"), _("Organogram of %(police)s") % get_zone().terms, 480, 520)


def framed(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Decorate a view whose response any site may show in a frame."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response.headers["Content-Security-Policy"] = FRAMED_POLICY
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        response.headers["Cache-Control"] = CACHED
        return response

    return require_safe(xframe_options_exempt(answer))


@framed
def topic_card(request: HttpRequest, topic: str) -> HttpResponse:
    """Show the channels of a topic, and whether each is open now."""
    now = now_in_brussels()
    found = get_topic(topic, now)
    if found is None:
        raise Http404
    context = {"topic": found.topic, "channels": found.shown, "now": now}
    return render(request, "embed/open_now.html", context)


@framed
def channel_card(request: HttpRequest, topic: str, slug: str) -> HttpResponse:
    """Show one channel, and whether it is open now."""
    now = now_in_brussels()
    item = get_channel(topic, slug, now)
    if item is None:
        raise Http404
    context = {"topic": item.channel.topic, "channels": [item], "now": now}
    return render(request, "embed/open_now.html", context)


@framed
def branch(request: HttpRequest, slug: str | None = None) -> HttpResponse:
    """Show a unit of the organogram in force with its subunits, or the top of the organogram if no unit is given."""
    organogram = Organogram.objects.get_in_force()
    structure = get_structure(organogram, slug, DEPTH) if organogram else None
    if structure is None:
        raise Http404
    listing = get_listing(structure)
    context = {"organogram": organogram, "structure": structure, "listing": listing, "is_whole": slug is None}
    return render(request, "embed/branch.html", context)
