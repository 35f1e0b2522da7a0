"""Template tags for page metadata: title, description, Open Graph, and structured data for search engines."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import template
from django.template import Context
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext

from contact.availability import ChannelStatus, TopicStatus
from contact.models import Location
from organisation.history import UnitHistory
from organisation.models import Document
from pzgent.kernel import clock
from pzgent.kernel.rest.answering import links_for
from pzgent.kernel.zone import get_zone
from pzgent.registry.pages import FIXED_PAGES
from pzgent.syndication.page_data import (
    as_script,
    document_in_schema_org,
    police_station,
    trail_data,
    unit_in_schema_org,
    zone_for_topic,
    zone_with_contacts,
)
from pzgent.syndication.pictures import HEIGHT, WIDTH, picture_address
from pzgent.templatetags.portal_tags import dutch

register = template.Library()
# Key in the render context under which the breadcrumbs of a page are collected.
STEPS = "steps of the trail"
LONGEST_PATH = 200
LOCALES = {"nl": "nl_BE", "fr": "fr_BE", "en": "en_GB", "de": "de_BE"}


@register.simple_block_tag(takes_context=True)
def titled(context: Context, content: str) -> SafeString:
    """Return the title element; the same text is used for Open Graph."""
    context["shared_title"] = _attribute(content)
    return format_html("<title>{} | {}</title>", context["shared_title"], get_zone().translated.short_name)


@register.simple_block_tag(takes_context=True)
def described(context: Context, content: str) -> SafeString:
    """Return the description element; the same text is used for Open Graph."""
    context["shared_description"] = _attribute(content)
    return format_html('<meta name="description" content="{}">', context["shared_description"])


def _attribute(content: str) -> SafeString:
    """Return text that the template has escaped already on one line, with the quotes escaped for an attribute."""
    return SafeString(" ".join(content.split()).replace('"', "&quot;"))


@register.inclusion_tag("_sharing.html", takes_context=True)
def sharing(context: Context) -> dict[str, Any]:
    """Show the Open Graph metadata of the page; nothing without a request or for an error page."""
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
    """Return structured data about the police zone, with its contact points."""
    return as_script(zone_with_contacts(topics, links_for(context["request"])))


@register.simple_tag(takes_context=True)
def topic_data(context: Context, topic: TopicStatus) -> SafeString:
    """Return structured data about the police zone, with the contact points of one topic."""
    return as_script(zone_for_topic(topic, links_for(context["request"])))


@register.simple_tag(takes_context=True)
def station_data(context: Context, location: Location, channels: Iterable[ChannelStatus]) -> SafeString:
    """Return structured data about a location of the police."""
    return as_script(police_station(location, channels, links_for(context["request"])))


@register.simple_tag(takes_context=True)
def unit_data(context: Context, history: UnitHistory) -> SafeString:
    """Return structured data about a unit."""
    return as_script(unit_in_schema_org(history, links_for(context["request"])))


@register.simple_tag(takes_context=True)
def document_data(context: Context, document: Document) -> SafeString:
    """Return structured data about a document."""
    return as_script(document_in_schema_org(document, links_for(context["request"])))


@register.simple_tag(takes_context=True)
def step(context: Context, name: str, address: str = "", *, is_dutch: bool = False) -> SafeString:
    """Return a breadcrumb: a link, or without an address (current page, or item without a page) only the name."""
    found: Any = context.render_context
    found.setdefault(STEPS, []).append((str(name).strip(), address))
    if not address:
        return conditional_escape(name)
    return format_html('<a href="{}"{}>{}</a>', address, dutch() if is_dutch else "", name)


@register.simple_tag(takes_context=True)
def page_step(context: Context, page: str) -> SafeString:
    """Return a breadcrumb for a fixed page."""
    return step(context, str(FIXED_PAGES[page].title), reverse(page))


@register.simple_block_tag(takes_context=True)
def trail(context: Context, content: str) -> SafeString:
    """Return the breadcrumbs of the page, followed by the same list and the home page as structured data.

    A page right below the home page has no breadcrumbs: the name of the site leads there already.
    """
    site, found = context.get("base_url"), context.render_context
    steps: Any = found.get(STEPS, [])
    shown = content if any(address for _name, address in steps[1:]) else ""
    return SafeString(f"{shown}{trail_data(steps, site)}" if site else shown)


@register.simple_tag(takes_context=True)
def printed_from(context: Context) -> SafeString:
    """Return the footer of a printed page: its address and the date; the home page's address for an overlong path.

    A script adds the time of printing, so that the page itself only changes with its content.
    """
    request = context.get("request")
    path = request.get_full_path() if request is not None else ""
    return format_html(
        gettext("Printed from {address} on {day} {time}. In an emergency, call {urgent}."),
        address=f"{context.get('base_url', '')}{path if len(path) <= LONGEST_PATH else '/'}",
        day=date_format(clock.today(), "DATE_FORMAT"),
        time=SafeString("<span data-print-time></span>"),
        urgent=get_zone().urgent_number,
    )
