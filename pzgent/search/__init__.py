"""Full-text search over all public content of the site."""

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

from contact.models.kinds import Audience
from contact.phone import with_spelling_of_pages
from pzgent.change_feed.revision import revision
from pzgent.kernel.editions import Edition
from pzgent.kernel.translations import DUTCH, Text
from pzgent.registry.searchables import SEARCHABLE
from pzgent.search.index import SHORTLIST, Found, SearchIndex
from pzgent.search.sources import all_documents, synonym_rings, tongues_of
from pzgent.search.words import stem, words_of

# Words with which people say that they cannot hear or speak; synonym rings map other words onto these.
_DEAF = """
    doof dove doven slechthorend slechthorende gebarentaal deaf sourd sourde malentendant malentendante taub gehörlos
"""
DEAF = frozenset(stem(word) for word in _DEAF.split())
# The most characters of a question, on the page and in the API.
LONGEST_QUESTION = 200
SNIPPET = 180
FIRST_HITS = 3
# Minimum score of a fitting topic, as a share of the score of the best hit.
FITTING = 0.25


@dataclass(frozen=True)
class Hit:
    """A search hit; `path` locates it in the organisation when titles are not unique."""

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
        """Whether the hit is an edition whose period has ended by today."""
        return isinstance(self.item, Edition) and self.item.has_ended()

    @property
    def marked(self) -> SafeString:
        """The snippet as HTML, with the matched words marked."""
        return mark(self.snippet, self.stems)


@dataclass(frozen=True)
class SearchResults:
    """The hits, best first, the total number of hits per type, and the corrected question (empty if nothing was
    corrected)."""

    hits: list[Hit]
    meant: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """The total number of hits of all types."""
        return sum(self.counts.values())

    @property
    def first(self) -> list[Hit]:
        """The first three hits, taken as the answer to the question itself."""
        return self.hits[:FIRST_HITS]


class _Kept:
    """The per-process search index for one language, rebuilt when the indexed data change.

    Each language has its own index without the words of the others: in the Dutch index these would only be taken for
    typing errors.
    """

    def __init__(self, language: str) -> None:
        self.language = language
        self.lock = threading.Lock()
        self.state = ""
        self.index = SearchIndex(())

    def get(self) -> SearchIndex:
        """Return the index for the current data; one query if nothing changed."""
        state = revision()
        with self.lock:
            if state != self.state:
                # Always build under the Dutch locale, whatever the language of the first request: the index contains
                # interface strings too.
                with translation.override(DUTCH):
                    texts, tongues = all_documents(self.language), tongues_of(self.language)
                    self.index = SearchIndex(texts, synonym_rings(), tongues)
                self.state = state
            return self.index


_kept = {code: _Kept(code) for code, _name in settings.LANGUAGES}


def search_everything(text: str, limit: int = 60, kind: str = "") -> SearchResults:
    """Return at most `limit` hits for the text, best first, optionally of one type; no hits for a text without words.

    The counts per type cover all hits, regardless of `kind` and `limit`.
    """
    if not words_of(text):
        return SearchResults([])
    language = (get_language() or DUTCH)[:2]
    text = with_spelling_of_pages(text)
    found, meant = _kept.get(language, _kept[DUTCH]).get().search(text, SHORTLIST)
    wanted = [hit for hit in found if kind in ("", hit.document.kind)]
    counts = Counter(hit.document.kind for hit in found)
    return SearchResults([_hit(hit) for hit in wanted[:limit]], meant, counts)


def find_topics(text: str) -> tuple[list[str], str]:
    """Return the slugs of the topics that match the text, best first, and the audience it names (or "")."""
    answer = search_everything(text)
    lowest = FITTING * answer.hits[0].score if answer.hits else 0.0
    fitting = [hit.slug for hit in answer.hits if hit.type == "topic" and hit.score >= lowest]
    return fitting, asked_by(answer)


def asked_by(answer: SearchResults) -> str:
    """Return the audience with channels of its own that a question names by a disability (“doof”), or ""."""
    found = answer.hits[0].stems if answer.hits else frozenset()
    return Audience.DEAF if found & DEAF else ""


def without_audience(text: str) -> str:
    """Return the words of the question without those that name an audience."""
    return " ".join(word for word in words_of(text) if stem(word) not in DEAF)


def group_hits(answer: SearchResults) -> list[tuple[str, Any, list[Hit]]]:
    """Return the hits grouped by type, as (type, label, hits).

    Topics come first if one is among the first three hits; the other groups follow in the order of their best hit.
    """
    has_topic = any(hit.type == "topic" for hit in answer.first)
    groups: dict[str, list[Hit]] = {"topic": []} if has_topic else {}
    for hit in answer.hits:
        groups.setdefault(hit.type, []).append(hit)
    return [(kind, SEARCHABLE[kind].label, found) for kind, found in groups.items()]


def count_sorts(answer: SearchResults) -> list[tuple[str, Any, int]]:
    """Return the number of hits per type, as (type, label, count), in the order of the groups."""
    order = dict.fromkeys([*(kind for kind, _label, _hits in group_hits(answer)), *answer.counts])
    return [(kind, SEARCHABLE[kind].label, answer.counts[kind]) for kind in order]


def mark(text: str, stems: frozenset[str]) -> SafeString:
    """Return the text as escaped HTML, with the words that have one of the stems in `<mark>` elements."""
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
    """Return an excerpt of at most 180 characters that starts at the first sentence with a matched stem."""
    sentences = re.split(r"(?<=[.!?])\s+", " ".join(text.split()))
    hits = [
        number
        for number, sentence in enumerate(sentences)
        if stems & {stem(word) for word in words_of(sentence)}
    ]
    shown = " ".join(sentences[hits[0] if hits else 0 :])
    return shown if len(shown) <= SNIPPET else f"{shown[:SNIPPET].rsplit(' ', 1)[0]} …"
