"""Parts of the page layout that hardly differ between pages, rendered once for all pages that share them.

The zone data that they show are arguments of the cached functions, and thus part of the cache key: a part is never
stale.
"""

from __future__ import annotations

from django import template
from django.template import Context
from django.template.loader import render_to_string

from pzgent.kernel.validity import once_per_state
from pzgent.kernel.zone import get_zone

register = template.Library()
Link = tuple[str, str]


@register.simple_tag(takes_context=True)
def page_name(context: Context) -> str:
    """Return the URL name of the current page, or "" without a request."""
    match = getattr(context.get("request"), "resolver_match", None)
    return (match.url_name or "") if match else ""


@register.simple_tag
def emergency_strip(*, embedded: bool = False) -> str:
    """Return the emergency numbers at the top of every page."""
    zone = get_zone()
    general, help_page = zone.general_channel, zone.deaf_help_channel
    return _emergency_strip(
        embedded,
        zone.urgent_number,
        zone.ambulance_number,
        help_page.link if help_page else "",
        (general.link, general.display) if general else None,
    )


@once_per_state
def _emergency_strip(
    embedded: bool, urgent: str, ambulance: str, deaf_help: str, general: Link | None
) -> str:
    shown = {"embedded": embedded, "urgent": urgent, "ambulance": ambulance, "deaf_help": deaf_help}
    return render_to_string("_emergency.html", {**shown, "general": general})


@register.simple_tag
def site_header(here: str) -> str:
    """Return the name of the site and the main menu, which is short: all pages stand at the end of each page."""
    zone = get_zone()
    return _site_header(here, zone.translated.short_name, zone.palette)


@once_per_state
def _site_header(here: str, police: str, palette: str) -> str:
    return render_to_string("_header.html", {"here": here, "police": police, "palette": palette})


@register.simple_tag
@once_per_state
def site_map(here: str) -> str:
    """Return the lists of all pages about the subjects of the site."""
    return render_to_string("_site_map.html", {"here": here})
