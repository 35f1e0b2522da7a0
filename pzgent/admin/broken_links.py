"""Links in texts of the editors that lead nowhere for the public, for the index page of the admin."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.contrib.admin import AdminSite
from django.contrib.admin.utils import quote
from django.db.models import ForeignKey, Model, Q, TextField
from django.db.models.functions import Cast
from django.http import HttpRequest
from django.urls import reverse

from pzgent.kernel.links import Reference, read_reference, rows_of
from pzgent.kernel.publishing import Publishable
from pzgent.kernel.rich_text import OWN_LINK, OWN_SCHEME, rich_text_fields
from pzgent.kernel.translations import Translated

MOST = 10


@dataclass(frozen=True)
class BrokenLink:
    """A text with a link that leads nowhere: what it belongs to, where to change it, and what it linked to."""

    text: str
    address: str
    target: str


def find_broken_links(request: HttpRequest, site: AdminSite) -> list[BrokenLink]:
    """Return the first broken links in what the editor may change. One query per model with such texts, and per target.

    A draft may link to another draft; what the public sees, only to what it sees too.
    """
    linking = [pair for model in apps.get_models() for pair in _linking_rows(request, site, model)]
    wanted = {reference for _row, _address, references in linking for reference in references}
    existing, public = rows_of(wanted, public=False), rows_of(wanted, public=True)
    found = []
    for row, address, references in linking:
        is_shown = not isinstance(row, Publishable) or row.is_published
        good = public if is_shown else existing
        found += [
            BrokenLink(str(row), address, str(existing.get(reference, "")))
            for reference in references
            if reference not in good
        ]
    return found[:MOST]


def _linking_rows(
    request: HttpRequest, site: AdminSite, model: type[Model]
) -> Iterator[tuple[Any, str, list[Reference]]]:
    """Yield the rows of a model whose texts link to rows, the page on which to change each, and the references."""
    names = rich_text_fields(model)
    owner = _owner(site, model) if names else None
    if owner is None:
        return
    admin, key = owner
    if not admin.has_change_permission(request):
        return
    condition = Q(*((f"{name}__contains", f"{OWN_SCHEME}:") for name in names), _connector=Q.OR)
    rows: Any = admin.get_queryset(request) if admin.model is model else model._base_manager.all()
    if issubclass(model, Translated):
        rows = rows.annotate(translated_texts=Cast("translations", TextField()))
        condition |= Q(translated_texts__contains=f"{OWN_SCHEME}:")
    base = f"admin:{admin.opts.app_label}_{admin.opts.model_name}_change"
    for row in rows.filter(condition):
        address = reverse(base, args=[quote(getattr(row, key))])
        yield row, address, sorted(_references_in(row, names))


def _owner(site: AdminSite, model: type[Model]) -> tuple[Any, str] | None:
    """Return the admin on whose page a model is edited, and the attribute with the key of that page."""
    if site.is_registered(model):
        return site.get_model_admin(model), "pk"
    for admin in site._registry.values():
        if any(inline.model is model for inline in admin.inlines):
            for field in model._meta.concrete_fields:
                if isinstance(field, ForeignKey) and field.related_model is admin.model:
                    return admin, field.attname
    return None


def _references_in(row: Any, names: Iterable[str]) -> set[Reference]:
    texts = [getattr(row, name) for name in names]
    if isinstance(row, Translated):
        texts += [text["text"] for known in row.translations.values() for text in known.values()]
    found = {match[0] for text in texts for match in OWN_LINK.finditer(text)}
    return {reference for link in found if (reference := read_reference(link))}
