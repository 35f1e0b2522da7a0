"""The resources of the API: one address each, strict about what is asked, cached, open to every origin."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from operator import or_
from typing import Any, Protocol
from uuid import UUID

import orjson
from django.conf import settings
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotModified
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.cache import get_conditional_response
from django.utils.http import http_date, parse_http_date_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.exceptions import UnsupportedMediaType
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from pzgent.problems import LANGUAGE_CODES, api_language, refuse
from pzgent.publishing import retired_at
from pzgent.rest import Gone, JSONRenderer, Negotiation, NotFound
from pzgent.rest.embedding import Embeds, embed_parameter, get_embedded
from pzgent.rest.fields import Links
from pzgent.rest.linked import LinkedDataRenderer, Node
from pzgent.rest.linked import Shown as ShownObject
from pzgent.rest.memo import Kept, Key, memo
from pzgent.rest.parameters import BadRequest, Names, Number, OneOf, Parameter, Text, issue, read_query
from pzgent.rest.schema import ResourceSchema, embedding, page_of

PAGE_SIZE, MAX_PAGE_SIZE = 50, 100
CACHED = "public, max-age=60"
NOT_CACHED = "no-store"
SETTLED = datetime.timedelta(seconds=2)
NOTHING_HERE = gettext_lazy("Nothing has this address.")
NO_LONGER_HERE = gettext_lazy("This was published here, and no longer is.")
TOO_LARGE_TYPE = "urn:problem-type:pzgent:answerTooLarge"
TOO_LARGE = gettext_lazy(
    "The answer is too large. Ask for less: a smaller pageSize, no embed, or of the organogram a part with root and "
    "depth. Everything at once is in /api/v1/exports/organisation.json."
)
PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
    "Access-Control-Allow-Headers": "Accept, Accept-Language, Content-Type, If-Modified-Since, If-None-Match",
    "Access-Control-Max-Age": "86400",
}
PAGE = Number(name="page", description="Page number, from 1.", default=1)
SIZE = Number(name="pageSize", description="Items on a page.", high=MAX_PAGE_SIZE, default=PAGE_SIZE)
SEARCH = Text(name="q", description="Only items that contain all of these words.")
# With these parameters a list shows its items in another way than the change feed tells them.
OTHERWISE = {"select", "embed", "asOf", "at", "near"}
LANGUAGE = OneOf(
    name="lang", description="Language of labels and messages, above Accept-Language.", known=LANGUAGE_CODES
)


def links_for(request: HttpRequest) -> Links:
    """The absolute addresses of this site."""
    site = settings.BASE_URL or f"{request.scheme}://{request.get_host()}"
    return Links(site=site, api=site + reverse("api:index"))


class Told(Protocol):
    """What the change feed last told of each object; given by whoever composes the API."""

    def is_up_to_date(self, revision: str) -> bool:
        """Number what changed until this revision; False when that cannot be done now."""

    def with_numbers(self, rows: QuerySet, collection: str, key: str) -> QuerySet:
        """The rows with `change_number`; `key` is the column with the object's id."""

    def get_bodies(
        self, rows: QuerySet, collection: str, key: str, site: str
    ) -> list[tuple[int, bytes]] | None:
        """Per row its number and the object in Dutch with all its fields; None when something is missing."""


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
    # What may stand in the path, by the name of the part, where that is a fixed list.
    path_values: Mapping[str, Iterable[str]] = {}
    summary: str = ""
    tag: str = ""
    cache_control: str = CACHED
    # Whether Last-Modified tells of every change of the answer, so that a date is enough to say that nothing changed.
    dated: bool = False
    # Makes the linked data of one object from what the JSON shows; None where there is none.
    linked_node: Callable[[ShownObject], Node] | None = None
    # A text that differs whenever any data behind the answer do, given by whoever composes the API. Answers are kept
    # in memory under it; without it they are made anew each time.
    revision: Callable[[], str] | None = None
    # Whether the answer says something about the present minute.
    by_the_minute: bool = False
    _key: Key | None = None

    def get_renderers(self) -> list[Any]:
        """JSON, and JSON-LD where there is linked data."""
        found = super().get_renderers()
        return [*found, LinkedDataRenderer()] if self.linked_node else found

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The answer, rendered in the language asked for, with the headers that all answers share."""
        language = api_language(request)
        with translation.override(language):
            response = super().dispatch(request, *args, **kwargs)
            if isinstance(response, Response):
                response.render()
        response = self._with_headers(request, _unless_too_large(request, response))
        response.headers["Content-Language"] = language
        return response

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse content of another kind than JSON. A question needs no content; RFC 9110 gives it no meaning."""
        super().initial(request, *args, **kwargs)
        kind = request._request.content_type
        if (
            request.method in ("GET", "HEAD")
            and _has_content(request._request)
            and kind != JSONRenderer.media_type
        ):
            raise UnsupportedMediaType(kind or "")

    def get(self, request: Request, **keys: str) -> HttpResponseBase:
        """The answer to a request without faults; the same bytes again while the data are the same."""
        site = links_for(request._request)
        # Read before the data: an answer made from newer data than its key says is merely not found again.
        self._key = self._key_of(request, site.site)
        kept = memo.get(self._key) if self._key else None
        if kept:
            return HttpResponse(kept.body, headers=kept.headers)
        return self.fresh(request, site, **keys)

    def fresh(self, request: Request, site: Links, **keys: str) -> Response:
        """The answer, made from the data."""
        query = request.query_params
        asked = Asked(read_query(self.all_parameters(), query), site, query, site.site + request.path)
        if asked.get("select") and isinstance(request.accepted_renderer, LinkedDataRenderer):
            raise BadRequest([issue("select", query["select"], _("Linked data are always whole."))])
        return Response(self.answer(asked, **keys))

    def _key_of(self, request: Request, site: str) -> Key | None:
        """Under what the answer is kept; None when it is not."""
        if self.revision is None or self.cache_control != CACHED:
            return None
        # What is embedded may be a channel, of which the minute matters.
        has_minute = self.by_the_minute or "embed" in request.query_params
        minute = timezone.now().strftime("%Y%m%d%H%M") if has_minute else ""
        language, media_type = translation.get_language() or "", request.accepted_media_type or ""
        query = request.META.get("QUERY_STRING", "")
        return self.revision(), minute, site, language, media_type, request.path, query

    def options(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Response:
        """What a browser asks before it lets another site read this."""
        return Response(None, headers=PREFLIGHT)

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
        if response.status_code == 200 and request.method != "OPTIONS" and self.cache_control == CACHED:
            if "ETag" not in response.headers:
                response.headers["Cache-Control"] = CACHED
                response.headers["ETag"] = f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'
                if self._key:
                    memo.put(self._key, Kept(response.content, dict(response.headers)))
            response = _unless_modified(request, response, by_date=self.dated)
        response.headers.setdefault("Cache-Control", NOT_CACHED)
        return response


def _has_content(request: HttpRequest) -> bool:
    return (
        request.META.get("CONTENT_LENGTH") not in (None, "", "0") or "HTTP_TRANSFER_ENCODING" in request.META
    )


def _unless_too_large(request: HttpRequest, response: Any) -> HttpResponseBase:
    """The answer, or a refusal that names the ways to get it in parts; files are sent as they are made."""
    limit = settings.API_LARGEST_ANSWER
    if not limit or response.status_code != 200 or response.streaming or len(response.content) <= limit:
        return response
    return refuse(request, 400, TOO_LARGE, type=TOO_LARGE_TYPE)


def _unless_modified(request: HttpRequest, response: Any, *, by_date: bool = False) -> HttpResponseBase:
    """The response, or 304 when the client already has it: by its ETag, else by its date where that tells all."""
    if request.method not in ("GET", "HEAD"):
        return response
    date = parse_http_date_safe(response.headers.get("Last-Modified", "")) if by_date else None
    answer = get_conditional_response(request, response.headers["ETag"], date, response)
    return answer if isinstance(answer, HttpResponseNotModified) else response


class Shown(Resource):
    """What lists and items share: they show objects through a serializer, of which a client may select fields."""

    embeds: Embeds = {}
    # Under which name the change feed tells of these objects, and the column that holds their id.
    told: Told | None = None
    told_as: str = ""
    id_field: str = "pk"

    def numbered(self, rows: QuerySet) -> QuerySet:
        """The rows with the number under which the change feed last told of each."""
        if self.told and self._key and self.told.is_up_to_date(self._key[0]):
            return self.told.with_numbers(rows, self.told_as, self.id_field)
        return rows

    def all_parameters(self) -> tuple[Parameter, ...]:
        """The parameters of this address, the common ones last."""
        return (*self.parameters, *self._embed, self._select, LANGUAGE)

    @cached_property
    def _embed(self) -> list[Parameter]:
        return [embed_parameter(self.embeds)] if self.embeds else []

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
            for name in set(serializer.fields) - {*selected, *asked.get("embed", ())}:
                serializer.fields.pop(name)
        return [serializer.to_representation(row) for row in rows]

    def context_for(self, rows: list[Any], asked: Asked) -> dict[str, Any]:
        """What the serializer needs beside the rows, fetched once for all of them."""
        return {}


class Collection(Shown):
    """A list in pages: `{"self", "items", "total", "page", "pageSize", "next", "prev"}`."""

    # Fields that only an item shows, and a list when they are embedded.
    embedded_only: Iterable[str] = ()
    # What the last part of an item's address is compared with.
    key_field: str = "slug"
    search_fields: tuple[str, ...] = ()
    # What a client may sort by, and the columns behind it.
    orders: dict[str, str] = {}

    def rows(self, asked: Asked) -> QuerySet | Sequence[Any]:
        """All rows that may be shown, in their normal order. A sequence is taken as it is, without narrowing."""
        raise NotImplementedError

    def rows_of(self, keys: list[str], asked: Asked) -> Iterable[Any]:
        """The rows that have these keys, as far as they may be shown."""
        found: Any = self.rows(asked)
        return found.filter(**{f"{self.key_field}__in": keys})

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
            *self._embed,
            self._select,
            LANGUAGE,
        )

    def answer_serializer(self) -> type[Serializer] | None:
        """A page of items."""
        return page_of(self.serializer, bool(self.embeds)) if self.serializer else None

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
        start = (page - 1) * size
        answer: dict[str, Any] = {
            "self": _address(asked, page),
            "items": self._page(found, slice(start, start + size), asked),
        }
        answer |= {"total": total, "page": page, "pageSize": size}
        answer |= {"next": _address(asked, page + 1)} if page < last else {}
        answer |= {"prev": _address(asked, page - 1)} if page > 1 else {}
        if "embed" in asked.values:
            answer["embedded"] = get_embedded(answer["items"], self.embeds, asked)
        return answer

    def _page(self, found: QuerySet | Sequence[Any], part: slice, asked: Asked) -> list[Any]:
        """Some of the rows as the API shows them: as the change feed keeps them where that says the same."""
        if not isinstance(found, QuerySet):
            return self.show(found[part], asked, **self.context_for(list(found[part]), asked))
        if self.told and self._is_as_told(asked) and self._key and self.told.is_up_to_date(self._key[0]):
            bodies = self.told.get_bodies(found[part], self.told_as, self.id_field, asked.links.site)
            if bodies is not None:
                return [orjson.Fragment(b'%b,"changeNumber":%d}' % (body[:-1], n)) for n, body in bodies]
        rows = list(self.numbered(found)[part])
        return self.show(rows, asked, **self.context_for(rows, asked))

    def _is_as_told(self, asked: Asked) -> bool:
        """Whether the answer is plain JSON in Dutch with all fields, about the present day and no minute."""
        is_plain = not OTHERWISE.intersection(asked.values) and not self.by_the_minute
        is_json = self.request.accepted_media_type == JSONRenderer.media_type
        return is_plain and is_json and translation.get_language() == settings.LANGUAGE_CODE

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
    # Which object of a collection (its name in the change feed) once had this key, as far as the feed told of it.
    get_former: Callable[[str, str], UUID | None] | None = None

    def rows(self, asked: Asked) -> QuerySet:
        """All rows that may be shown."""
        raise NotImplementedError

    def retired(self, asked: Asked, key: str) -> Any:
        """What the public saw under this key and no longer sees, or None."""
        return self.everything(asked).filter(retired_at(), **{self.key: key}).first()

    def everything(self, asked: Asked) -> QuerySet:
        """All rows there are, shown or not."""
        return self.rows(asked).model._default_manager.all()

    def successors(self, retired: Any, asked: Asked) -> list[dict[str, str]]:
        """References to what took the place of something that is no longer shown."""
        return []

    def row(self, asked: Asked, key: str) -> Model | None:
        """The object with this key if the public may see it."""
        return self.numbered(self.rows(asked).filter(**{self.key: key})).first()

    def answer(self, asked: Asked, **keys: str) -> dict[str, Any]:
        """The object as the API shows it. Raises NotFound."""
        key = str(keys[self.key])
        row = self.row(asked, key)
        if row is None:
            raise self._absence(asked, key)
        edited = self.last_edit(row)
        # Within the same second it could be edited again, and a date would not tell.
        if edited and timezone.now() - edited > SETTLED:
            self.headers["Last-Modified"] = http_date(edited.timestamp())
        item = self.show([row], asked, **self.context_for([row], asked))[0]
        return (
            {**item, "embedded": get_embedded([item], self.embeds, asked)}
            if "embed" in asked.values
            else item
        )

    def answer_serializer(self) -> type[Serializer] | None:
        """The object, with what is embedded."""
        return embedding(self.serializer) if self.serializer and self.embeds else self.serializer

    def last_edit(self, row: Any) -> datetime.datetime | None:
        """When the object was edited last; where `dated`, also when its source was, or became shown or hidden."""
        if not self.dated:
            return getattr(row, "modified", None)
        parts = [row, *([row.source] if row.source else [])]
        moments = [
            moment for part in parts for moment in (part.modified, part.publish_from, part.publish_until)
        ]
        return max(moment for moment in moments if moment and moment <= timezone.now())

    def _absence(self, asked: Asked, key: str) -> NotFound:
        """Why there is nothing: it was here once, or it never was as far as the public may know."""
        retired = self.retired(asked, key)
        if retired is not None:
            return Gone(self.key, key, str(NO_LONGER_HERE), self.successors(retired, asked))
        former = self.get_former(self.told_as, key) if self.get_former else None
        everything = self.everything(asked)
        if former is not None and not everything.filter(pk=former).exists():
            return Gone(self.key, key, str(NO_LONGER_HERE))
        return NotFound(self.key, key, str(NOTHING_HERE))
