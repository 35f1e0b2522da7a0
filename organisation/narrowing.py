"""Narrow a list to the rows that have all words of a question."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from pzgent.kernel.folding import fold

Row = TypeVar("Row")


def narrow(rows: Iterable[Row], words: str, names: Iterable[str]) -> list[Row]:
    """Return the rows with every word in the fields with these names, whatever the case or accents."""
    wanted, fields = fold(words).split(), tuple(names)
    texts = ((row, fold(" ".join(getattr(row, name) for name in fields))) for row in rows)
    return [row for row, text in texts if all(word in text for word in wanted)]
