"""Links that editors put in a text: choosing a row of the site, and refusing an address that leads nowhere."""

from __future__ import annotations

import re
from html import escape
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.admin import AdminSite
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator, URLValidator
from django.http import HttpRequest
from django.urls import Resolver404, resolve
from django.utils.translation import gettext

from pzgent.kernel.cleaning import clean_line
from pzgent.kernel.editing.choices import labels_of
from pzgent.kernel.editing.guarding import asks_too_much
from pzgent.kernel.links import (
    HREF,
    Reference,
    linked_models,
    links_in,
    read_reference,
    reference_at,
    reference_to,
    rows_of,
)

MOST_OF_KIND = 6
MOST_CHOICES = 20
SHORTEST = 2
NUMBER = re.compile(r"\+?[0-9 ()/.-]{3,25}")
LANGUAGE_PREFIX = re.compile(rf"^/(?:{'|'.join(code for code, _name in settings.LANGUAGES)})(?=/)")

Choice = dict[str, str]


def find_links(request: HttpRequest, site: AdminSite, words: str) -> list[Choice]:
    """Return the rows that match the words or are the reference, of the models that the editor may view."""
    words = clean_line(words)
    reference = read_reference(words)
    if reference is not None:
        return _choices(request, site, reference.kind, [reference])
    if len(words) < SHORTEST or asks_too_much(words):
        return []
    found = [choice for kind in linked_models() for choice in _choices(request, site, kind, words)]
    return sorted(found, key=lambda choice: _rank(choice["text"], words))[:MOST_CHOICES]


def _rank(label: str, words: str) -> int:
    """Return 0 for a label that starts with the words, 1 for one that contains them, and 2 for others."""
    place = label.casefold().find(words.casefold())
    return min(place, 1) if place >= 0 else 2


def _choices(request: HttpRequest, site: AdminSite, kind: str, wanted: str | list[Reference]) -> list[Choice]:
    model: Any = linked_models().get(kind)
    owner: Any = site._registry.get(model)
    if owner is None or not owner.has_view_permission(request) or not owner.get_search_fields(request):
        return []
    rows = owner.get_queryset(request)
    if isinstance(wanted, str):
        rows, may_repeat = owner.get_search_results(request, rows, wanted)
        rows = rows.distinct() if may_repeat else rows
    else:
        rows = rows.filter(pk__in=[reference.key for reference in wanted])
    found = list(rows[:MOST_OF_KIND])
    labels = labels_of(site, found)
    return [
        {
            "href": str(reference_to(row)),
            "text": labels.get(row.pk) or str(row),
            "title": str(row),
            "kind": _kind(row),
        }
        for row in found
    ]


def _kind(row: Any) -> str:
    """Return what a row is; says so if the public cannot see it, in which case a page shows no link."""
    name = str(row._meta.verbose_name)
    return name if row.is_published else gettext("%(kind)s, not on the site now") % {"kind": name}


def with_references(html: str) -> str:
    """Return HTML in which links to the pages of rows of this site are references to these rows."""

    def of_link(found: re.Match[str]) -> str:
        path = own_path(found[1])
        reference = reference_at(LANGUAGE_PREFIX.sub("", path)) if path else None
        return f'href="{escape(str(reference))}"' if reference else found[0]

    return HREF.sub(of_link, html) if links_in(html) else html


def own_path(link: str) -> str:
    """Return the path of a link to this site, or an empty string."""
    link = link.removeprefix(settings.BASE_URL) if settings.BASE_URL else link
    return link if link.startswith("/") and not link.startswith("//") else ""


def fault_of(link: str) -> str:
    """Return what is wrong with a link; empty if nothing is."""
    reference, parts = read_reference(link), _parts(link)
    if reference is not None:
        if rows_of([reference], public=False):
            return ""
        return gettext("A link leads to something that does not exist any more. Choose another page for it.")
    if parts is None:
        return gettext("“%(link)s” is not a web address.") % {"link": link}
    path = own_path(link)
    if path:
        is_known = _is_page(LANGUAGE_PREFIX.sub("", urlsplit(path).path))
        return "" if is_known else gettext("This site has no page “%(link)s”.") % {"link": link}
    if parts.scheme == "mailto":
        return _fault(EmailValidator(), parts.path, gettext("“%(link)s” is not an e-mail address."))
    if parts.scheme == "tel":
        return "" if NUMBER.fullmatch(parts.path) else gettext("“%(link)s” is not a number.") % {"link": link}
    if parts.scheme in ("http", "https"):
        return _fault(URLValidator(["http", "https"]), link, gettext("“%(link)s” is not a web address."))
    return gettext(
        "“%(link)s” is not a full address. Begin with https://, or choose a page of this site with the link button."
    ) % {"link": link}


def _parts(link: str) -> Any:
    try:
        return urlsplit(link)
    except ValueError:
        return None


def _is_page(path: str) -> bool:
    try:
        resolve(path)
    except Resolver404:
        return False
    return True


def _fault(validator: Any, value: str, message: str) -> str:
    try:
        validator(value)
    except ValidationError:
        return message % {"link": value}
    return ""
