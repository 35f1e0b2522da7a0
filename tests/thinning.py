"""Subsets of tests that take minutes.

`make test` runs a share of their cases, `make fuzz` and `make accessibility` run all of them (THOROUGH=1).
"""

import os

THOROUGH = bool(os.environ.get("THOROUGH"))


def share(items, number, of):
    """Return every `of`-th item from the `number`-th on, so that the shares cover all; all items if THOROUGH."""
    listed = list(items)
    return listed if THOROUGH else listed[number % of :: of]
