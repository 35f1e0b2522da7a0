"""Sources of the search index: the texts of the apps, and the synonym rings of the editors."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from pzgent.kernel.searchable import IndexedText
from pzgent.kernel.translations import DUTCH, OTHER_LANGUAGES
from pzgent.models import SynonymRing
from pzgent.registry.searchables import SEARCHABLE
from pzgent.search.vocabulary import Tongues
from pzgent.search.words import STOP_WORDS, words_of

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


def tongues_of(language: str) -> Tongues:
    """Return the words of visitors in this language and in the others, read from the translations of the topics."""
    dutch = _visitors_words(DUTCH)
    own = {code: _visitors_words(code) - dutch for code in OTHER_LANGUAGES}
    others = frozenset().union(*(words for code, words in own.items() if code != language))
    return Tongues(language, own.get(language, dutch), others)


def _visitors_words(language: str) -> frozenset[str]:
    texts = SEARCHABLE["topic"].texts(language)
    return frozenset(word for text in texts for alias in text.aliases for word in words_of(alias))


def _initials(name: str) -> str:
    """Return the initials of a name of at least three words, stop words aside (“DOOB”), or "" for a shorter name."""
    words = [word for word in re.findall(r"\w+", name) if word not in STOP_WORDS and len(word) > 1]
    return "".join(word[0].upper() for word in words) if len(words) >= FEWEST_WORDS else ""
