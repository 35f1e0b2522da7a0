"""Cache of public responses in front of Django, reused as long as the data behind them is unchanged.

`layer` is the WSGI callable that the server runs. It looks up a response by its request (`asked`), in memory
(`store`) or, while the database is unreachable, among the fallback copies on disk (`copies`). `watch` tracks the state
of the data.
"""

from pzgent.page_cache.layer import PageCache

__all__ = ["PageCache"]
