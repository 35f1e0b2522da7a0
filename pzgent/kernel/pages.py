"""The site's pages: one entry each, from which menus, the sitemap, the search and sharing images are derived.

Each app lists its own in `pages.py`; `pzgent/registry/pages.py` combines them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Model, QuerySet, TextChoices
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class Menu(TextChoices):
    """The headings of the site map at the foot of every page."""

    CONTACT = "contact", _("Contact")
    ORGANISATION = "organisation", _("Organisation")
    PLANS = "plans", _("Plans")
    SITE = "site", _("This site")


@dataclass(frozen=True, kw_only=True)
class FixedPage:
    """A page that always exists.

    `name` is its URL name; `title` may contain terms of the zone, such as `%(city)s`. The lowest `position` comes
    first.
    """

    name: str
    title: StrOrPromise
    position: int
    # The heading in the site map, and its position and text there if different from the above.
    menu: Menu | None = None
    menu_position: int = 0
    menu_text: StrOrPromise = ""
    # The model whose rows it shows and whose changes date it; a page of static text has none.
    model: type[Model] | None = None
    is_in_sitemap: bool = True
    # For the search: its title in the results, words that people use for it, names that rank like its title, and words
    # in languages that the site does not have.
    found_as: StrOrPromise = ""
    words: Iterable[str] = ()
    more_words: Callable[[], Iterable[str]] = tuple
    names: Iterable[str] = ()
    foreign_words: Iterable[str] = ()

    @property
    def slug(self) -> str:
        """The identifier of the page in search results."""
        return self.name

    def get_absolute_url(self) -> str:
        """Return its path in the active language."""
        return reverse(self.name)

    @property
    def text_in_menus(self) -> StrOrPromise:
        """The link text in menus."""
        return self.menu_text or self.title


@dataclass(frozen=True, kw_only=True)
class RowPages:
    """The pages about one row each, at the URL `name` with the slug of the row.

    `section` is their part of the sitemap, `above` the text above the title on their sharing images.
    """

    name: str
    position: int
    section: str
    above: StrOrPromise
    rows: Callable[[], QuerySet[Any]]
    title: Callable[[Any], str] = str
