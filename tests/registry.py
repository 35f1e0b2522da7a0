"""Inventory of the project, from its own registries: models, fields, addresses and query parameters.

Tests that iterate over these lists cover a new model, page, parameter or admin view automatically. Where a list
cannot be derived, a table here names its members, and `tests/pzgent/test_registry.py` fails until the table is
complete.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.db import models
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.urls.resolvers import RoutePattern
from django.utils import translation

from contact.forms import NeedForm, PlaceForm
from contact.models import Channel, Location, Topic
from organisation.forms import FigureFilterForm, OrganogramForm, WordsFilterForm
from organisation.models import (
    Unit,
)
from projects.forms import ProjectFilterForm
from pzgent.api import urls as api
from pzgent.api.about import CODE_LISTS
from pzgent.exports.export import tables_of
from pzgent.models.previews import SIGNER, PreviewLink
from pzgent.registry.pages import FIXED_PAGES, ROW_PAGES
from pzgent.syndication.sitemaps import SITEMAPS

APPS = ("pzgent", "organisation", "projects", "contact")
LANGUAGES = tuple(code for code, _name in settings.LANGUAGES)
# Model behind each collection of the API.
COLLECTED: dict[str, type[models.Model]] = {name: kind.model() for name, kind in api.EXPORTED.items()}
Keys = Iterator[dict[str, Any]]


def _slugs(model: Any, name: str = "slug") -> Callable[[], Keys]:
    """Return a function that yields the URL kwargs of all rows of a model, hidden rows included."""
    return lambda: ({name: slug} for slug in model.objects.values_list("slug", flat=True).distinct())


def _channels(**_keys: Any) -> Keys:
    for topic, slug in Channel.objects.values_list("topic__slug", "slug"):
        yield {"topic": topic, "slug": slug}


def _histories() -> Keys:
    for name in api.EXPORTED:
        for key in COLLECTED[name].objects.values_list("pk", flat=True):
            yield {"collection": name, "id": key}


def _pictures() -> Keys:
    for name, pages in ROW_PAGES.items():
        for keys in _slugs(pages.rows().model)():
            yield {"page": name, **keys}


def _items() -> dict[str, Callable[[], Keys]]:
    """Return the items of the API."""
    keys: dict[str, Callable[[], Keys]] = {}
    for name, collection in api.EXPORTED.items():
        model: Any = COLLECTED[name]
        keys[f"api:{name}-item"] = (
            (lambda model=model: ({"id": key} for key in model.objects.values_list("pk", flat=True)))
            if collection.key == "id"
            else _slugs(model)
        )
    return keys


# The keys with which each address that takes any is asked: by the name of the address, all there are.
def _files() -> Keys:
    """Yield the keys of every row that may have an uploaded file, whether it has one or not."""
    for model, field in file_fields():
        for key in model._base_manager.values_list("pk", flat=True):
            yield {"model": model._meta.model_name, "key": key, "field": field.name}


def _tokens() -> Keys:
    return ({"token": SIGNER.sign(key.hex)} for key in PreviewLink.objects.values_list("pk", flat=True))


KEYS: dict[str, Callable[[], Keys]] = {
    **_items(),
    **{name: _slugs(pages.rows().model) for name, pages in ROW_PAGES.items()},
    "api:openingHours": lambda: ({"id": key} for key in Channel.objects.values_list("pk", flat=True)),
    "api:history": _histories,
    "api:export-csv": lambda: ({"table": name} for name in tables_of(api.EXPORTED)),
    "api:refData-item": lambda: ({"name": name} for name in CODE_LISTS),
    "channel-calendar": _channels,
    "channel-card": _channels,
    "channel-closings": _channels,
    "embed-branch": _slugs(Unit),
    "embed-channel": _channels,
    "embed-topic": _slugs(Topic, "topic"),
    "file": _files,
    "preview-link": lambda: _tokens(),
    "preview-link-page": lambda: ({**token, "page": "contact"} for token in _tokens()),
    "permanent-link": lambda: (
        {"kind": "topic", "key": key} for key in Topic.objects.published().values_list("pk", flat=True)
    ),
    "page-picture": lambda: ({"page": name} for name in FIXED_PAGES),
    "row-picture": _pictures,
    "sitemap-part": lambda: ({"section": name} for name in SITEMAPS),
    "station-closings": _slugs(Location),
    "unit-card": _slugs(Unit),
}
# Routes with a regular expression instead of a name, by that expression, and the paths that represent them.
UNNAMED: dict[str, tuple[str, ...]] = {
    r"^(?P<path>admin|fr|en|de)$": ("/fr",),
    r"^(?P<path>(?!admin/|api/)[\w-]+(?:/[\w.-]+)*)/$": ("/contact/", "/fr/zoeken/"),
    "^.*$": ("/api/v1/bestaat-niet", "/api/"),
}


def _offered(form: Any) -> tuple[str, ...]:
    return tuple(form.base_fields)


# Query parameters of the pages; those of the API are described by its views.
PARAMETERS: dict[str, tuple[str, ...]] = {
    "about": ("pagina",),
    "changes-feed": ("before",),
    "contact": ("q", "voor", "urgentie", *_offered(NeedForm)),
    "documents": _offered(WordsFilterForm),
    "key-figures": _offered(FigureFilterForm),
    "notice-feed": ("before",),
    "oembed": ("url", "format", "maxwidth", "maxheight"),
    "organogram": _offered(OrganogramForm),
    "organogram-chart": _offered(OrganogramForm),
    "organogram-feed": ("before",),
    "organogram-pdf": _offered(OrganogramForm),
    "organogram-table": _offered(OrganogramForm),
    "project-feed": ("before",),
    "projects": _offered(ProjectFilterForm),
    "search": ("q", "soort"),
    "sitemap": ("p",),
    "sitemap-part": ("p",),
    "staffing": ("versie", "met"),
    "stations": ("postcode", *_offered(PlaceForm)),
    "terms": _offered(WordsFilterForm),
}
# Query parameters without which an address responds with 400.
REQUIRED = {"api:organogramChanges": "from=2021-05-01", "api:search": "q=politie", "oembed": "url={root}"}


def project_models(*, auto_created: bool = False) -> list[type[models.Model]]:
    """Return every model of the project's own apps."""
    found = (apps.get_app_config(name).get_models(include_auto_created=auto_created) for name in APPS)
    return [model for part in found for model in part]


def text_fields(model: type[models.Model]) -> list[models.Field]:
    """Return the columns that can hold free text: no choices, keys or numbers."""
    kinds = (models.CharField, models.TextField, models.JSONField, models.FileField)
    return [
        field for field in model._meta.local_concrete_fields if isinstance(field, kinds) and not field.choices
    ]


def file_fields() -> list[tuple[type[models.Model], models.FileField]]:
    """Return every column that refers to an uploaded file."""
    return [
        (model, field)
        for model in project_models()
        for field in model._meta.local_concrete_fields
        if isinstance(field, models.FileField)
    ]


def foreign_keys_to(model: type[models.Model]) -> list[tuple[type[models.Model], models.ForeignKey]]:
    """Return every foreign key of the project to a model, with the model that holds it."""
    return [
        (holder, field)
        for holder in project_models()
        for field in holder._meta.local_concrete_fields
        if isinstance(field, models.ForeignKey) and field.related_model is model
    ]


@dataclass(frozen=True)
class Route:
    """One route of the URL configuration."""

    name: str
    expression: str
    keys: tuple[str, ...]
    in_languages: bool
    view: Any

    @property
    def is_api(self) -> bool:
        return self.expression.startswith("api/")

    @property
    def is_admin(self) -> bool:
        return self.expression.startswith("admin/")


def routes() -> list[Route]:
    """Return every route of the site, in the order in which Django tries them."""
    return list(_walk(get_resolver(), "", "", in_languages=False))


def _walk(resolver: URLResolver, prefix: str, space: str, *, in_languages: bool) -> Iterator[Route]:
    for part in resolver.url_patterns:
        expression = str(part.pattern)
        if isinstance(part, URLResolver):
            inner = in_languages or (not isinstance(part.pattern, RoutePattern) and not expression)
            named = f"{space}{part.namespace}:" if part.namespace else space
            yield from _walk(part, f"{prefix}{expression}", named, in_languages=inner)
        elif isinstance(part, URLPattern):
            name = f"{space}{part.name}" if part.name else ""
            keys = tuple(part.pattern.regex.groupindex)
            yield Route(name, f"{prefix}{expression}", keys, in_languages, part.callback)


def public_routes() -> list[Route]:
    """Return every route outside the admin."""
    return [route for route in routes() if not route.is_admin]


def addresses_of(route: Route, language: str = "nl") -> Iterator[str]:
    """Yield the addresses of a route in a language, one for every row that could be requested there, hidden or not."""
    if route.expression.startswith("^media/"):
        yield from file_addresses()
        return
    if not route.name or route.name == "api:nowhere":
        yield from UNNAMED[route.expression.removeprefix("api/")]
        return
    with translation.override(language):
        for keys in KEYS[route.name]() if route.keys else ({},):
            yield reverse(route.name, kwargs=keys)


def file_addresses() -> Iterator[str]:
    """Yield the address of every uploaded file."""
    for model, field in file_fields():
        for row in model._base_manager.exclude(**{field.name: ""}):
            yield getattr(row, field.name).url


def with_query(route: Route, address: str, **more: str) -> str:
    """Return the address with its required query parameters."""
    query = REQUIRED.get(route.name, "").format(root="http%3A%2F%2Ftestserver%2Forganogram")
    return f"{address}?{query}" if query else address


def parameters_of(route: Route) -> tuple[str, ...]:
    """Return the query parameters that a route understands."""
    if not route.is_api:
        return tuple(dict.fromkeys(PARAMETERS.get(route.name, ())))
    view = getattr(route.view, "cls", None)
    if view is None or not hasattr(view, "all_parameters"):
        return ("lang",)
    made = view(**getattr(route.view, "initkwargs", {}))
    return tuple(parameter.name for parameter in made.all_parameters())


def is_key(value: str) -> bool:
    """True if a text is the key of a row instead of a slug."""
    try:
        UUID(value)
    except ValueError:
        return False
    return True
