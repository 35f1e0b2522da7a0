"""An index in memory: the same results on every database.

A document counts for a word when it holds the stem, a compound with it (“fiets” in “fietsdiefstal”), both parts of it
(“fietsdiefstal” as “diefstal” of a “fiets”), a word that means the same, or a word that differs by a typing error. Rare
words weigh more than common ones, titles more than texts, and a document that answers every word more than one that
answers some.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from rapidfuzz import process
from rapidfuzz.distance import OSA

from pzgent.search.words import SILENT, stem, stems_of, words_of

TITLE, ALIAS, SUMMARY, BODY = 5.0, 4.0, 1.5, 0.7
BEGINS, CONTAINS, DERIVED, BOTH_PARTS, ONE_PART, SAME_MEANING = 0.7, 0.5, 0.6, 0.85, 0.4, 0.75
WHOLE_NAME, WHOLE_ALIAS, PART_OF_QUESTION = 30.0, 22.0, 6.0
FEW_ALIASES = 10
SHORTEST_PART, SHORTEST_BEGINNING = 4, 6
# Words that say what sort of thing is asked for, and how much more that sort then counts.
INTENTS = {
    "hoeveel": ("keyFigure", "staffingTable"),
    "aantal": ("keyFigure", "staffingTable"),
    "betekent": ("term",),
    "betekenis": ("term",),
    "afkorting": ("term",),
    "waar": ("location",),
}
INTENDED = 2.5
# Words for a sort of part of the organisation: they are part of its name too.
UNIT_WORDS = frozenset({"afdeling", "brigade", "bureau", "cel", "dienst", "directie", "peloton", "team"})
UNIT_MEANT = 1.6
# A compound that stands somewhere as it is says more than its parts.
PARTS_OF_KNOWN = 0.5
# “Wat is …” asks what a word means.
WHAT_IS = re.compile(r"^wat (?:is|zijn|wil zeggen|houdt) (?:een |de |het )?")
# Words that nearly everything here could be asked with: they help, but nothing need answer them.
OPTIONAL = frozenset(stem(word) for word in ("politie", "gent", "gentse", "politiezone", "iets"))
# A hit must reach this part of the best one's score.
LOWEST_SHARE = 0.12
Scores = dict[int, float]


@dataclass(frozen=True)
class Document:
    """Something that can be found. `aliases` are whole names and phrases that people use for it."""

    kind: str
    item: Any
    title: str
    aliases: Sequence[str] = ()
    summary: str = ""
    body: str = ""
    prior: float = 1.0


@dataclass(frozen=True)
class Found:
    """A document that answers a question, its score, and the stems by which it was found."""

    document: Document
    score: float
    stems: frozenset[str]


@dataclass
class Question:
    """The words of a question with their stems, how much more each sort of thing counts, and its mended words."""

    words: list[str]
    stems: list[str]
    kinds: Mapping[str, float] = field(default_factory=dict)
    corrected: dict[str, str] = field(default_factory=dict)

    @property
    def telling(self) -> list[str]:
        """The stems that an answer needs: all but the optional ones, unless there are no others."""
        return [known for known in self.stems if known not in OPTIONAL] or self.stems


class Index:
    """Documents by the stems they hold. Built once; then only read."""

    def __init__(self, documents: Iterable[Document], rings: Iterable[Sequence[str]] = ()) -> None:
        self.documents = list(documents)
        self.postings: dict[str, Scores] = defaultdict(dict)
        self.spelling: dict[str, str] = {}
        self.words: set[str] = set()
        self.names: dict[tuple[str, ...], Scores] = defaultdict(dict)
        for number, document in enumerate(self.documents):
            self._add(number, document)
        self.rings = [[tuple(stems_of(phrase)) for phrase in ring] for ring in rings]
        self.ring_stems = {part for ring in self.rings for phrase in ring for part in phrase}
        self.vocabulary = list(self.postings)
        self.longest_name = max(map(len, self.names), default=0)
        self._matches = lru_cache(maxsize=10_000)(self._match)

    def search(self, text: str, limit: int) -> tuple[list[Found], str]:
        """The best documents, and the question with its typing errors mended (empty when there were none)."""
        question = self._asked(text)
        if not question.stems:
            return [], ""
        groups = list(self._groups(question))
        if not any(scores for scores, _stems, _counts in groups):
            return [], ""
        totals: Scores = defaultdict(float)
        counts: dict[int, int] = defaultdict(int)
        for scores, _stems, is_needed in groups:
            for number, score in scores.items():
                totals[number] += score
                counts[number] += is_needed
        # A word that nothing answers tells no document from another.
        needed = sum(is_needed for scores, _stems, is_needed in groups if scores) or 1
        # Measured before the bonus of a whole name, which would leave that one hit alone.
        lowest = max(totals.values()) * LOWEST_SHARE
        for number, bonus in self._named(question).items():
            totals[number] += bonus
            counts.setdefault(number, needed)
        ranked = sorted(
            (
                (score * self._prior(number, question) * (counts[number] / needed) ** 1.5, number)
                for number, score in totals.items()
            ),
            key=lambda entry: (-entry[0], entry[1]),
        )
        stems = frozenset(known for _scores, found, _counts in groups for known in found)
        hits = [
            Found(self.documents[number], score, stems) for score, number in ranked[:limit] if score >= lowest
        ]
        return hits, _mended(text, question.corrected)

    def _add(self, number: int, document: Document) -> None:
        weights: Scores = {}
        found: dict[str, float] = {}
        fields = [(TITLE, document.title), *((ALIAS, alias) for alias in document.aliases)]
        for weight, text in (*fields, (SUMMARY, document.summary), (BODY, document.body)):
            for word in words_of(text):
                known = stem(word)
                self.spelling.setdefault(known, word)
                self.words.add(word)
                found[known] = max(found.get(known, 0.0), weight)
        for known, weight in found.items():
            self.postings[known][number] = weight
        # Who answers to many names is less likely to be meant by each.
        specific = min(1.0, (FEW_ALIASES / max(1, len(document.aliases))) ** 0.25)
        for weight, text in fields:
            if name := tuple(stems_of(text)):
                weights = self.names[name]
                bonus = WHOLE_NAME if weight == TITLE else WHOLE_ALIAS * specific
                weights[number] = max(weights.get(number, 0.0), bonus)

    def _prior(self, number: int, question: Question) -> float:
        document = self.documents[number]
        return document.prior * question.kinds.get(document.kind, 1.0)

    def _asked(self, text: str) -> Question:
        """The words of a question; a compound that nothing holds falls apart into its parts."""
        every = words_of(text)
        kinds = {kind: INTENDED for word in every for kind in INTENTS.get(word, ())}
        if WHAT_IS.match(" ".join(every)):
            kinds["term"] = INTENDED
        telling = [word for word in every if word not in SILENT and word not in INTENTS] or every
        words = [part for word in telling for part in self._split(word)]
        if UNIT_WORDS.intersection(words):
            kinds.setdefault("unit", UNIT_MEANT)
        return Question(words, [stem(word) for word in words], kinds)

    def _split(self, word: str) -> list[str]:
        """The two parts of a compound, when only they are known; otherwise the word itself."""
        if stem(word) in self.postings or stem(word) in self.ring_stems:
            return [word]
        best: tuple[int, list[str]] = (-1, [word])
        for cut in range(SHORTEST_PART, len(word) - SHORTEST_PART + 1):
            halves = (word[:cut], word[cut:])
            parts = [self._known(half) for half in halves]
            if all(parts):
                # “Fiets-team”, not “fiet-steam”.
                best = max(
                    best, (sum(half in self.words for half in halves), parts), key=lambda entry: entry[0]
                )
        return best[1]

    def _groups(self, question: Question) -> Iterator[tuple[Scores, set[str], bool]]:
        """Per word of the question (or phrase that means the same as another) the documents that answer it, the stems
        by which they do, and whether an answer needs it."""
        only_optional = OPTIONAL.issuperset(question.stems)
        telling = len(question.telling)
        place = 0
        while place < len(question.stems):
            length, others = self._same_meaning(question.stems, place)
            scores: Scores = {}
            stems: set[str] = set()
            own = [self._answers(question, place + step) for step in range(length)]
            _take(scores, _together([found for found, _known in own]), 1.0)
            stems.update(*(known for _found, known in own))
            for other in others:
                parts = [self._matches(part) for part in other]
                _take(scores, _together([_best_of(self, found) for found in parts]), SAME_MEANING)
                stems.update(known for found in parts for known in found)
                if length == telling:
                    _take(scores, self.names.get(other, {}), SAME_MEANING)
            yield scores, stems, only_optional or length > 1 or question.stems[place] not in OPTIONAL
            place += length

    def _same_meaning(self, stems: Sequence[str], place: int) -> tuple[int, list[tuple[str, ...]]]:
        """How many words from here form a phrase with synonyms (at least one), and those synonyms."""
        length = 1
        others: list[tuple[str, ...]] = []
        for ring in self.rings:
            for phrase in ring:
                if phrase and len(phrase) >= length and tuple(stems[place : place + len(phrase)]) == phrase:
                    if len(phrase) > length:
                        length, others = len(phrase), []
                    others += [other for other in ring if other != phrase]
        return length, others

    def _answers(self, question: Question, place: int) -> tuple[Scores, set[str]]:
        """The documents for one word; when there are none, for the words it may be a typing error of."""
        known = question.stems[place]
        matches = self._matches(known)
        if max(matches.values(), default=0.0) <= ONE_PART:
            alike = self._alike(known, question.words[place])
            matches = alike or matches
            if alike:
                nearest = max(matches, key=lambda name: (matches[name], len(self.postings[name])))
                question.corrected[question.words[place]] = self.spelling[nearest]
        return _best_of(self, matches), set(matches)

    def _match(self, known: str) -> Mapping[str, float]:
        """The stems in the index that answer a stem, each with how well."""
        found: dict[str, float] = {known: 1.0} if known in self.postings else {}
        if len(known) >= SHORTEST_PART:
            holders = [other for other in self.vocabulary if known in other]
            found |= {
                other: BEGINS if other.startswith(known) else CONTAINS for other in holders if other != known
            }
            for length in range(max(SHORTEST_PART + 1, len(known) - SHORTEST_PART), len(known)):
                if known[:length] in self.postings:
                    found.setdefault(known[:length], DERIVED)
            whole = PARTS_OF_KNOWN if known in self.postings else 1.0
            for part, share in self._parts_of(known):
                if part in self.postings:
                    share *= whole
                    found[part] = max(found.get(part, 0.0), share)
        return found or self._begun_alike(known)

    def _begun_alike(self, known: str) -> dict[str, float]:
        """The stems that begin as this unknown one does, by its longest beginning that any of them has."""
        for length in range(len(known) - 1, SHORTEST_BEGINNING - 1, -1):
            if found := [other for other in self.vocabulary if other.startswith(known[:length])]:
                return dict.fromkeys(found, ONE_PART)
        return {}

    def _parts_of(self, known: str) -> Iterator[tuple[str, float]]:
        """The parts of a compound that the index knows; both count more than one."""
        best: tuple[int, list[str]] = (0, [])
        for cut in range(SHORTEST_PART, len(known) - SHORTEST_PART + 1):
            left, right = known[:cut], known[cut:]
            parts = [part for part in (self._known(left), self._known(right)) if part]
            best = max(best, (len(parts), parts), key=lambda entry: entry[0])
        share = BOTH_PARTS / 2 if best[0] == 2 else ONE_PART
        for part in best[1]:
            yield part, share

    def _known(self, part: str) -> str:
        """The stem in the index behind a part of a compound, which may carry an “s”, “e” or “en” to the next part."""
        for ending in ("", "s", "e", "en"):
            bare = part.removesuffix(ending) if ending else part
            if (
                len(bare) >= SHORTEST_PART - 1
                and (found := stem(bare)) in self.postings
                and found not in SILENT
            ):
                return found
        return ""

    def _alike(self, known: str, word: str) -> dict[str, float]:
        """Stems that differ from this one by a typing error or two."""
        if len(word) < SHORTEST_PART or word.isdecimal():
            return {}
        errors = 1 if len(known) < 7 else 2
        near = process.extract(known, self.vocabulary, scorer=OSA.distance, score_cutoff=errors, limit=20)
        best = min((distance for _name, distance, _place in near), default=0)
        return {name: 0.8 - 0.15 * distance for name, distance, _place in near if distance == best}

    def _named(self, question: Question) -> Scores:
        """The documents whose whole name is the question, or stands in it."""
        found: Scores = {}
        stems = question.stems
        for whole in (stems, question.telling):
            _take(found, self.names.get(tuple(whole), {}), 1.0)
        for length in range(2, min(len(stems) - 1, self.longest_name) + 1):
            for place in range(len(stems) - length + 1):
                for number in self.names.get(tuple(stems[place : place + length]), ()):
                    found[number] = max(found.get(number, 0.0), PART_OF_QUESTION * length)
        return found


def _best_of(index: Index, matches: Mapping[str, float]) -> Scores:
    """Per document its best match; a word that few documents answer weighs more."""
    scores: Scores = {}
    for name, share in matches.items():
        for number, weight in index.postings[name].items():
            scores[number] = max(scores.get(number, 0.0), share * weight)
    rarity = math.log(1 + len(index.documents) / len(scores)) if scores else 0.0
    return {number: score * rarity for number, score in scores.items()}


def _together(parts: Sequence[Scores]) -> Scores:
    """The documents that answer all parts, each with the mean of its scores."""
    if len(parts) == 1:
        return parts[0]
    common = set.intersection(*(set(scores) for scores in parts)) if parts else set()
    return {number: sum(scores[number] for scores in parts) / len(parts) for number in common}


def _take(scores: Scores, found: Mapping[int, float], share: float) -> None:
    for number, score in found.items():
        scores[number] = max(scores.get(number, 0.0), score * share)


def _mended(text: str, corrected: Mapping[str, str]) -> str:
    return " ".join(corrected.get(word, word) for word in words_of(text)) if corrected else ""
