"""The marks that the database sets at each change of public data: enough to detect that something changed."""

from __future__ import annotations

from django.db import InterfaceError, OperationalError, connection

# The table of `pzgent.models.DataChange`.
TABLE = "pzgent_datachange"
Marks = tuple[int, int]


def read_marks() -> Marks:
    """Return the number of marks and their sum; reconnect if the persistent connection no longer responds.

    Django would check a persistent connection first, which doubles the time of an unchanged response.
    """
    if connection.in_atomic_block:
        return _read()
    connection.health_check_done = True  # type: ignore[attr-defined]  # Django's own, which its stubs leave out
    try:
        return _read()
    except (OperationalError, InterfaceError):
        connection.close()
        return _read()


def _read() -> Marks:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT COUNT(*), COALESCE(SUM(mark), 0) FROM {TABLE}")  # noqa: S608  # a name of our own
        count, total = cursor.fetchone()
    return int(count), int(total)
