"""Links from a text of the editors to a row of the site.

The text stores the identity of the row, `pzgent:topic/<key>`, so that the link follows when the row gets another
address. A page shows the current address, or only the words while the public cannot see the row. Texts that leave the
site, or that are rendered without the database, contain a permanent address, which redirects.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from html import unescape
from typing import Any, NamedTuple
from uuid import UUID

from django.apps import apps
from django.db.models import Model
from django.urls import Resolver404, resolve, reverse
from django.utils.translation import gettext as _

from pzgent.kernel.publishing import Publishable
from pzgent.kernel.rich_text import OWN_LINK, OWN_SCHEME, is_html, to_html

ANCHOR = re.compile(r"<a( [^<>]*)?>(.*?)</a>", re.DOTALL)
HREF = re.compile(r'href="([^"]*)"')


class Reference(NamedTuple):
    """The identity of a row: the name of its model, and its primary key."""

    kind: str
    key: UUID

    def __str__(self) -> str:
        return f"{OWN_SCHEME}:{self.kind}/{self.key}"


@cache
def linked_models() -> Mapping[str, type[Publishable]]:
    """Return the models whose rows have a place on the site, by name."""
    return {
        str(model._meta.model_name): model
        for model in apps.get_models()
        if issubclass(model, Publishable) and hasattr(model, "get_absolute_url")
    }


def reference_to(row: Model) -> Reference:
    """Return the reference to a row."""
    return Reference(str(row._meta.model_name), UUID(str(row.pk)))


def read_reference(text: str) -> Reference | None:
    """Return the reference that a link contains; None for any other link."""
    found = OWN_LINK.fullmatch(text)
    return Reference(found[1], UUID(found[2])) if found else None


def links_in(text: str) -> list[str]:
    """Return the addresses of the links in a text, in order."""
    return [unescape(address) for address in HREF.findall(to_html(text))] if is_html(text) else []


def rows_of(references: Iterable[Reference], *, public: bool) -> dict[Reference, Any]:
    """Return the rows that exist, or only those that the public sees; one query per model."""
    by_kind: dict[str, set[UUID]] = defaultdict(set)
    for kind, key in references:
        by_kind[kind].add(key)
    found: dict[Reference, Any] = {}
    for kind in by_kind.keys() & linked_models().keys():
        model: Any = linked_models()[kind]
        rows = model.objects.with_address() if public else model._base_manager.all()
        found.update((Reference(kind, row.pk), row) for row in rows.filter(pk__in=by_kind[kind]))
    return found


def address_of(kind: str, key: UUID) -> str | None:
    """Return the path of a row in the active language; None if the public cannot see it."""
    reference = Reference(kind, key)
    row = rows_of([reference], public=True).get(reference)
    return row.get_absolute_url() if row else None


def reference_at(path: str) -> Reference | None:
    """Return the reference to the row whose page has this path; None for any other page."""
    try:
        match = resolve(path)
    except Resolver404:
        return None
    slug = match.kwargs.get("slug")
    if slug is None:
        return None
    for kind, model in linked_models().items():
        row = model._base_manager.filter(slug=slug).first()
        if row is not None and row.get_absolute_url() == path:  # type: ignore[attr-defined]  # see `linked_models`
            return Reference(kind, row.pk)
    return None


def page_html(text: str) -> str:
    """Return a text as HTML for a page of the site: links lead to the current addresses, and tables can scroll."""
    html = to_html(text)
    if f'"{OWN_SCHEME}:' in html:
        references = {found for link in links_in(html) if (found := read_reference(link))}
        addresses = {
            str(reference): row.get_absolute_url()
            for reference, row in rows_of(references, public=True).items()
        }
        html = _with_links(html, addresses.get)
    return with_frames(html)


def permanent_html(text: str, site: str = "") -> str:
    """Return a text as HTML for elsewhere: links lead to permanent addresses, and all of them name the site."""

    def permanent(link: str) -> str | None:
        reference = read_reference(link)
        return f"{site}{permanent_path(reference)}" if reference else None

    html = to_html(text)
    html = _with_links(html, permanent) if f'"{OWN_SCHEME}:' in html else html
    return html.replace('href="/', f'href="{site}/') if site else html


def permanent_path(reference: Reference) -> str:
    """Return the path in the active language that always leads to the row."""
    return reverse("permanent-link", args=[reference.kind, reference.key])


def _with_links(html: str, address_for: Callable[[str], str | None]) -> str:
    """Return HTML in which each link to a row has its address; without one, only its words stay."""

    def of_anchor(anchor: re.Match[str]) -> str:
        link = HREF.search(anchor[1] or "")
        if link is None or read_reference(link[1]) is None:
            return anchor[0]
        address = address_for(link[1])
        return anchor[0].replace(link[0], f'href="{address}"', 1) if address else anchor[2]

    return ANCHOR.sub(of_anchor, html)


def with_frames(html: str) -> str:
    """Return HTML in which each table scrolls by itself, by keyboard too."""
    if "<table>" not in html:
        return html
    opening = f'<div class="table-frame" tabindex="0" role="group" aria-label="{_("Table")}"><table>'
    return html.replace("<table>", opening).replace("</table>", "</table></div>")
