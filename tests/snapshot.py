"""The rows of the starting content, kept so that a test need not load the plan again."""

import datetime
from dataclasses import dataclass
from typing import Any, Self

from django.apps import apps
from django.core.management.color import no_style
from django.db import connection, models, transaction
from psycopg.types.json import Jsonb

from pzgent.models import DataChange

APPS = ("pzgent", "organisation", "projects", "contact")


def kept_models() -> list[type[models.Model]]:
    """Every model of the project with its rows in the database, link tables included.

    The marks of changes are the last: writing the other rows makes new ones, and then the data would seem to differ
    from those that the change feed has told.
    """
    found = [
        model for name in APPS for model in apps.get_app_config(name).get_models(include_auto_created=True)
    ]
    return sorted(found, key=lambda model: model is DataChange)


@dataclass
class Snapshot:
    """What stood in each table, column by column as the database holds it."""

    tables: dict[type[models.Model], tuple[list[str], list[tuple[Any, ...]]]]

    @classmethod
    def take(cls) -> Self:
        """The rows as they are now."""
        tables = {}
        with connection.cursor() as cursor:
            for model in kept_models():
                columns = [field.column for field in model._meta.local_concrete_fields]
                names = ", ".join(connection.ops.quote_name(column) for column in columns)
                cursor.execute(f"SELECT {names} FROM {connection.ops.quote_name(model._meta.db_table)}")
                tables[model] = columns, [_plain(row) for row in cursor.fetchall()]
        return cls(tables)

    def restore(self) -> None:
        """Write the rows back into empty tables; the database checks the references at the end."""
        with transaction.atomic(), connection.cursor() as cursor:
            for model, (columns, rows) in self.tables.items():
                table = connection.ops.quote_name(model._meta.db_table)
                names = ", ".join(connection.ops.quote_name(column) for column in columns)
                cursor.execute(f"DELETE FROM {table}")
                if rows and connection.vendor == "postgresql":
                    with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                        for row in rows:
                            copy.write_row(row)
                elif rows:
                    places = ", ".join(["%s"] * len(columns))
                    cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({places})", rows)
            for statement in connection.ops.sequence_reset_sql(no_style(), list(self.tables)):
                cursor.execute(statement)


def _plain(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """The values as the driver takes them back."""
    return tuple(_accepted(value) for value in row)


def _accepted(value: Any) -> Any:
    if connection.vendor == "postgresql" and isinstance(value, dict | list):
        return Jsonb(value)
    if connection.vendor == "sqlite" and isinstance(value, datetime.time):
        return value.isoformat()
    return value
