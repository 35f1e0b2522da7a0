"""Django's PostgreSQL backend, without new connections while the server is known to be unreachable."""
