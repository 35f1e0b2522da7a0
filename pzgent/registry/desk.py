"""Registry of the tasks of editors and of what needs their attention, and the check for broken links."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any
from urllib.parse import unquote, urlsplit

from django.db.models import Model, Q
from django.urls import Resolver404, resolve
from django.utils.translation import gettext_lazy as _

from contact import desk as contact
from organisation import desk as organisation
from organisation.models import Unit
from projects import desk as projects
from pzgent.kernel.editing.attention import Check, publication_checks
from pzgent.kernel.editing.linking import own_path
from pzgent.kernel.editing.tasks import Task
from pzgent.kernel.links import links_in
from pzgent.kernel.rich_text import OWN_SCHEME, rich_text_fields
from pzgent.kernel.translations import OTHER_LANGUAGES
from pzgent.models import Bundle, FactAnswer
from pzgent.models.fact_checks import TO_SETTLE
from pzgent.registry.pages import ROW_PAGES

TOGETHER = Task(title=_("Publish changes together"), view="pzgent_bundle_changelist", model=Bundle)
TASKS: tuple[Task, ...] = (*contact.TASKS, *organisation.TASKS, *projects.TASKS, TOGETHER)
REPORTED = Check(
    name="reported",
    title=_("Reported by a service"),
    model=FactAnswer,
    condition=lambda on: TO_SETTLE,
    parameter="todo=settle",
)
OWN: tuple[Check, ...] = (*contact.CHECKS, *organisation.CHECKS, *projects.CHECKS, REPORTED)
OTHER_LANGUAGE = re.compile(rf"^/({'|'.join(OTHER_LANGUAGES)})(/|$)")
# Links to other sites; those to a row of this site are checked, and listed by name, in `pzgent/admin/broken_links.py`.
ELSEWHERE = ("http:", "https:", "mailto:", "tel:", "#", f"{OWN_SCHEME}:")


@cache
def checks_of(model: type[Model]) -> tuple[Check, ...]:
    """Return the checks about a model: those of its app first."""
    own = (check for check in OWN if check.model is model)
    return (*own, *_link_checks(model), *publication_checks(model))


def _link_checks(model: type[Any]) -> Iterator[Check]:
    names = rich_text_fields(model)
    if names:
        yield Check(
            name="links",
            title=_("Broken link in a text"),
            model=model,
            keys=lambda on: find_broken(model, names),
        )


def find_broken(model: type[Any], names: Iterable[str]) -> list[Any]:
    """Return the keys of the rows with a link to a page of this site that does not exist.

    One query for the texts, and one for each type of page that they link to.
    """
    names = list(names)
    with_link = Q(pk__in=[])
    for name in names:
        with_link |= Q(**{f"{name}__contains": "<a "})
    pages: dict[str, set[str]] = {}
    return [
        key
        for key, *texts in model._base_manager.filter(with_link).values_list("pk", *names)
        if any(is_broken(href, pages) for text in texts for href in links_in(text))
    ]


def is_broken(href: str, pages: dict[str, set[str]]) -> bool:
    """Return whether a link leads to no page of this site; `pages` collects the existing slugs per type of page.

    A link without a scheme that does not start with a slash is broken: it leads elsewhere from each page.
    """
    path = own_path(href)
    if not path:
        return not href.startswith(ELSEWHERE)
    path = OTHER_LANGUAGE.sub("/", unquote(urlsplit(path).path))
    try:
        match = resolve(path)
    except Resolver404:
        return True
    slug, name = match.kwargs.get("slug"), match.url_name or ""
    if slug is None or name not in ROW_PAGES:
        return False
    if name not in pages:
        pages[name] = {str(row.slug) for row in ROW_PAGES[name].rows()}
        pages[name] |= set(_former_slugs(name))
    return slug not in pages[name]


def _former_slugs(name: str) -> Iterable[str]:
    """Return the slugs that redirect to a page of this type."""
    units: Any = Unit.objects
    return (
        units.exclude(former_slugs=None).values_list("former_slugs__slug", flat=True)
        if "unit" in name
        else ()
    )
