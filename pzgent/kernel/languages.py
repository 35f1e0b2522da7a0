"""The languages of the site, and a page in each of them."""

from __future__ import annotations

from dataclasses import dataclass

# Each language's name for itself, for visitors who read no other.
OWN_NAMES = {"nl": "Nederlands", "fr": "Français", "en": "English", "de": "Deutsch"}


@dataclass(frozen=True)
class PageVersion:
    """A page in one language."""

    code: str
    name: str
    path: str
    query: str
    is_current: bool

    @property
    def address(self) -> str:
        """The path with the query string, so that visitors keep their place; search engines get the path alone."""
        return f"{self.path}?{self.query}" if self.query else self.path
