"""Editors' texts with one entry per line."""

from __future__ import annotations


def lines_of(text: str) -> list[str]:
    """Return the non-empty lines, stripped."""
    return [line.strip() for line in text.splitlines() if line.strip()]
