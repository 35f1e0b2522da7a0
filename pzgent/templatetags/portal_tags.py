"""Template tags for the layout of every page: navigation links, languages and subresource integrity."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django import template
from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.template import Context
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext

from pzgent.kernel.languages import OWN_NAMES, PageVersion
from pzgent.kernel.pages import FixedPage, Menu
from pzgent.kernel.paths import path_of
from pzgent.kernel.translations import Text
from pzgent.registry.pages import FIXED_PAGES, SITE_MAP

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

register = template.Library()
_OTHERS = "|".join(code for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE)
PREFIX = re.compile(f"^/(?:{_OTHERS})(?=/|$)")


@register.simple_tag(takes_context=True)
def page_versions(context: Context) -> list[PageVersion]:
    """Return the version of the current page in each language, Dutch first; empty without a request."""
    request: Any = context.get("request")
    if request is None:
        return []
    bare = PREFIX.sub("", request.path) or "/"
    query = request.META.get("QUERY_STRING", "")
    current = get_language()
    return [
        PageVersion(
            code,
            OWN_NAMES[code],
            bare if code == settings.LANGUAGE_CODE else f"/{code}{bare}",
            query,
            code == current,
        )
        for code, _name in settings.LANGUAGES
    ]


@register.simple_tag(takes_context=True)
def nav_link(context: Context, name: str) -> SafeString:
    """Return a link to a page by its URL name, marked as current if it equals `here` in the context."""
    mark = SafeString(' aria-current="page"') if context.get("here") == name else ""
    return format_html('<a href="{}"{}>{}</a>', path_of(name), mark, FIXED_PAGES[name].text_in_menus)


@register.simple_tag
def site_menus() -> list[tuple[StrOrPromise, list[FixedPage]]]:
    """Return the headings about the subjects of the site, each with its pages; not the one about the site itself."""
    return [(menu.label, pages) for menu, pages in SITE_MAP.items() if menu != Menu.SITE]


@register.simple_tag
def menu(heading: str) -> list[FixedPage]:
    """Return the pages below a heading."""
    return SITE_MAP[Menu(heading)]


@register.simple_tag(takes_context=True)
def fault_link(context: Context) -> SafeString:
    """Return a link to report a fault on this page, or on no particular page without a request."""
    request = context.get("request")
    address = path_of("about")
    if request is not None and request.path != address:
        address = f"{address}?{urlencode({'pagina': request.path})}"
    return format_html(
        '<a href="{}#fault" rel="nofollow">{}</a>', address, gettext("Report a fault on this page")
    )


@register.simple_tag
def colon() -> str:
    """Return a colon as the language of the page writes it: French puts a space before it."""
    return "\N{NO-BREAK SPACE}:" if get_language() == "fr" else ":"


@register.simple_tag
def dutch(text: str | None = None) -> SafeString:
    """Return the `lang` attribute for a text of the editors that is Dutch on a page in another language, or "".

    Without an argument, or for a plain string, the content is Dutch; a `Text` knows its own language.
    """
    is_dutch = text is None or not isinstance(text, Text) or text.language == settings.LANGUAGE_CODE
    return SafeString(' lang="nl"' if is_dutch and get_language() != settings.LANGUAGE_CODE else "")


@register.simple_tag
def integrity(name: str) -> str:
    """Return the digest of a static file for the `integrity` attribute (Subresource Integrity)."""
    collected = staticfiles_storage.path(staticfiles_storage.url(name).removeprefix(settings.STATIC_URL))
    place = Path(collected if Path(collected).exists() else str(finders.find(name)))
    return _digest(place, place.stat().st_mtime_ns)


@lru_cache(maxsize=16)
def _digest(place: Path, changed: int) -> str:
    """Return the digest of a file; the modification time is only part of the cache key."""
    return f"sha256-{base64.b64encode(hashlib.sha256(place.read_bytes()).digest()).decode()}"
