"""Collections and items of the API: filtering, ordering, pagination and selection of fields."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any
from uuid import UUID

from django.db.models import Model, QuerySet
from django.utils.http import http_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.serializers import Serializer

from pzgent.kernel import clock
from pzgent.kernel.conditions import contains_words
from pzgent.kernel.publishing import retired_at
from pzgent.kernel.rest import Gone, NotFound
from pzgent.kernel.rest.answering import LANGUAGE, ApiQuery, Resource
from pzgent.kernel.rest.embedding import Embeds, embed_parameter, get_embedded
from pzgent.kernel.rest.parameters import BadRequest, Names, Number, Parameter, SearchTerms, issue
from pzgent.kernel.rest.parts import NestedRows, attach, with_parts
from pzgent.kernel.rest.schema import embedding, page_of
from pzgent.kernel.rest.tables import LongTable
from pzgent.kernel.validity import holds_until

PAGE_SIZE, MAX_PAGE_SIZE = 50, 100
SETTLED = datetime.timedelta(seconds=2)
NOTHING_HERE = gettext_lazy("Nothing has this address.")
NO_LONGER_HERE = gettext_lazy("This was published here, and no longer is.")
PAGE = Number(name="page", description="Page number, from 1.", default=1)
SIZE = Number(name="pageSize", description="Items on a page.", high=MAX_PAGE_SIZE, default=PAGE_SIZE)
SEARCH = SearchTerms(name="q", description="Only items that contain all of these words.")


@cache
def _fields_of(serializer: type[Serializer]) -> tuple[str, ...]:
    """Return the field names of a serializer, in order."""
    return tuple(serializer().fields)


class ObjectResource(Resource):
    """Common base of collections and items: objects through a serializer, whose fields clients may select."""

    embeds: Embeds = {}
    # What is fetched with an object only when it is embedded, by the name of the field.
    parts: Mapping[str, NestedRows] = {}
    # Adds the number under which the change feed last told of each row; given by whoever composes the API. Then under
    # which name the feed tells of these objects, and the column that holds their id.
    with_numbers: Callable[[QuerySet, str, str], QuerySet] | None = None
    told_as: str = ""
    id_field: str = "pk"

    def numbered(self, rows: QuerySet) -> QuerySet:
        """Annotate the rows with the number of their last change in the change feed; none before their first change.

        Row and number are read at one moment: a row may be newer than the state that the feed published under its
        number, never older.
        """
        return self.with_numbers(rows, self.told_as, self.id_field) if self.with_numbers else rows

    def all_parameters(self) -> tuple[Parameter, ...]:
        """Return the parameters of this address, with the common ones last."""
        return (*self.parameters, *self.shown_parameters(), LANGUAGE)

    def shown_parameters(self) -> list[Parameter]:
        """Return the parameters that affect the representation of objects."""
        known = _fields_of(self.serializer) if self.serializer else ()
        select = Names(
            name="select", description="Only these fields of an item, commas between.", known=known
        )
        return [*([embed_parameter(self.embeds)] if self.embeds else []), select]

    def show(self, rows: Iterable[Any], asked: ApiQuery, **context: Any) -> list[dict[str, Any]]:
        """Return the representations of the rows."""
        selected = asked.get("select")
        only = {*selected, *asked.get("embed", ())} if selected else None
        serializer = self._serializer(asked, only, **context)
        return [serializer.to_representation(row) for row in rows]

    def _serializer(self, asked: ApiQuery, only: Iterable[str] | None = None, **context: Any) -> Serializer:
        """Return the serializer of a row, with the given fields or all."""
        if self.serializer is None:
            raise NotImplementedError  # a hook: each kind says its own
        known = {"links": asked.links, "asked": asked, "parts": self.parts, "serializers": {}, **context}
        serializer = self.serializer(context=known)
        if only is not None:
            for name in set(serializer.fields).difference(only):
                serializer.fields.pop(name)
        return serializer

    def context_for(self, rows: list[Any], asked: ApiQuery) -> dict[str, Any]:
        """Return the serializer context of the rows, fetched once for all of them."""
        return {}


class Collection(ObjectResource):
    """Paginated list `{"self", "items", "total", "page", "pageSize", "next", "prev"}`.

    If its items have a `name`, each item has an address of its own.
    """

    # What one object is called in the description; empty where the objects have no address of their own.
    name: str = ""
    # What the description says of the address of an object, and what may be asked there.
    item_summary: str = ""
    item_description: str = ""
    item_parameters: tuple[Parameter, ...] = ()
    # Shows one object at its own address; as in lists where it is not named.
    item_serializer: type[Serializer] | None = None
    # Whether Last-Modified tells of every change of an object, as `dated` does of an answer.
    item_dated: bool = False
    # The column that the last part of an item's address is compared with.
    key: str = "slug"
    # Parts that come with each object in the same query, in lists and at its own address.
    attached: Mapping[str, NestedRows] = {}
    # Fields that only an item shows, and a list when they are embedded.
    embedded_only: Iterable[str] = ()
    # What the columns of its files are called in Dutch, beside those of most tables; tables of parts of its objects.
    columns: Mapping[str, str] = {}
    long_tables: Mapping[str, LongTable] = {}
    # Fields that hold at the moment of asking alone, so that no file holds them.
    momentary: Iterable[str] = ()
    search_fields: tuple[str, ...] = ()
    # What a client may sort by, and the columns behind it.
    orders: dict[str, str] = {}
    # Of which models the objects show something, their own first. What leads from a changed row to the objects: the
    # path from these, and the column of the row with the key at its end; the path `pk` is the object's own id. None: to
    # all of them.
    affected_by: Mapping[type[Model], Mapping[str, str] | None] = {}

    @classmethod
    def model(cls) -> type[Model]:
        """Return the model of the objects."""
        return next(iter(cls.affected_by))

    @classmethod
    def item_view(cls, **known: Any) -> Any:
        """Return the view of a single object."""
        return Item.as_view(collection=cls, **known)

    def rows(self, asked: ApiQuery) -> QuerySet | Sequence[Any]:
        """Return all public rows in default order. Sequences are used as they are, without filtering."""
        raise NotImplementedError  # a hook: each kind says its own

    def prepared(self, rows: Any, asked: ApiQuery) -> Any:
        """Return the rows with everything that their representation needs."""
        return with_parts(rows, self.attached) if self.attached else rows

    def context_for(self, rows: list[Any], asked: ApiQuery) -> dict[str, Any]:
        """Return the serializer context; parts fetched in the same query are attached."""
        for row in rows if self.attached else ():
            attach(row, self.attached)
        return {}

    def rows_of(self, keys: list[str], asked: ApiQuery) -> Iterable[Any]:
        """Return the public rows with these keys."""
        found: Any = self.rows(asked)
        return self.numbered(self.prepared(found.filter(**{f"{self.key}__in": keys}), asked))

    def all_parameters(self) -> tuple[Parameter, ...]:
        """Return the parameters of this address, followed by those of every list."""
        sort = Names(
            name="sort", description="Order; a minus reverses it.", known=tuple(self.orders), signed=True
        )
        words = [SEARCH] if self.search_fields else []
        sorts = [sort] if self.orders else []
        return (*self.parameters, *words, *sorts, PAGE, SIZE, *self.shown_parameters(), LANGUAGE)

    def operation_at(self, path: str) -> str:
        """Return the method name in generated clients, such as `listUnits`, from the last segment of the address."""
        last = path.rsplit("/", 1)[-1]
        return self.operation or f"list{last[0].upper()}{last[1:]}"

    def answer_serializer(self) -> type[Serializer] | None:
        """Return the serializer of a page of items."""
        return page_of(self.serializer, bool(self.embeds)) if self.serializer else None

    def answer(self, asked: ApiQuery, **keys: str) -> dict[str, Any]:
        """Return one page of the rows that match the parameters."""
        page, size = asked.get("page", 1), asked.get("pageSize", PAGE_SIZE)
        total, items = self._page(slice((page - 1) * size, page * size), asked)
        last = max(1, -(-total // size))
        if page > last:
            raise BadRequest([issue("page", str(page), _("The last page is %(page)s.") % {"page": last})])
        answer: dict[str, Any] = {"self": _address(asked, page), "items": items}
        answer |= {"total": total, "page": page, "pageSize": size}
        answer |= {"next": _address(asked, page + 1)} if page < last else {}
        answer |= {"prev": _address(asked, page - 1)} if page > 1 else {}
        if "embed" in asked.values:
            answer["embedded"] = get_embedded(items, self, asked)
        return answer

    def _page(self, part: slice, asked: ApiQuery) -> tuple[int, list[Any]]:
        """Return the number of rows and the representations of one page."""
        found = self.rows(asked)
        if not isinstance(found, QuerySet):
            shown = list(found[part])
            return len(found), self.show(shown, asked, **self.context_for(shown, asked))
        found = self.narrow(found, asked)
        parts = {name: self.parts[name] for name in asked.get("embed", ()) if name in self.parts}
        rows = list(self.numbered(with_parts(self.prepared(found, asked), parts))[part])
        return found.count(), self.show(rows, asked, **self.context_for(rows, asked))

    def narrow(self, rows: QuerySet, asked: ApiQuery) -> QuerySet:
        """Return the rows that match all parameters, in the requested order."""
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
        """Return the rows that contain every term in one of the search fields.

        One filter per term: related rows may each contain a different term.
        """
        for word in words.split():
            rows = rows.filter(contains_words(word, self.search_fields))
        return rows

    # --- One object ---

    def item_rows(self, asked: ApiQuery) -> QuerySet:
        """Return all public rows that have an address of their own."""
        found: QuerySet = self.prepared(self.rows(asked), asked)
        return found

    def row(self, asked: ApiQuery, key: str) -> Model | None:
        """Return the object with this key if it is public."""
        return self.numbered(self.item_rows(asked).filter(**{self.key: key})).first()

    def item_context(self, row: Any, asked: ApiQuery) -> dict[str, Any]:
        """Return the serializer context of a single object."""
        return self.context_for([row], asked)

    def everything(self, asked: ApiQuery) -> QuerySet:
        """Return all rows, public or not."""
        return self.item_rows(asked).model._default_manager.all()

    def retired(self, asked: ApiQuery, key: str) -> Any:
        """Return the object that was public under this key and no longer is, or None."""
        return self.everything(asked).filter(retired_at(), **{self.key: key}).first()

    def successors(self, retired: Any, asked: ApiQuery) -> list[dict[str, str]]:
        """Return references to the replacements of an object that is no longer public."""
        return []

    def last_edit(self, row: Any) -> datetime.datetime | None:
        """Return the moment of the last edit; with `item_dated`, changes of its source and its visibility count too."""
        if not self.item_dated:
            return getattr(row, "modified", None)
        parts = [row, *([row.source] if row.source else [])]
        moments = [
            moment for part in parts for moment in (part.modified, part.publish_from, part.publish_until)
        ]
        return max(moment for moment in moments if moment and moment <= clock.now())


def _address(asked: ApiQuery, page: int) -> str:
    """Return the address of another page of the list."""
    query = asked.query.copy()
    if page != 1 or "page" in query:
        query["page"] = str(page)
    return f"{asked.address}?{query.urlencode()}" if query else asked.address


class Item(ObjectResource):
    """Single object of a collection."""

    is_item = True
    collection: type[Collection] = Collection
    key: str = "slug"
    # Which object of a collection (its name in the change feed) once had this key, as far as the feed told of it.
    get_former: Callable[[str, str], UUID | None] | None = None

    def __init__(self, **known: Any) -> None:
        super().__init__(**known)
        kind = self.kind = self.collection(with_numbers=self.with_numbers, told_as=self.told_as)
        self.key, self.operation = kind.key, f"get{kind.name}"
        self.summary, self.tag, self.description = kind.item_summary, kind.tag, kind.item_description
        self.serializer = kind.item_serializer or kind.serializer
        self.parameters, self.dated = kind.item_parameters, kind.item_dated
        self.embeds, self.parts, self.linked_node = kind.embeds, kind.parts, kind.linked_node

    def answer(self, asked: ApiQuery, **keys: str) -> dict[str, Any]:
        """Return the representation of the object. Raises NotFound."""
        key = str(keys[self.key])
        row = self.kind.row(asked, key)
        if row is None:
            raise self._absence(asked, key)
        edited = self.kind.last_edit(row)
        # Within the same second it could be edited again, and a date would not tell.
        if edited and clock.now() - edited > SETTLED:
            self.headers["Last-Modified"] = http_date(edited.timestamp())
        elif edited:
            holds_until(edited + SETTLED)
        item = self.show([row], asked, **self.kind.item_context(row, asked))[0]
        return {**item, "embedded": get_embedded([item], self, asked)} if "embed" in asked.values else item

    def answer_serializer(self) -> type[Serializer] | None:
        """Return the serializer of the object, with embedded objects."""
        return embedding(self.serializer) if self.serializer and self.embeds else self.serializer

    def _absence(self, asked: ApiQuery, key: str) -> NotFound:
        """Return the error for a missing object: 410 if it was public before, else 404."""
        retired = self.kind.retired(asked, key)
        if retired is not None and self._is_told(retired, key):
            return Gone(self.key, key, str(NO_LONGER_HERE), self.kind.successors(retired, asked))
        former = self._told_of(key)
        if former is not None and not self.kind.everything(asked).filter(pk=former).exists():
            return Gone(self.key, key, str(NO_LONGER_HERE))
        return NotFound(self.key, key, str(NOTHING_HERE))

    def _told_of(self, key: str) -> UUID | None:
        """Return the id of the object that the change feed published under this key."""
        return self.get_former(self.told_as, key) if self.get_former else None

    def _is_told(self, retired: Any, key: str) -> bool:
        """Return whether the change feed published the object under this key, or under a later slug."""
        if self._told_of(key) == retired.pk:
            return True
        return self.key == "slug" and retired.slug != key and self._told_of(str(retired.pk)) == retired.pk
