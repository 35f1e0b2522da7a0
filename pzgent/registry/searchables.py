"""Registry of the searchable types, including the fixed pages of the site."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from operator import attrgetter

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from contact import search as contact
from organisation import search as organisation
from projects import search as projects
from pzgent.kernel.pages import FixedPage
from pzgent.kernel.searchable import IndexedText, Searchable
from pzgent.kernel.translations import DUTCH, Text
from pzgent.registry.pages import FIXED_PAGES


class Pages(Searchable):
    """The fixed pages of the site."""

    kind = "page"
    position = 120
    label = _("Pages")
    prior = 0.9

    def texts(self, language: str) -> Iterator[IndexedText]:
        """Yield the fixed pages that are searchable, with the words that visitors search them by."""
        # Reversed, so that of two equally good matches the page with the later position ranks first: its subject is
        # narrower.
        for page in reversed(FIXED_PAGES.values()):
            if page.found_as:
                words = [*page.words, *page.more_words()]
                text = self.text(page, "", words, names=page.names)
                yield replace(text, foreign=tuple(page.foreign_words))

    def title(self, item: FixedPage) -> Text:
        """Return the title, an interface string in the active language."""
        return Text(str(item.found_as), get_language() or DUTCH)

    def snippet(self, item: FixedPage, text: IndexedText) -> Text:
        """Return an empty text: fixed pages have no snippet."""
        return Text("")


SEARCHABLE: Mapping[str, Searchable] = {
    sort.kind: sort
    for sort in sorted(
        (*contact.SEARCHABLE, *organisation.SEARCHABLE, *projects.SEARCHABLE, Pages()),
        key=attrgetter("position"),
    )
}
