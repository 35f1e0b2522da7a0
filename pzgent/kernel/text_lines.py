"""Texts of editors that hold one entry on each line."""

from __future__ import annotations


def lines_of(text: str) -> list[str]:
    """The lines that say something, without the space around them."""
    return [line.strip() for line in text.splitlines() if line.strip()]
