"""What the site knows of each of its pages: one entry, from which menus, sitemap, search and pictures are derived.

Each app lists its own in `pages.py`; `pzgent/registry.py` puts them together.
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
    """A page that is always there.

    `name` is that of its address; `title` may hold the terms of the zone, such as `%(city)s`. The lowest `position`
    comes first.
    """

    name: str
    title: StrOrPromise
    position: int
    # The heading in the site map, its place there where that is another one, and its text there if not the title.
    menu: Menu | None = None
    menu_position: int = 0
    menu_text: StrOrPromise = ""
    # The model whose rows it shows, whose changes date it; a page of text alone has none.
    model: type[Model] | None = None
    is_in_sitemap: bool = True
    # Its title among what the search finds, the words that people use for it, and what is as good as its title.
    found_as: StrOrPromise = ""
    words: Iterable[str] = ()
    more_words: Callable[[], Iterable[str]] = tuple
    names: Iterable[str] = ()

    @property
    def slug(self) -> str:
        """What hits of the search are known by."""
        return self.name

    def get_absolute_url(self) -> str:
        """Its path in the active language."""
        return reverse(self.name)

    @property
    def text_in_menus(self) -> StrOrPromise:
        """What links in menus say."""
        return self.menu_text or self.title


@dataclass(frozen=True, kw_only=True)
class RowPages:
    """The pages about one row each, at the address `name` by the slug of the row.

    `section` is their part of the sitemap, `above` what stands above the title on their pictures.
    """

    name: str
    position: int
    section: str
    above: StrOrPromise
    rows: Callable[[], QuerySet[Any]]
    title: Callable[[Any], str] = str
