"""What others see of a page before they open it: its title, description and picture, and its data."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import template
from django.template import Context
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext

from contact.availability import ChannelStatus, TopicStatus
from contact.models import Location
from organisation.history import UnitHistory
from pzgent.kernel.rest.answering import links_for
from pzgent.kernel.zone import get_zone
from pzgent.registry.pages import FIXED_PAGES
from pzgent.syndication.page_data import (
    as_script,
    police_station,
    trail_data,
    unit_in_schema_org,
    zone_for_topic,
    zone_with_contacts,
)
from pzgent.syndication.pictures import HEIGHT, WIDTH, picture_address
from pzgent.templatetags.portal_tags import dutch

register = template.Library()
# Where the steps of a page are collected while it is made.
STEPS = "steps of the trail"
LONGEST_PATH = 200
LOCALES = {"nl": "nl_BE", "fr": "fr_BE", "en": "en_GB", "de": "de_BE"}


@register.simple_block_tag(takes_context=True)
def titled(context: Context, content: str) -> SafeString:
    """The title element; the same words serve whoever shares the page."""
    context["shared_title"] = _attribute(content)
    return format_html("<title>{} | {}</title>", context["shared_title"], get_zone().translated.short_name)


@register.simple_block_tag(takes_context=True)
def described(context: Context, content: str) -> SafeString:
    """The description; the same words serve whoever shares the page."""
    context["shared_description"] = _attribute(content)
    return format_html('<meta name="description" content="{}">', context["shared_description"])


def _attribute(content: str) -> SafeString:
    """Words of the page, escaped by the template already, on one line and fit for an attribute."""
    return SafeString(" ".join(content.split()).replace('"', "&quot;"))


@register.inclusion_tag("_sharing.html", takes_context=True)
def sharing(context: Context) -> dict[str, Any]:
    """Open Graph for the page; nothing for a page that was made without a request or is a refusal."""
    match = getattr(context.get("request"), "resolver_match", None)
    if match is None or context.get("status", 200) != 200:
        return {}
    current = (get_language() or "nl")[:2]
    site = context["base_url"]
    return {
        "site_name": get_zone().translated.short_name,
        "title": context.get("shared_title", ""),
        "description": context.get("shared_description", ""),
        "address": f"{site}{context['request'].path}",
        "picture": f"{site}{picture_address(match.url_name or '', match.kwargs)}",
        "width": WIDTH,
        "height": HEIGHT,
        "locale": LOCALES[current],
        "other_locales": [locale for code, locale in LOCALES.items() if code != current],
    }


@register.simple_tag(takes_context=True)
def home_data(context: Context, topics: Iterable[TopicStatus]) -> SafeString:
    """The police zone with its contact points, for search engines."""
    return as_script(zone_with_contacts(topics, links_for(context["request"])))


@register.simple_tag(takes_context=True)
def topic_data(context: Context, topic: TopicStatus) -> SafeString:
    """The police zone with the contact points for one topic, for search engines."""
    return as_script(zone_for_topic(topic, links_for(context["request"])))


@register.simple_tag(takes_context=True)
def station_data(context: Context, location: Location, channels: Iterable[ChannelStatus]) -> SafeString:
    """A place of the police, for search engines."""
    return as_script(police_station(location, channels, links_for(context["request"])))


@register.simple_tag(takes_context=True)
def unit_data(context: Context, history: UnitHistory) -> SafeString:
    """A unit, for search engines."""
    return as_script(unit_in_schema_org(history, links_for(context["request"])))


@register.simple_tag(takes_context=True)
def step(context: Context, name: str, address: str = "", *, is_dutch: bool = False) -> SafeString:
    """A step of the trail: a link, or the name alone of what has no page or is the page itself."""
    found: Any = context.render_context
    found.setdefault(STEPS, []).append((str(name).strip(), address))
    if not address:
        return conditional_escape(name)
    return format_html('<a href="{}"{}>{}</a>', address, dutch() if is_dutch else "", name)


@register.simple_tag(takes_context=True)
def page_step(context: Context, page: str) -> SafeString:
    """A step of the trail that is one of the pages that are always there."""
    return step(context, str(FIXED_PAGES[page].title), reverse(page))


@register.simple_block_tag(takes_context=True)
def trail(context: Context, content: str) -> SafeString:
    """The list of links above the page, and the same list for search engines."""
    site, found = context.get("base_url"), context.render_context
    steps: Any = found.get(STEPS, [])
    return SafeString(f"{content}{trail_data(steps, site)}" if site else content)


@register.simple_tag(takes_context=True)
def printed_from(context: Context) -> SafeString:
    """For the foot of a print: the address of the page and the day; that of the site where the path is no page's.

    A script adds the time when somebody prints: the page itself stays the same as long as what it says.
    """
    request = context.get("request")
    path = request.get_full_path() if request is not None else ""
    return format_html(
        gettext("Printed from {address} on {day} {time}. In an emergency, call {urgent}."),
        address=f"{context.get('base_url', '')}{path if len(path) <= LONGEST_PATH else '/'}",
        day=date_format(timezone.localdate(), "DATE_FORMAT"),
        time=SafeString("<span data-print-time></span>"),
        urgent=get_zone().urgent_number,
    )
