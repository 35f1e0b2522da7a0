"""Public answers, kept in front of the framework and given again while the data behind them are the same.

`layer` is what the server calls. It finds an answer by what was asked (`asked`), in memory (`store`) or, while the
database does not answer, among the files of the last good copy (`copies`). `watch` follows the state of the data.
"""

from pzgent.page_cache.layer import PageCache

__all__ = ["PageCache"]
