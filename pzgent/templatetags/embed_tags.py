"""Template tags for embedding: the iframe code for other sites, and the oEmbed discovery link."""

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


register.simple_tag(embed_of_topic)
register.simple_tag(embed_of_unit)
register.simple_tag(embed_of_organogram)


@register.simple_tag(takes_context=True)
def oembed_link(context: Context, embed: Embed) -> SafeString:
    """Return the link element for oEmbed discovery of this page."""
    page = f"{context['base_url']}{context['request'].path}"
    address = f"{context['base_url']}{path_of('oembed')}?{urlencode({'url': page, 'format': 'json'})}"
    return format_html(
        '<link rel="alternate" type="application/json+oembed" title="{}" href="{}">', embed.title, address
    )


@register.inclusion_tag("embed/_snippet.html", takes_context=True)
def embed_snippet(context: Context, embed: Embed | None) -> dict[str, Any]:
    """Show the iframe code to copy, if the page has an embed."""
    return {"embed": embed, "code": embed.frame(context["base_url"]) if embed else ""}
