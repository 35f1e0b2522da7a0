"""The languages of the site, and a page in each of them."""

from __future__ import annotations

from dataclasses import dataclass

# The name each language has in itself: who looks for it reads no other.
OWN_NAMES = {"nl": "Nederlands", "fr": "Français", "en": "English", "de": "Deutsch"}


@dataclass(frozen=True)
class PageVersion:
    """The page in one language."""

    code: str
    name: str
    path: str
    query: str
    is_current: bool

    @property
    def address(self) -> str:
        """The path with the query, so that a visitor stays where they are; search engines get the path alone."""
        return f"{self.path}?{self.query}" if self.query else self.path
