"""The database backend; Django looks for it in a module with this name."""

from typing import Any

from django.db.backends.postgresql import base
from psycopg import OperationalError

from pzgent.kernel.postgresql.breaker import is_open


class DatabaseWrapper(base.DatabaseWrapper):
    """Fails at once instead of connecting to an unreachable server: each attempt would block a request for seconds."""

    def get_new_connection(self, conn_params: Any) -> Any:
        """Return a new connection. Raises OperationalError, at once while the server is known to be unreachable."""
        if is_open():
            raise OperationalError("the database does not answer")
        return super().get_new_connection(conn_params)
