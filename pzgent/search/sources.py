"""What the index is made of: the texts of the apps, and the synonyms of the editors."""

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
    """The words that mean the same, as editors keep them."""
    return [ring.word_list for ring in SynonymRing.objects.all()]


def all_documents(language: str) -> Iterator[IndexedText]:
    """Everything published that can be found, in a fixed order; also by its words in a language beside Dutch."""
    for sort in SEARCHABLE.values():
        for text in sort.texts(language):
            initials = _initials(text.title) if sort.has_initials else ""
            yield replace(text, aliases=[initials, *text.aliases]) if initials else text


def _initials(name: str) -> str:
    """The initials by which a name of at least three words may be known (“DOOB”); nothing for a shorter one."""
    words = [word for word in re.findall(r"\w+", name) if word not in STOP_WORDS and len(word) > 1]
    return "".join(word[0].upper() for word in words) if len(words) >= FEWEST_WORDS else ""
