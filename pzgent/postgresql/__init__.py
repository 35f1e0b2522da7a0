"""PostgreSQL as Django speaks to it, without new connections while the server is known not to answer."""
