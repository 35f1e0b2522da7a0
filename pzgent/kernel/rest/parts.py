"""Parts of an object in the same query as the object: rows of another table as one JSON value.

`prefetch_related` asks once more for each kind of part. That is right where the parts are many or large; where they are
few and small, one query is cheaper.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import F, JSONField, Model, QuerySet, Subquery
from django.db.models.functions import JSONObject

ARRAY_OF = "(SELECT %s FROM (%%(subquery)s) part)"


def row_of(model: type[Model], **more: Any) -> Callable[[Mapping[str, Any]], Any]:
    """A function that makes an object of the model from what JSON tells of it; `more` is the same for all."""

    columns = {field.name: field for field in model._meta.concrete_fields}

    def make(values: Mapping[str, Any]) -> Any:
        known = {name: _value_of(columns[name], value) for name, value in values.items()}
        return model(**known, **more)

    return make


def _value_of(column: Any, value: Any) -> Any:
    """What a column holds, from what JSON tells of it; SQLite tells of JSON as text."""
    if isinstance(column, JSONField) and isinstance(value, str):
        return json.loads(value)
    return column.to_python(value)


@dataclass(frozen=True)
class NestedRows:
    """Some rows that belong to each row of a queryset.

    `rows` gives them, with `OuterRef` for what they belong to; `columns` is what is fetched of each, by the name it
    gets; `make` turns the values of one row into what the serializer shows.
    """

    rows: Callable[[], QuerySet]
    columns: Mapping[str, str]
    make: Callable[[Mapping[str, Any]], Any]

    def annotation(self) -> JSONRows:
        """The expression that fetches them."""
        return JSONRows(self.rows(), self.columns)

    def read(self, value: Any) -> list[Any]:
        """The rows that were fetched."""
        return [self.make(row) for row in value or ()]


class JSONRows(Subquery):
    """The rows of a queryset as a JSON array of objects, in their order."""

    def __init__(self, rows: QuerySet, columns: Mapping[str, str]) -> None:
        row = JSONObject(**{name: F(column) for name, column in columns.items()})
        super().__init__(rows.annotate(json_row=row).values("json_row"), output_field=JSONField())

    def as_sqlite(self, compiler: Any, connection: Any) -> Any:
        """As SQLite writes it."""
        return self.as_sql(compiler, connection, ARRAY_OF % "json_group_array(json(part.json_row))")

    def as_postgresql(self, compiler: Any, connection: Any) -> Any:
        """As PostgreSQL writes it."""
        return self.as_sql(compiler, connection, ARRAY_OF % "jsonb_agg(part.json_row)")


def with_parts(rows: QuerySet, parts: Mapping[str, NestedRows]) -> QuerySet:
    """The queryset with each of the parts in the same query."""
    return rows.annotate(**{f"{name}_rows": part.annotation() for name, part in parts.items()})


def attach(row: Any, parts: Mapping[str, NestedRows]) -> None:
    """Put the parts of a row where `prefetch_related` would put them, so that `row.name.all()` asks nothing."""
    cache = row.__dict__.setdefault("_prefetched_objects_cache", {})
    for name, part in parts.items():
        cache[name] = part.read(getattr(row, f"{name}_rows"))
