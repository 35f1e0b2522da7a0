"""One search over everything the site holds."""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from contact.models.channels import Audience
from contact.phone import with_spelling_of_pages
from pzgent.change_feed.revision import revision
from pzgent.kernel.editions import Edition
from pzgent.kernel.translations import DUTCH, Text
from pzgent.registry.searchables import SEARCHABLE
from pzgent.search.index import SHORTLIST, Found, SearchIndex
from pzgent.search.sources import all_documents, synonym_rings
from pzgent.search.words import stem, words_of

# How people say that they cannot hear or speak; synonyms lead here.
_DEAF = """
    doof dove doven slechthorend slechthorende gebarentaal deaf sourd sourde malentendant malentendante taub gehörlos
"""
DEAF = frozenset(stem(word) for word in _DEAF.split())
SNIPPET = 180
FIRST_HITS = 3
# A topic fits that is at least this part as likely as the best hit.
FITTING = 0.25


@dataclass(frozen=True)
class Hit:
    """Something found; `path` says where it belongs when names are not unique."""

    type: str
    title: Text
    url: str
    snippet: Text
    path: str = ""
    slug: str = ""
    item: Any = None
    score: float = 0.0
    stems: frozenset[str] = field(default=frozenset(), repr=False)

    @property
    def has_ended(self) -> bool:
        """Whether it is an edition whose period is over today."""
        return isinstance(self.item, Edition) and self.item.has_ended()

    @property
    def marked(self) -> SafeString:
        """The snippet with the words that were looked for marked."""
        return mark(self.snippet, self.stems)


@dataclass(frozen=True)
class SearchResults:
    """What was found, the best first; how much there is of each sort in all; and the question as it was probably
    meant."""

    hits: list[Hit]
    meant: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """How much there is in all."""
        return sum(self.counts.values())

    @property
    def first(self) -> list[Hit]:
        """What to look at for an answer to the question itself."""
        return self.hits[:FIRST_HITS]


class _Kept:
    """The index of this process for the readers of one language, made anew when what it is about has changed.

    A language apart leaves the words of another out: in Dutch they would only be taken for typing errors.
    """

    def __init__(self, language: str) -> None:
        self.language = language
        self.lock = threading.Lock()
        self.state = ""
        self.index = SearchIndex(())

    def get(self) -> SearchIndex:
        """The index for the rows of this moment; one query when nothing changed."""
        state = revision()
        with self.lock:
            if state != self.state:
                # In Dutch, whoever asks first: the words of the interface are in the index too.
                with translation.override(DUTCH):
                    self.index = SearchIndex(all_documents(self.language), synonym_rings(), self.language)
                self.state = state
            return self.index


_kept = {code: _Kept(code) for code, _name in settings.LANGUAGES}


def search_everything(text: str, limit: int = 60, kind: str = "") -> SearchResults:
    """What answers the text, of one sort when asked, the best first, at most `limit` hits; nothing without words."""
    if not words_of(text):
        return SearchResults([])
    language = (get_language() or DUTCH)[:2]
    text = with_spelling_of_pages(text)
    found, meant = _kept.get(language, _kept[DUTCH]).get().search(text, SHORTLIST)
    wanted = [hit for hit in found if kind in ("", hit.document.kind)]
    counts = Counter(hit.document.kind for hit in found)
    return SearchResults([_hit(hit) for hit in wanted[:limit]], meant, counts)


def find_topics(text: str) -> tuple[list[str], str]:
    """The slugs of the topics that answer the text, the likeliest first, and the audience it names or nothing."""
    answer = search_everything(text)
    lowest = FITTING * answer.hits[0].score if answer.hits else 0.0
    fitting = [hit.slug for hit in answer.hits if hit.type == "topic" and hit.score >= lowest]
    return fitting, asked_by(answer)


def asked_by(answer: SearchResults) -> str:
    """The audience that a question names by what hinders them (“doof”), for whom there are other ways; or nothing."""
    found = answer.hits[0].stems if answer.hits else frozenset()
    return Audience.DEAF if found & DEAF else ""


def without_audience(text: str) -> str:
    """What a question asks beside the audience that it names."""
    return " ".join(word for word in words_of(text) if stem(word) not in DEAF)


def group_hits(answer: SearchResults) -> list[tuple[str, Any, list[Hit]]]:
    """Hits per sort of thing, as (sort, label, hits): contact first when it answers the question, then the best."""
    has_topic = any(hit.type == "topic" for hit in answer.first)
    groups: dict[str, list[Hit]] = {"topic": []} if has_topic else {}
    for hit in answer.hits:
        groups.setdefault(hit.type, []).append(hit)
    return [(kind, SEARCHABLE[kind].label, found) for kind, found in groups.items()]


def count_sorts(answer: SearchResults) -> list[tuple[str, Any, int]]:
    """Every sort of thing that was found, as (sort, label, how many), in the order of the groups."""
    order = dict.fromkeys([*(kind for kind, _label, _hits in group_hits(answer)), *answer.counts])
    return [(kind, SEARCHABLE[kind].label, answer.counts[kind]) for kind in order]


def mark(text: str, stems: frozenset[str]) -> SafeString:
    """The text, escaped, with the words marked that have one of the stems."""
    parts = re.split(r"(\w+)", text)
    shown = [
        format_html("<mark>{}</mark>", part) if _is_one_of(part, stems) else conditional_escape(part)
        for part in parts
    ]
    return SafeString("".join(shown))


def _is_one_of(part: str, stems: frozenset[str]) -> bool:
    words = words_of(part)
    return len(words) == 1 and stem(words[0]) in stems


def _hit(found: Found) -> Hit:
    document, item = found.document, found.document.item
    sort = SEARCHABLE[document.kind]
    text = sort.snippet(item, document) or Text(document.summary or document.body)
    snippet = Text(_excerpt(text, found.stems), text.language)
    return Hit(
        document.kind,
        sort.title(item),
        item.get_absolute_url(),
        snippet,
        sort.path(item),
        item.slug,
        item,
        found.score,
        found.stems,
    )


def _excerpt(text: str, stems: frozenset[str]) -> str:
    """The first sentences from the first one with a word that was looked for, at most 180 characters."""
    sentences = re.split(r"(?<=[.!?])\s+", " ".join(text.split()))
    hits = [
        number
        for number, sentence in enumerate(sentences)
        if stems & {stem(word) for word in words_of(sentence)}
    ]
    shown = " ".join(sentences[hits[0] if hits else 0 :])
    return shown if len(shown) <= SNIPPET else f"{shown[:SNIPPET].rsplit(' ', 1)[0]} …"
