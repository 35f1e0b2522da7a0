"""Lets the database itself record changes: a trigger on every table of which the public sees anything.

No writer can forget it: forms, tree moves, cascades, bulk loads, manual SQL. Each change adds a row with a random mark
to `DataChange`, in the same transaction: a rolled-back change leaves no mark, and a committed one becomes visible
together with its mark. Because marks are random, no two states of the data share the same set, not even one that was
read before its transaction was rolled back.

Each mark comes with the name of the changed table and, for a limited number of rows, their keys, the keys of the rows
that they refer to, and whether they are public, both before and after: enough to find everything else that shows them.
"""

from __future__ import annotations

import hashlib
import secrets
from typing import Any

from django.apps import apps
from django.db import connections
from django.db.models import Model

from pzgent.kernel.marks import TABLE as MARKS
from pzgent.models import AccessibilityGap, AccessibilityStatement, Consumer, SynonymRing, Zone

NAME = "pzgent_note"
# For a statement that changes more rows than this, only the table is recorded.
MOST_ROWS = 500
# Marks fit in the 53 bits of PostgreSQL's random numbers.
BITS = 9007199254740991
# Recorded with the keys: the columns that decide whether the public sees a row, and with it its descendants.
OF_VISIBILITY = {"status", "publication_level", "publish_from", "publish_until"}
# Tree positions are shown nowhere, and one move changes them in half the tree.
UNSHOWN = {"lft", "rght", "tree_id"}
# On PostgreSQL, fired once per statement. The arguments are the columns with keys, and all columns that are shown.
FUNCTION = f"""
    CREATE OR REPLACE FUNCTION {NAME}_rows() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        touched text := CASE TG_OP
            WHEN 'INSERT' THEN 'SELECT * FROM after'
            WHEN 'DELETE' THEN 'SELECT * FROM before'
            ELSE format('(SELECT %1$s FROM before EXCEPT SELECT %1$s FROM after) UNION ALL
                (SELECT %1$s FROM after EXCEPT SELECT %1$s FROM before)', TG_ARGV[1])
        END;
        found jsonb;
    BEGIN
        IF TG_OP <> 'TRUNCATE' THEN
          BEGIN
            EXECUTE format('SELECT coalesce(jsonb_agg(part), ''[]'')
                FROM (SELECT DISTINCT %s FROM (%s) changed LIMIT {MOST_ROWS + 1}) part', TG_ARGV[0], touched)
            INTO found;
          -- In the middle of an upgrade, a column may have gone or got another name.
          EXCEPTION WHEN undefined_column THEN found := NULL;
          END;
        END IF;
        INSERT INTO {MARKS} (mark, table_name, row_keys)
        VALUES ((random() * {BITS})::bigint, TG_TABLE_NAME, found);
        RETURN NULL;
    END $$
"""  # noqa: S608  # only names of our own
SEEN = {
    "INSERT": "REFERENCING NEW TABLE AS after",
    "UPDATE": "REFERENCING OLD TABLE AS before NEW TABLE AS after",
    "DELETE": "REFERENCING OLD TABLE AS before",
}
STATEMENT_TRIGGER = """
    CREATE TRIGGER {name} AFTER {event} ON {table} {seen}
    FOR EACH STATEMENT EXECUTE FUNCTION {function}('{keys}', '{shown}')
"""
# SQLite only has row triggers: the marks of many rows replace each other, which loses detail but keeps the table small.
ROW_TRIGGER = """
    CREATE TRIGGER {name} AFTER {event} ON {table}
    BEGIN
        DELETE FROM {marks} WHERE (SELECT COUNT(*) FROM {marks}) >= {most};
        INSERT INTO {marks} (mark, table_name, row_keys) VALUES (abs(random() % {bits}), '{table}', {rows});
    END
"""
EVENTS = ("INSERT", "UPDATE", "DELETE")


def watched_models() -> list[type[Model]]:
    """Return every model that the API, a page or the search may show, link tables included."""
    configs = [apps.get_app_config(name) for name in ("organisation", "projects", "contact")]
    own = [AccessibilityStatement, AccessibilityGap, SynonymRing, Consumer, Zone]
    return [*(model for config in configs for model in config.get_models(True)), *own]


def install_triggers(using: str) -> None:
    """Install the triggers on every watched table that lacks one. Idempotent: does nothing if all are present.

    Changes made while a trigger was missing are unknown, so add a mark that says so.
    """
    connection = connections[using]
    tables = set(connection.introspection.table_names())
    if MARKS not in tables:
        return
    there = _installed(using)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(FUNCTION)
        for model in watched_models():
            table, wanted = model._meta.db_table, _statements(connection.vendor, model)
            if table not in tables or wanted.keys() == there.get(table, set()):
                continue
            for name in there.get(table, set()) - wanted.keys():
                _drop(cursor, name, table)
            for name in wanted.keys() - there.get(table, set()):
                cursor.execute(wanted[name])
            cursor.execute(f"INSERT INTO {MARKS} (mark) VALUES (%s)", [secrets.randbelow(BITS)])  # noqa: S608  # a name of our own


def remove_triggers(using: str) -> None:
    """Remove all triggers; SQLite requires it before dropping a column that one of them names."""
    with connections[using].cursor() as cursor:
        for table, names in _installed(using).items():
            for name in names:
                _drop(cursor, name, table)


def _drop(cursor: Any, name: str, table: str) -> None:
    of_table = f" ON {table}" if cursor.db.vendor == "postgresql" else ""
    cursor.execute(f"DROP TRIGGER {name}{of_table}")


def watched(using: str) -> set[str]:
    """Return the tables that have all their triggers."""
    there = _installed(using)
    return {
        model._meta.db_table
        for model in watched_models()
        if _statements(connections[using].vendor, model).keys() == there.get(model._meta.db_table)
    }


def _installed(using: str) -> dict[str, set[str]]:
    """Return the names of our triggers by table, including those of other releases."""
    with connections[using].cursor() as cursor:
        if connections[using].vendor == "postgresql":
            cursor.execute(
                "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE starts_with(tgname, %s)", [NAME]
            )
        else:
            cursor.execute(
                "SELECT tbl_name, name FROM sqlite_master WHERE type = 'trigger' AND name LIKE %s",
                [f"{NAME}%"],
            )
        found: dict[str, set[str]] = {}
        for table, name in cursor.fetchall():
            found.setdefault(table, set()).add(name)
    return found


def _statements(vendor: str, model: type[Model]) -> dict[str, str]:
    """Return the SQL of each trigger of a table by name; the name changes with the table or the trigger."""
    table, quoted = model._meta.db_table, connections["default"].ops.quote_name
    columns = [field for field in model._meta.concrete_fields if field.column not in UNSHOWN]
    keys = [
        quoted(str(field.column))
        for field in columns
        if field.primary_key or field.is_relation or field.column in OF_VISIBILITY
    ]
    shown = [quoted(str(field.column)) for field in columns]
    found = {}
    for event in EVENTS:
        if vendor == "postgresql":
            text = STATEMENT_TRIGGER.format(
                name="{name}", event=event, table=table, seen=SEEN[event], function=f"{NAME}_rows",
                keys=", ".join(keys), shown=", ".join(shown),
            )  # fmt: skip
        else:
            text = ROW_TRIGGER.format(
                name="{name}", event=event, table=table, marks=MARKS, most=MOST_ROWS, bits=BITS,
                rows=_row_keys(event, keys, shown),
            )  # fmt: skip
        digest = hashlib.sha256(text.encode()).hexdigest()[:8]
        name = f"{NAME}_{event.lower()}_{digest}" + ("" if vendor == "postgresql" else f"_{table}")
        found[name] = text.replace("{name}", name)
    return found


def _row_keys(event: str, keys: list[str], shown: list[str]) -> str:
    """Return the SQLite expression for the keys of a row before and after; empty if an update changes nothing shown."""
    before, after = (_as_object(row, keys) for row in ("OLD", "NEW"))
    if event != "UPDATE":
        return f"json_array({after if event == 'INSERT' else before})"
    differs = " OR ".join(f"NEW.{column} IS NOT OLD.{column}" for column in shown)
    return f"CASE WHEN {differs} THEN json_array({before}, {after}) ELSE json_array() END"


def _as_object(row: str, keys: list[str]) -> str:
    parts = (f"'{key[1:-1]}', {row}.{key}" for key in keys)
    return f"json_object({', '.join(parts)})"
