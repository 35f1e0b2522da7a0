"""Related rows as a JSON value in the query of their object.

`prefetch_related` runs one more query per relation, which is right for many or large rows; for a few small ones a
single query is cheaper.
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
    """Return a function that builds an instance of the model from JSON values; `more` are constant attributes."""

    columns = {field.name: field for field in model._meta.concrete_fields}

    def make(values: Mapping[str, Any]) -> Any:
        known = {name: _value_of(columns[name], value) for name, value in values.items()}
        return model(**known, **more)

    return make


def _value_of(column: Any, value: Any) -> Any:
    """Return the value of a column from its JSON value; SQLite returns JSON as text."""
    if isinstance(column, JSONField) and isinstance(value, str):
        return json.loads(value)
    return column.to_python(value)


@dataclass(frozen=True)
class NestedRows:
    """Related rows of each row of a queryset.

    `rows` is their queryset, with `OuterRef` to their owner; `columns` maps names to the expressions to fetch; `make`
    converts the values of a row for the serializer.
    """

    rows: Callable[[], QuerySet]
    columns: Mapping[str, str]
    make: Callable[[Mapping[str, Any]], Any]

    def annotation(self) -> JSONRows:
        """Return the expression that fetches the rows."""
        return JSONRows(self.rows(), self.columns)

    def read(self, value: Any) -> list[Any]:
        """Return the fetched rows."""
        return [self.make(row) for row in value or ()]


class JSONRows(Subquery):
    """Rows of a queryset as an ordered JSON array of objects."""

    def __init__(self, rows: QuerySet, columns: Mapping[str, str]) -> None:
        row = JSONObject(**{name: F(column) for name, column in columns.items()})
        super().__init__(rows.annotate(json_row=row).values("json_row"), output_field=JSONField())

    def as_sqlite(self, compiler: Any, connection: Any) -> Any:
        """Compile for SQLite."""
        return self.as_sql(compiler, connection, ARRAY_OF % "json_group_array(json(part.json_row))")

    def as_postgresql(self, compiler: Any, connection: Any) -> Any:
        """Compile for PostgreSQL."""
        return self.as_sql(compiler, connection, ARRAY_OF % "jsonb_agg(part.json_row)")


def with_parts(rows: QuerySet, parts: Mapping[str, NestedRows]) -> QuerySet:
    """Return the queryset annotated with each of the related parts."""
    return rows.annotate(**{f"{name}_rows": part.annotation() for name, part in parts.items()})


def attach(row: Any, parts: Mapping[str, NestedRows]) -> None:
    """Store the parts of a row as prefetched, so that `row.name.all()` runs no query."""
    cache = row.__dict__.setdefault("_prefetched_objects_cache", {})
    for name, part in parts.items():
        cache[name] = part.read(getattr(row, f"{name}_rows"))
