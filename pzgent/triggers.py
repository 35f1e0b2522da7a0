"""What makes the database itself tell that something changed: a trigger on every table that the public sees parts of.

Nothing that writes can forget it: forms, moves in a tree, cascades, bulk loads, SQL by hand. Each change adds a row
with a random mark to `DataChange`, in the same transaction: a change that is undone leaves no mark, and one that is
committed shows together with its mark. Marks are random, so no two states of the data have the same ones, also not
one that was read before its transaction was undone.
"""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db import connections
from django.db.models import Model

from pzgent.marks import TABLE as MARKS
from pzgent.models import AccessibilityGap, AccessibilityStatement, Consumer, SynonymRing, Zone

NAME = "pzgent_note_change"
# On PostgreSQL once for each statement; the mark fits in the 53 bits that its random numbers have.
FUNCTION = f"""
    CREATE OR REPLACE FUNCTION {NAME}() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO {MARKS} (mark) VALUES ((random() * 9007199254740991)::bigint);
        RETURN NULL;
    END $$
"""  # noqa: S608  # only names of our own
STATEMENT_TRIGGER = """
    CREATE TRIGGER {name} AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION {name}()
"""
# SQLite has triggers for each row only, and one writer at a time: one mark, replaced, is enough there and stays small.
ROW_TRIGGER = """
    CREATE TRIGGER {name}_{event}_{table} AFTER {event} ON {table}
    BEGIN
        DELETE FROM {marks};
        INSERT INTO {marks} (mark) VALUES (random());
    END
"""
EVENTS = ("INSERT", "UPDATE", "DELETE")


def watched_models() -> list[type[Model]]:
    """Every model of which the API, a page or the search may show something, link tables included."""
    configs = [apps.get_app_config(name) for name in ("organisation", "projects", "contact")]
    own = [AccessibilityStatement, AccessibilityGap, SynonymRing, Consumer, Zone]
    return [*(model for config in configs for model in config.get_models(True)), *own]


def install_triggers(using: str) -> None:
    """Put a trigger on every watched table that has none. Safe to repeat; changes nothing when all are there."""
    connection = connections[using]
    tables = set(connection.introspection.table_names())
    if MARKS not in tables:
        return
    missing = [
        model._meta.db_table for model in watched_models() if model._meta.db_table in tables - watched(using)
    ]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql" and missing:
            cursor.execute(FUNCTION)
        for table in missing:
            for statement in _statements(connection.vendor, table):
                cursor.execute(statement)


def watched(using: str) -> set[str]:
    """The tables that have their triggers."""
    with connections[using].cursor() as cursor:
        if connections[using].vendor == "postgresql":
            cursor.execute("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = %s", [NAME])
            return {table for (table,) in cursor.fetchall()}
        cursor.execute("SELECT tbl_name, name FROM sqlite_master WHERE type = 'trigger'")
        found: dict[str, set[Any]] = {}
        for table, name in cursor.fetchall():
            found.setdefault(table, set()).add(name)
    return {table for table, names in found.items() if set(_names(table)) <= names}


def _names(table: str) -> list[str]:
    return [f"{NAME}_{event}_{table}" for event in EVENTS]


def _statements(vendor: str, table: str) -> list[str]:
    if vendor == "postgresql":
        return [STATEMENT_TRIGGER.format(name=NAME, table=table)]
    dropped = [f"DROP TRIGGER IF EXISTS {name}" for name in _names(table)]
    made = [ROW_TRIGGER.format(name=NAME, event=event, table=table, marks=MARKS) for event in EVENTS]
    return dropped + made
