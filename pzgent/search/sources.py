"""Sources of the search index: the texts of the apps, and the synonym rings of the editors."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from pzgent.kernel.searchable import IndexedText
from pzgent.models import SynonymRing
from pzgent.registry.searchables import SEARCHABLE
from pzgent.search.words import STOP_WORDS

FEWEST_WORDS = 3


def synonym_rings() -> list[list[str]]:
    """Return the word lists of the synonym rings. One query."""
    return [ring.word_list for ring in SynonymRing.objects.all()]


def all_documents(language: str) -> Iterator[IndexedText]:
    """Yield the text of every searchable published item, in a fixed order, with its words in Dutch and `language`."""
    for sort in SEARCHABLE.values():
        for text in sort.texts(language):
            initials = _initials(text.title) if sort.has_initials else ""
            yield replace(text, aliases=[initials, *text.aliases]) if initials else text


def _initials(name: str) -> str:
    """Return the initials of a name of at least three words, stop words aside (“DOOB”), or "" for a shorter name."""
    words = [word for word in re.findall(r"\w+", name) if word not in STOP_WORDS and len(word) > 1]
    return "".join(word[0].upper() for word in words) if len(words) >= FEWEST_WORDS else ""
