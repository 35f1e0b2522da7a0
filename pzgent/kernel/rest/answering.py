"""Base view of the API: strict parameters, ETags, and access from every origin."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from pzgent.kernel.paths import path_of
from pzgent.kernel.problems import LANGUAGE_CODES, api_language, refuse
from pzgent.kernel.rest import JSONRenderer, Negotiation
from pzgent.kernel.rest.conditional import etag_of, unless_modified
from pzgent.kernel.rest.fields import UrlBuilder
from pzgent.kernel.rest.linked import LinkedDataRenderer, Node
from pzgent.kernel.rest.linked import Representation as ShownObject
from pzgent.kernel.rest.parameters import BadRequest, OneOf, Parameter, issue, read_query
from pzgent.kernel.rest.schema import ResourceSchema

logger = logging.getLogger("django.request")
CACHED = "public, max-age=60"
NOT_CACHED = "no-store"
TOO_LARGE_TYPE = "urn:problem-type:pzgent:answerTooLarge"
TOO_LARGE = gettext_lazy(
    "The answer is too large. Ask for less: a smaller pageSize, no embed, or of the organogram a part with root and "
    "depth. Everything at once is in /api/v1/exports/organisation.json."
)
PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
    "Access-Control-Allow-Headers": (
        "Accept, Accept-Language, BelGov-Trace-Id, Content-Type, If-Modified-Since, If-None-Match"
    ),
    "Access-Control-Max-Age": "86400",
}
LANGUAGE = OneOf(
    name="lang", description="Language of labels and messages, above Accept-Language.", known=LANGUAGE_CODES
)


def site_of(request: HttpRequest) -> str:
    """Return the base URL of this site."""
    return settings.BASE_URL or f"{request.scheme}://{request.get_host()}"


def links_for(request: HttpRequest) -> UrlBuilder:
    """Return the builder of absolute URLs of this site and its API."""
    site = site_of(request)
    return UrlBuilder(site=site, api=site + path_of("api:index"))


@dataclass(frozen=True)
class ApiQuery:
    """Parameters of one request, with the language and the URLs to use in its answer."""

    values: Mapping[str, Any]
    links: UrlBuilder
    query: Any
    address: str

    def get(self, name: str, default: Any = None) -> Any:
        """Return the value of a parameter."""
        return self.values.get(name, default)


class Resource(APIView):
    """Read-only view of one address of the API: strict parameters, an ETag, open to every origin."""

    http_method_names: list[str] = ["get", "head", "options"]
    authentication_classes: list[Any] = []
    permission_classes: list[Any] = []
    content_negotiation_class = Negotiation
    schema = ResourceSchema()
    renderer_classes: list[Any] = [JSONRenderer]
    parameters: tuple[Parameter, ...] = ()
    serializer: type[Serializer] | None = None
    # What stands in the path, by the name of the part: what it means, and which there are where that is a fixed list.
    path_help: Mapping[str, str] = {}
    path_values: Mapping[str, Iterable[str]] = {}
    # What a method of a client is called, where its class or its address does not say that.
    operation: str = ""
    summary: str = ""
    # What the description says of it; its docstring where this is empty.
    description: str = ""
    tag: str = ""
    cache_control: str = CACHED
    # Whether Last-Modified tells of every change of the answer, so that a date is enough to say that nothing changed.
    dated: bool = False
    # Makes the linked data of one object from what the JSON shows; None where there is none.
    linked_node: Callable[[ShownObject], Node] | None = None
    # Makes the linked data of a whole answer, where a list is an object itself.
    linked_page: Callable[[ShownObject], Node] | None = None
    # Whether the path names an object, which may have moved or be gone for good.
    is_item: bool = False
    # Whether what the query asks for may be gone for good, as an item may that the path names.
    may_be_gone: bool = False

    def get_renderers(self) -> list[Any]:
        """Return JSON, and JSON-LD for resources with linked data."""
        found = super().get_renderers()
        return [*found, LinkedDataRenderer()] if self.linked_node or self.linked_page else found

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Return the answer in the requested language with the common headers; successful answers get an ETag."""
        language = api_language(request)
        with translation.override(language):
            response: Any = super().dispatch(request, *args, **kwargs)
            if isinstance(response, Response):
                response.render()
        response = _unless_too_large(request, response)
        is_good = response.status_code == 200 and request.method != "OPTIONS"
        if is_good and self.cache_control == CACHED and "ETag" not in response.headers:
            response.headers["Cache-Control"] = CACHED
            response.headers["ETag"] = etag_of(response.content)
        if "ETag" in response.headers and response.status_code == 200:
            response = unless_modified(request, response, by_date=self.dated)
        response.headers.setdefault("Cache-Control", NOT_CACHED)
        response.headers["Content-Language"] = language
        return response

    def get(self, request: Request, **keys: str) -> HttpResponseBase:
        """Return the answer to a valid request."""
        query, links = request.query_params, links_for(request._request)
        values = read_query(self.all_parameters(), query)
        if "select" in values and isinstance(request.accepted_renderer, LinkedDataRenderer):
            raise BadRequest([issue("select", query["select"], _("Linked data are always whole."))])
        asked = ApiQuery(values, links, query, links.site + request.path)
        return Response(self.answer(asked, **keys))

    def options(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Response:
        """Answer the preflight request with which browsers check access from other origins."""
        return Response(None, headers=PREFLIGHT)

    def answer(self, asked: ApiQuery, **keys: str) -> Any:
        """Return the data of the answer."""
        raise NotImplementedError  # a hook: each kind says its own

    def all_parameters(self) -> tuple[Parameter, ...]:
        """Return the parameters of this address, with the common ones last."""
        return (*self.parameters, LANGUAGE)

    def operation_at(self, path: str) -> str:
        """Return the method name in generated clients, such as `getIndex`."""
        return self.operation or f"get{type(self).__name__}"

    def answer_serializer(self) -> type[Serializer] | None:
        """Return the serializer of the complete answer."""
        return self.serializer


def _unless_too_large(request: HttpRequest, response: Any) -> Any:
    """Return the answer, or an error that lists the ways to fetch it in parts; streamed files have no size limit."""
    limit = settings.API_LARGEST_ANSWER
    if not limit or response.status_code != 200 or response.streaming or len(response.content) <= limit:
        return response
    return refuse(request, 400, TOO_LARGE, type=TOO_LARGE_TYPE)
