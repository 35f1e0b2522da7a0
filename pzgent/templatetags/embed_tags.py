"""Offers to other sites: the code that shows a page of ours in a frame, and where programs find it."""

from __future__ import annotations

from typing import Any

from django import template
from django.template import Context
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from pzgent.kernel.paths import path_of
from pzgent.syndication.embeds import Embed, embed_of_organogram, embed_of_topic, embed_of_unit

register = template.Library()


@register.simple_tag(takes_context=True)
def oembed_link(context: Context) -> SafeString:
    """Where programs find how to show this page; nothing for a page that cannot be shown elsewhere."""
    embed = _embed_of(context)
    if embed is None:
        return SafeString("")
    page = f"{context['base_url']}{context['request'].path}"
    address = f"{context['base_url']}{path_of('oembed')}?{urlencode({'url': page, 'format': 'json'})}"
    return format_html(
        '<link rel="alternate" type="application/json+oembed" title="{}" href="{}">', embed.title, address
    )


@register.inclusion_tag("embed/_snippet.html", takes_context=True)
def embed_snippet(context: Context) -> dict[str, Any]:
    """The code to copy, where there is something to show."""
    embed = _embed_of(context)
    return {"embed": embed, "code": embed.frame(context["base_url"]) if embed else ""}


def _embed_of(context: Context) -> Embed | None:
    """What can be shown of the page that is being made."""
    match = getattr(context.get("request"), "resolver_match", None)
    name = match.url_name if match else ""
    topic = context.get("topic")
    if name == "topic-detail" and topic and not topic.sensitive:
        return embed_of_topic(topic)
    if name == "unit-detail" and context.get("unit") and context["history"].state == "current":
        return embed_of_unit(context["unit"])
    page = context.get("page")
    if name == "organogram" and page is not None and page.listing and not page.is_part:
        return embed_of_organogram()
    return None
