"""The kinds of search results: a class each, listed in `search.py` of the app that owns the objects."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from pzgent.kernel.translations import Text

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# Editions that are not in force, no longer or not yet, are searched for less often.
NOT_IN_FORCE = 0.8
YEARS = re.compile(r"[ ,]*\(?\b(?:19|20)\d\d(?:\s*[-–]\s*(?:19|20)\d\d)?\)?$")


@dataclass(frozen=True)
class IndexedText:
    """An entry of the search index.

    `names` rank like its title, such as an abbreviation; `aliases` are phrases that people use for it.
    `foreign` are such phrases in languages that the site does not have: no word of a question is corrected to these.
    """

    kind: str
    item: Any
    title: str
    aliases: Sequence[str] = ()
    summary: str = ""
    body: str = ""
    prior: float = 1.0
    names: Sequence[str] = ()
    foreign: Sequence[str] = ()


class Searchable:
    """A kind of search result: its code, the heading above its results, and how likely people look for it.

    `singular` and `collection` are the API's name for one result, and the API collection of these; kinds without them
    are not in the API.
    """

    kind: ClassVar[str]
    label: ClassVar[StrOrPromise]
    prior: ClassVar[float]
    # Its position in lists of kinds; the lowest comes first.
    position: ClassVar[int]
    singular: ClassVar[StrOrPromise] = ""
    collection: ClassVar[str] = ""
    # Whether the initials of a multi-word name count as a name too.
    has_initials: ClassVar[bool] = False

    def texts(self, language: str) -> Iterator[IndexedText]:
        """Yield all published items of this kind, in a fixed order; with translated words too if not in Dutch."""
        raise NotImplementedError  # a hook: each kind has its own

    def title(self, item: Any) -> Text:
        """Return the title of a result, in the language of the page if it is translated."""
        return Text(str(item))

    def snippet(self, item: Any, text: IndexedText) -> Text:
        """Return the summary of a result, in the language of the page if it is translated."""
        return Text(text.summary)

    def path(self, item: Any) -> str:
        """Return where the item belongs, to distinguish names that are not unique."""
        return ""

    def text(
        self,
        item: Any,
        title: str,
        aliases: Iterable[str],
        summary: str = "",
        body: str = "",
        *,
        share: float = 1.0,
        names: Iterable[str] = (),
    ) -> IndexedText:
        """Return the index entry of an item; its title without trailing years becomes an alias too."""
        named = [alias for alias in (*aliases, YEARS.sub("", title)) if alias and alias != title]
        known = [name for name in names if name]
        return IndexedText(self.kind, item, title, named, summary, body, self.prior * share, known)


def editions_with_share(model: Any) -> Iterator[tuple[Any, float]]:
    """Yield every published edition, with the factor by which its prior is multiplied."""
    in_force = set(model.objects.in_force().values_list("pk", flat=True))
    for edition in model.objects.published().order_by("slug"):
        yield edition, 1.0 if edition.pk in in_force else NOT_IN_FORCE
