"""Walks that take minutes: `make test` asks a share of their questions, `make fuzz` and `make accessibility` all
(THOROUGH=1)."""

import os

THOROUGH = bool(os.environ.get("THOROUGH"))


def share(items, number, of):
    """Every `of`-th item, from the `number`-th on, so that all shares together are everything; all when thorough."""
    listed = list(items)
    return listed if THOROUGH else listed[number % of :: of]
