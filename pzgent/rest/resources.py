"""The resources of the API: one address each, strict about what is asked, cached, open to every origin."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from operator import or_
from typing import Any

from django.conf import settings
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponseBase, HttpResponseNotModified
from django.urls import reverse
from django.utils import translation
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from pzgent.rest import JSONRenderer, Negotiation, NotFound
from pzgent.rest.fields import Links
from pzgent.rest.linked import LinkedDataRenderer, Node
from pzgent.rest.linked import Shown as ShownObject
from pzgent.rest.parameters import BadRequest, Names, Number, Parameter, Text, issue, read_query
from pzgent.rest.schema import ResourceSchema, page_of

PAGE_SIZE, MAX_PAGE_SIZE = 50, 100
CACHED = "public, max-age=60"
NOT_CACHED = "no-store"
OPEN_TO_ALL = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Location",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
    "Access-Control-Allow-Headers": "Accept, Accept-Language, Content-Type, If-None-Match",
    "Access-Control-Max-Age": "86400",
}
PAGE = Number(name="page", description="Page number, from 1.", default=1)
SIZE = Number(name="pageSize", description="Items on a page.", high=MAX_PAGE_SIZE, default=PAGE_SIZE)
SEARCH = Text(name="q", description="Only items that contain all of these words.")
LANGUAGE_CODES = tuple(code for code, _name in settings.LANGUAGES)
LANGUAGE = Names(name="lang", description="Language of labels and messages.", known=LANGUAGE_CODES)


def language_of(request: HttpRequest) -> str:
    """The language that the query asks for, Dutch unless it names a known one."""
    code = request.GET.get("lang", "")
    return code if code in LANGUAGE_CODES else settings.LANGUAGE_CODE


def links_for(request: HttpRequest) -> Links:
    """The absolute addresses of this site."""
    site = settings.BASE_URL or f"{request.scheme}://{request.get_host()}"
    return Links(site=site, api=site + reverse("api:index"))


@dataclass(frozen=True)
class Asked:
    """What one request asks: the values of its parameters, and how addresses are written in the answer."""

    values: Mapping[str, Any]
    links: Links
    query: Any
    address: str

    def get(self, name: str, default: Any = None) -> Any:
        """The value of a parameter."""
        return self.values.get(name, default)


class Resource(APIView):
    """One address of the API: strict parameters, an ETag, open to every origin, read only."""

    http_method_names: list[str] = ["get", "head", "options"]
    authentication_classes: list[Any] = []
    permission_classes: list[Any] = []
    content_negotiation_class = Negotiation
    schema = ResourceSchema()
    renderer_classes: list[Any] = [JSONRenderer]
    parameters: tuple[Parameter, ...] = ()
    serializer: type[Serializer] | None = None
    more_errors: dict[int, str] = {}
    summary: str = ""
    tag: str = ""
    cache_control: str = CACHED
    # Makes the linked data of one object from what the JSON shows; None where there is none.
    linked_node: Callable[[ShownObject], Node] | None = None

    def get_renderers(self) -> list[Any]:
        """JSON, and JSON-LD where there is linked data."""
        found = super().get_renderers()
        return [*found, LinkedDataRenderer()] if self.linked_node else found

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The answer, rendered in the language asked for, with the headers that all answers share."""
        with translation.override(language_of(request)):
            response = super().dispatch(request, *args, **kwargs)
            if isinstance(response, Response):
                response.render()
        return self._with_headers(request, response)

    def get(self, request: Request, **keys: str) -> Response:
        """The answer to a request without faults."""
        site = links_for(request._request)
        query = request.query_params
        asked = Asked(read_query(self.all_parameters(), query), site, query, site.site + request.path)
        return Response(self.answer(asked, **keys))

    def options(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Response:
        """What a browser asks before it lets another site read this."""
        return Response(None, status=204, headers=PREFLIGHT)

    def answer(self, asked: Asked, **keys: str) -> Any:
        """The data of the answer."""
        raise NotImplementedError

    def all_parameters(self) -> tuple[Parameter, ...]:
        """The parameters of this address, the common ones last."""
        return (*self.parameters, LANGUAGE)

    def answer_serializer(self) -> type[Serializer] | None:
        """What describes the whole answer."""
        return self.serializer

    def _with_headers(self, request: HttpRequest, response: Any) -> HttpResponseBase:
        if response.status_code == 200 and self.cache_control == CACHED:
            response.headers["Cache-Control"] = CACHED
            response.headers["ETag"] = f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'
            response = _unless_modified(request, response)
        response.headers.setdefault("Cache-Control", NOT_CACHED)
        for name, value in OPEN_TO_ALL.items():
            response.headers[name] = value
        patch_vary_headers(response, ["Accept"])
        return response


def _unless_modified(request: HttpRequest, response: Any) -> HttpResponseBase:
    """The response, or 304 when the client already has it."""
    if request.method not in ("GET", "HEAD"):
        return response
    answer = get_conditional_response(request, etag=response.headers["ETag"], response=response)
    return answer if isinstance(answer, HttpResponseNotModified) else response


class Shown(Resource):
    """What lists and items share: they show objects through a serializer, of which a client may select fields."""

    def all_parameters(self) -> tuple[Parameter, ...]:
        """The parameters of this address, the common ones last."""
        return (*self.parameters, self._select, LANGUAGE)

    @cached_property
    def _select(self) -> Names:
        serializer = self.serializer
        known = tuple(serializer().fields) if serializer else ()
        return Names(name="select", description="Only these fields of an item, commas between.", known=known)

    def show(self, rows: Iterable[Any], asked: Asked, **context: Any) -> list[dict[str, Any]]:
        """The rows as the API shows them."""
        if self.serializer is None:
            raise NotImplementedError
        serializer = self.serializer(context={"links": asked.links, "asked": asked, **context})
        if selected := asked.get("select"):
            for name in set(serializer.fields) - set(selected):
                serializer.fields.pop(name)
        return [serializer.to_representation(row) for row in rows]

    def context_for(self, rows: list[Any], asked: Asked) -> dict[str, Any]:
        """What the serializer needs beside the rows, fetched once for all of them."""
        return {}


class Collection(Shown):
    """A list in pages: `{"self", "items", "total", "page", "pageSize", "next", "prev"}`."""

    search_fields: tuple[str, ...] = ()
    # What a client may sort by, and the columns behind it.
    orders: dict[str, str] = {}

    def rows(self, asked: Asked) -> QuerySet | Sequence[Any]:
        """All rows that may be shown, in their normal order. A sequence is taken as it is, without narrowing."""
        raise NotImplementedError

    def all_parameters(self) -> tuple[Parameter, ...]:
        """The parameters of this address, those of every list after its own."""
        sort = Names(
            name="sort", description="Order; a minus reverses it.", known=tuple(self.orders), signed=True
        )
        words = [SEARCH] if self.search_fields else []
        return (
            *self.parameters,
            *words,
            *([sort] if self.orders else []),
            PAGE,
            SIZE,
            self._select,
            LANGUAGE,
        )

    def answer_serializer(self) -> type[Serializer] | None:
        """A page of items."""
        return page_of(self.serializer) if self.serializer else None

    def answer(self, asked: Asked, **keys: str) -> dict[str, Any]:
        """One page of the rows that the parameters leave."""
        found = self.rows(asked)
        if isinstance(found, QuerySet):
            found = self.narrow(found, asked)
        page, size = asked.get("page", 1), asked.get("pageSize", PAGE_SIZE)
        total = found.count() if isinstance(found, QuerySet) else len(found)
        last = max(1, -(-total // size))
        if page > last:
            raise BadRequest([issue("page", str(page), _("The last page is %(page)s.") % {"page": last})])
        rows = list(found[(page - 1) * size : page * size])
        answer: dict[str, Any] = {
            "self": _address(asked, page),
            "items": self.show(rows, asked, **self.context_for(rows, asked)),
        }
        answer |= {"total": total, "page": page, "pageSize": size}
        answer |= {"next": _address(asked, page + 1)} if page < last else {}
        return answer | ({"prev": _address(asked, page - 1)} if page > 1 else {})

    def narrow(self, rows: QuerySet, asked: Asked) -> QuerySet:
        """The rows that meet every parameter, in the order asked for."""
        for parameter in self.parameters:
            if parameter.lookup and parameter.name in asked.values:
                rows = rows.filter(**{parameter.lookup: asked.values[parameter.name]})
        if words := asked.get("q"):
            rows = self.search(rows, words)
        if names := asked.get("sort"):
            signs = {name: "-" if name.startswith("-") else "" for name in names}
            rows = rows.order_by(
                *(f"{sign}{self.orders[name.lstrip('-')]}" for name, sign in signs.items()), "pk"
            )
        return rows

    def search(self, rows: QuerySet, words: str) -> QuerySet:
        """The rows that contain every word in one of the fields searched."""
        for word in words.split():
            rows = rows.filter(
                reduce(or_, (Q(**{f"{field}__icontains": word}) for field in self.search_fields))
            )
        return rows


def _address(asked: Asked, page: int) -> str:
    """The address of another page of the same list."""
    query = asked.query.copy()
    if page != 1 or "page" in query:
        query["page"] = str(page)
    return f"{asked.address}?{query.urlencode()}" if query else asked.address


class Item(Shown):
    """One object."""

    key: str = "slug"

    def rows(self, asked: Asked) -> QuerySet:
        """All rows that may be shown."""
        raise NotImplementedError

    def row(self, asked: Asked, key: str) -> Model | None:
        """The object with this key if the public may see it."""
        return self.rows(asked).filter(**{self.key: key}).first()

    def answer(self, asked: Asked, **keys: str) -> dict[str, Any]:
        """The object as the API shows it. Raises NotFound."""
        key = str(keys[self.key])
        row = self.row(asked, key)
        if row is None:
            raise NotFound(self.key, key, _("Nothing has this address."))
        return self.show([row], asked, **self.context_for([row], asked))[0]
