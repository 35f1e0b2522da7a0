"""What others see of a page before they open it: its title, description and picture, and its data."""

from __future__ import annotations

from typing import Any

from django import template
from django.template import Context
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext

from pzgent.kernel.zone import get_zone
from pzgent.syndication.page_data import page_data, trail_data
from pzgent.syndication.pictures import HEIGHT, WIDTH, picture_address

register = template.Library()
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
def linked_data(context: Context) -> SafeString:
    """What the page is about, for search engines."""
    request = context.get("request")
    values: dict[Any, Any] = context.flatten()
    return page_data(request, values) if request is not None else SafeString("")


@register.simple_block_tag(takes_context=True)
def trail(context: Context, content: str) -> SafeString:
    """The list of links above the page, and the same list for search engines."""
    site = context.get("base_url")
    return SafeString(f"{content}{trail_data(content, site)}" if site else content)


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
