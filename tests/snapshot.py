"""Snapshots of rows that many tests start from, so that each process creates them once."""

import datetime
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, Self

import pytest
from django.apps import apps
from django.core.management.color import no_style
from django.db import connection, models, transaction

from pzgent.models import DataChange

APPS = ("pzgent", "organisation", "projects", "contact")


def kept_models() -> list[type[models.Model]]:
    """Return every model of the project with rows in the database, link tables included.

    The change marks come last: writing the other rows creates new marks, and then the data would seem to differ
    from what the change feed has published.
    """
    found = [
        model for name in APPS for model in apps.get_app_config(name).get_models(include_auto_created=True)
    ]
    return sorted(found, key=lambda model: model is DataChange)


@dataclass
class Snapshot:
    """Content of each table, as the database itself serialises it: PostgreSQL in bytes, SQLite in rows."""

    tables: dict[type[models.Model], bytes | list[tuple[Any, ...]]]

    @classmethod
    def take(cls) -> Self:
        """Return a snapshot of the current rows."""
        with connection.cursor() as cursor:
            return cls({model: _read(cursor, model) for model in kept_models()})

    def restore(self) -> None:
        """Write the rows back into empty tables; the database checks foreign keys at the end, if at all."""
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
    """Disable triggers as a replica does, if permitted: the rows are validated and include their change marks."""
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
    """Convert a value to what the SQLite driver accepts."""
    return value.isoformat() if isinstance(value, datetime.time) else value


def made_once(make: Callable[[], None]) -> Any:
    """Return a fixture whose rows each process creates once.

    The tests of a file that use these rows share one transaction.
    """
    kept: list[Snapshot] = []

    def put_in() -> None:
        if kept:
            kept[0].restore()
        else:
            make()
            kept.append(Snapshot.take())

    def rows(db: None) -> None:
        if shared.put_in is not put_in:
            put_in()

    rows.__doc__ = make.__doc__
    rows.put_in = put_in  # type: ignore[attr-defined]  # what `rows_of` looks for
    return pytest.fixture(rows)


PutIn = Callable[[], None] | None


def rows_of(item: pytest.Item) -> PutIn:
    """Return the loader of the rows that a test shares with others; None for a test that commits."""
    marker = item.get_closest_marker("django_db")
    names = getattr(item, "fixturenames", ())
    if (marker and marker.kwargs.get("transaction")) or {"transactional_db", "live_server"} & set(names):
        return None
    definitions = item._fixtureinfo.name2fixturedefs  # type: ignore[attr-defined]  # pytest has no public way
    found = [getattr(definitions[name][-1].func, "put_in", None) for name in names if name in definitions]
    return next(filter(None, found), None)


class SharedRows:
    """Rows in the open transaction around the tests that share them; each test has a savepoint in it."""

    def __init__(self) -> None:
        self.put_in: PutIn = None
        self._around = ExitStack()

    def change_to(self, put_in: PutIn) -> None:
        """Make these shared rows the only ones that exist."""
        if put_in is self.put_in:
            return
        self.put_in = None
        self._around.close()
        if put_in:
            self._around.enter_context(_undone())
            put_in()
            self.put_in = put_in


shared = SharedRows()


@contextmanager
def _undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
