"""The database backend; Django looks for it in a module of this name."""

from typing import Any

from django.db.backends.postgresql import base
from psycopg import OperationalError

from pzgent.postgresql.breaker import is_open


class DatabaseWrapper(base.DatabaseWrapper):
    """Refuses at once to connect to a server that does not answer: each attempt would hold a request for seconds."""

    def get_new_connection(self, conn_params: Any) -> Any:
        """A new connection. Raises OperationalError, at once while the server is known not to answer."""
        if is_open():
            raise OperationalError("the database does not answer")
        return super().get_new_connection(conn_params)
