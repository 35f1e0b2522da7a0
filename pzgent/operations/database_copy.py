"""Copy the site's SQLite database into an empty PostgreSQL database, and verify that the rows are identical."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.models import Model

from pzgent.models import DataChange
from pzgent.settings import database

TARGET = "target"
BATCH = 500
# Models with rows that `migrate` itself creates in an empty database.
MADE_BY_MIGRATE = {"auth.Permission", "contenttypes.ContentType", "pzgent.Installation", "pzgent.FeedState"}


class CopyError(Exception):
    """Raised if nothing was copied into the target; the message says what to do."""


def copy_to(url: str) -> dict[str, int]:
    """Copy every row to the database at a URL; return the number of rows per table. Raise CopyError.

    The source cannot be written to in the meantime: its write lock is held.
    """
    with _connected(url):
        if (connections[DEFAULT_DB_ALIAS].vendor, connections[TARGET].vendor) != ("sqlite", "postgresql"):
            raise CopyError(
                "Copy from SQLite, which the site uses now, to a URL that starts with postgres://."
            )
        call_command("migrate", database=TARGET, verbosity=0, interactive=False)
        filled = [model for model in copied_models() if model._meta.label not in MADE_BY_MIGRATE]
        if any(model._base_manager.using(TARGET).exists() for model in filled):
            raise CopyError("The target holds content already. Name an empty database.")
        with transaction.atomic(using=DEFAULT_DB_ALIAS), transaction.atomic(using=TARGET):
            return _copy_all()


def copied_models() -> list[type[Model]]:
    """Return every model with a table, including many-to-many tables, but not sessions and change marks."""
    return [
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy and model not in (Session, DataChange)
    ]


def digest_of(model: type[Model], using: str) -> str:
    """Return a digest of all rows of a model, independent of their order, with times to the microsecond."""
    names = [column.attname for column in model._meta.concrete_fields]
    rows = model._base_manager.using(using).order_by().values_list(*names).iterator(BATCH)
    digests = sorted(hashlib.sha256(repr([_plain(value) for value in row]).encode()).digest() for row in rows)
    return hashlib.sha256(b"".join(digests)).hexdigest()


def _plain(value: Any) -> Any:
    """Return a value in a form that is the same on both databases."""
    if isinstance(value, memoryview):
        return bytes(value)
    return json.dumps(value, sort_keys=True) if isinstance(value, (dict, list)) else value


def _copy_all() -> dict[str, int]:
    models, target = copied_models(), connections[TARGET]
    # `migrate` created content types and permissions with their own primary keys; replace them by those of the source.
    target.ops.execute_sql_flush(target.ops.sql_flush(no_style(), [model._meta.db_table for model in models]))
    counts = {model._meta.db_table: _copy_rows(model) for model in models}
    for statement in target.ops.sequence_reset_sql(no_style(), models):
        with target.cursor() as cursor:
            cursor.execute(statement)
    different = [
        model._meta.db_table
        for model in models
        if digest_of(model, DEFAULT_DB_ALIAS) != digest_of(model, TARGET)
    ]
    if different:
        raise CopyError(f"These tables differ after the copy, so nothing was kept: {', '.join(different)}.")
    return counts


def _copy_rows(model: type[Model]) -> int:
    """Insert the rows of a model unchanged, bypassing its `save`; return their number."""
    count = 0
    rows = model._base_manager.using(DEFAULT_DB_ALIAS).order_by("pk").iterator(BATCH)
    for count, row in enumerate(rows, start=1):  # noqa: B007  # the last number is the answer
        Model.save_base(row, raw=True, force_insert=True, using=TARGET)
    return count


@contextmanager
def _connected(url: str) -> Iterator[None]:
    """Open a second connection for the duration of the context. Raise CopyError for an invalid URL."""
    try:
        config = database(url)
    except ValueError as error:
        raise CopyError(f"“{url}” is not the URL of a database: {error}") from error
    # No statement timeout: copying many rows may take longer than a request may.
    config["OPTIONS"] = {"connect_timeout": 5}
    connections.settings[TARGET] = connections.configure_settings(
        {DEFAULT_DB_ALIAS: connections.settings[DEFAULT_DB_ALIAS], TARGET: config}
    )[TARGET]
    try:
        yield
    finally:
        connections[TARGET].close()
        del connections[TARGET]
        del connections.settings[TARGET]
