"""Rows that many tests begin with, kept so that each process makes them once."""

import datetime
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Self

import pytest
from django.apps import apps
from django.core.management.color import no_style
from django.db import connection, models, transaction

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
    """What stood in each table, as the database itself writes it down: PostgreSQL in bytes, SQLite in rows."""

    tables: dict[type[models.Model], bytes | list[tuple[Any, ...]]]

    @classmethod
    def take(cls) -> Self:
        """The rows as they are now."""
        with connection.cursor() as cursor:
            return cls({model: _read(cursor, model) for model in kept_models()})

    def restore(self) -> None:
        """Write the rows back into empty tables; the database checks the references at the end, if at all."""
        with transaction.atomic(), connection.cursor() as cursor, _without_triggers(cursor):
            for model, content in self.tables.items():
                table = _table(model)
                cursor.execute(f"DELETE FROM {table}")
                if not content:
                    continue
                if isinstance(content, bytes):
                    with cursor.copy(f"COPY {table} ({_columns(model)}) FROM STDIN") as copy:
                        copy.write(content)
                else:
                    places = ", ".join(["%s"] * len(content[0]))
                    cursor.executemany(f"INSERT INTO {table} ({_columns(model)}) VALUES ({places})", content)
            for statement in connection.ops.sequence_reset_sql(no_style(), list(self.tables)):
                cursor.execute(statement)


@contextmanager
def _without_triggers(cursor: Any) -> Iterator[None]:
    """As a replica takes rows over, where we may: they were checked, and their marks are among them."""
    may = connection.vendor == "postgresql" and cursor.execute("SHOW is_superuser").fetchone() == ("on",)
    if may:
        cursor.execute("SET LOCAL session_replication_role = replica")
    yield
    if may:
        cursor.execute("SET LOCAL session_replication_role = origin")


def _table(model: type[models.Model]) -> str:
    return connection.ops.quote_name(model._meta.db_table)


def _columns(model: type[models.Model]) -> str:
    return ", ".join(connection.ops.quote_name(field.column) for field in model._meta.local_concrete_fields)


def _read(cursor: Any, model: type[models.Model]) -> bytes | list[tuple[Any, ...]]:
    if connection.vendor == "postgresql":
        with cursor.copy(f"COPY {_table(model)} ({_columns(model)}) TO STDOUT") as copy:
            return b"".join(copy)
    cursor.execute(f"SELECT {_columns(model)} FROM {_table(model)}")
    return [tuple(_accepted(value) for value in row) for row in cursor.fetchall()]


def _accepted(value: Any) -> Any:
    """A value as the driver of SQLite takes it back."""
    return value.isoformat() if isinstance(value, datetime.time) else value


def made_once(make: Callable[[], None]) -> Any:
    """A fixture that makes rows in the first test that asks for it, and writes them back in every later one."""
    kept: list[Snapshot] = []

    def rows(db: None) -> None:
        if kept:
            kept[0].restore()
        else:
            make()
            kept.append(Snapshot.take())

    rows.__doc__ = make.__doc__
    return pytest.fixture(rows)
