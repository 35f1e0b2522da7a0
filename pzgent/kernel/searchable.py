"""The sorts of things that the search finds: a class each, listed in `search.py` of the app that owns the things."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from pzgent.kernel.translations import Text

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# What is no longer or not yet in force is looked for less often.
NOT_IN_FORCE = 0.8
YEARS = re.compile(r"[ ,]*\(?\b(?:19|20)\d\d(?:\s*[-–]\s*(?:19|20)\d\d)?\)?$")


@dataclass(frozen=True)
class IndexedText:
    """Something that can be found. `names` are as good as its title, such as an abbreviation; `aliases` are phrases
    that people use for it."""

    kind: str
    item: Any
    title: str
    aliases: Sequence[str] = ()
    summary: str = ""
    body: str = ""
    prior: float = 1.0
    names: Sequence[str] = ()


class Searchable:
    """A sort of thing that can be found: its code, the heading above its hits, and how likely somebody looks for it.

    `singular` and `collection` are what the API calls one hit, and the collection of these; a sort without them is not
    in the API.
    """

    kind: ClassVar[str]
    label: ClassVar[StrOrPromise]
    prior: ClassVar[float]
    # Its place in the lists of sorts; the lowest comes first.
    position: ClassVar[int]
    singular: ClassVar[StrOrPromise] = ""
    collection: ClassVar[str] = ""
    # Whether the initials of a name of several words are a name too.
    has_initials: ClassVar[bool] = False

    def texts(self, language: str) -> Iterator[IndexedText]:
        """Everything published of this sort, in a fixed order; also by its words in a language beside Dutch."""
        raise NotImplementedError  # a hook: each sort says its own

    def title(self, item: Any) -> Text:
        """How a hit is called, in the language of the page where there is a translation."""
        return Text(str(item))

    def snippet(self, item: Any, text: IndexedText) -> Text:
        """What is said of a hit, in the language of the page where there is a translation."""
        return Text(text.summary)

    def path(self, item: Any) -> str:
        """Where it belongs, for names that are not unique."""
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
        """What is indexed of an item; its title without the years at the end is one of its names too."""
        named = [alias for alias in (*aliases, YEARS.sub("", title)) if alias and alias != title]
        known = [name for name in names if name]
        return IndexedText(self.kind, item, title, named, summary, body, self.prior * share, known)


def editions_with_share(model: Any) -> Iterator[tuple[Any, float]]:
    """Every published edition, with the share that its prior keeps."""
    in_force = set(model.objects.in_force().values_list("pk", flat=True))
    for edition in model.objects.published().order_by("slug"):
        yield edition, 1.0 if edition.pk in in_force else NOT_IN_FORCE
