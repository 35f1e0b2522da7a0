"""In-memory full-text index, with the same results on every database.

A document matches a word if it contains the stem, a compound with that stem (“fiets” in “fietsdiefstal”), both parts of
it (“fietsdiefstal” as “diefstal” of a “fiets”), a synonym, or a word within typing-error distance. Rare words weigh
more than common ones, titles more than body text, and a document that matches every word more than one that matches
some of them. The best documents then get a bonus for their names, depending on how completely the best of these covers
the question, and how little else it says.
"""

from __future__ import annotations

import heapq
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pzgent.kernel.searchable import IndexedText
from pzgent.search.questions import OPTIONAL, Question
from pzgent.search.vocabulary import Tongues, Vocabulary
from pzgent.search.words import stem, stems_of, words_of

TITLE, ALIAS, SUMMARY, BODY = 5.0, 4.0, 1.5, 0.7
SAME_MEANING = 0.75
WHOLE_NAME, WHOLE_ALIAS = 30.0, 30.0
# Exponents by which the bonus of a name decreases if the name says more than the question (said), or the question more
# than the name (heard).
SAID, HEARD = 2.0, 1.5
# Exponent by which the score of a document decreases if it covers only part of the question.
COVERAGE = 1.5
FEW_ALIASES, SPECIFIC, LONG_ALIAS = 10, 0.2, 0.5
# Weight of an optional word, which could occur in nearly any question.
OPTIONAL_SHARE = 0.5
# Maximum that an optional word adds to a score, as a share of the score for the rest of the question.
AT_MOST = 0.3
# Maximum prior by which the bonus of a name is multiplied: a matching name is strong evidence by itself.
NAME_PRIOR = 1.1
# Minimum score of a hit, as a share of the best score.
LOWEST_SHARE = 0.15
# Number of documents that are ranked again by their names.
SHORTLIST = 300
# The type of documents about places, the weight of these if a question names one, and the largest number of places that
# share a word by which one is told from another.
PLACE, PLACE_NAMED, FEW_PLACES = "location", 3.0, 3
Scores = dict[int, float]


@dataclass(frozen=True)
class Found:
    """A document that matches a question, its score, and the stems that matched."""

    document: IndexedText
    score: float
    stems: frozenset[str]


@dataclass
class Phrase:
    """A name of the document with this number: its stems, its maximum bonus, and the summed IDF of its stems."""

    number: int
    stems: frozenset[str]
    bonus: float
    rarity: float = 0.0


@dataclass
class Way:
    """One wording of a part of a question: for each word the stems that match it with their weights, the weight of the
    wording itself, and whether a document must match all its words."""

    words: list[Mapping[str, float]]
    share: float
    is_whole: bool

    @property
    def strength(self) -> float:
        """The weight of its best match: a word that is only a part of some rare word says little."""
        return self.share * max((max(word.values(), default=0.0) for word in self.words), default=0.0)


@dataclass
class Group:
    """One word of a question, or one phrase with synonyms: its wordings, the scores of the documents that match,
    whether a document needs to match it, and its IDF."""

    ways: list[Way]
    is_needed: bool
    scores: Scores = field(default_factory=dict)
    worth: float = 0.0


class SearchIndex:
    """Inverted index of documents by stem, for questions in one language. Built once, read-only afterwards."""

    def __init__(
        self,
        documents: Iterable[IndexedText],
        rings: Iterable[Sequence[str]] = (),
        tongues: Tongues | None = None,
    ) -> None:
        self.tongues = tongues or Tongues()
        self.documents = list(documents)
        self.kind_of = [document.kind for document in self.documents]
        self.kinds = set(self.kind_of)
        self.priors = [document.prior for document in self.documents]
        self.postings: dict[str, Scores] = defaultdict(dict)
        self.spelling: dict[str, str] = {}
        self.words: set[str] = set()
        self.phrases: list[Phrase] = []
        self.phrases_of: list[list[int]] = []
        self.phrases_with: dict[str, set[int]] = defaultdict(set)
        for number, document in enumerate(self.documents):
            self._add(number, document)
        # The stems by which one place is told from another.
        self.places = {
            known
            for number, document in enumerate(self.documents)
            if document.kind == PLACE
            for known in stems_of(document.title)
            if known not in OPTIONAL
            and sum(self.kind_of[other] == PLACE for other in self.postings[known]) <= FEW_PLACES
        }
        # For each first stem, the phrases that begin with it, each with its synonyms.
        self.meanings: dict[str, list[tuple[tuple[str, ...], list[tuple[str, ...]]]]] = defaultdict(list)
        for ring in rings:
            phrases = list(dict.fromkeys(phrase for text in ring if (phrase := _phrase_of(text))))
            for phrase in phrases:
                self.meanings[phrase[0]].append((phrase, [other for other in phrases if other != phrase]))
        written = frozenset(self.words)
        self.words.update(word for ring in rings for phrase in ring for word in words_of(phrase))
        synonyms = {part for found in self.meanings.values() for phrase, _ in found for part in phrase}
        self.vocabulary = Vocabulary(
            self.postings, self.spelling, self.words, synonyms, written, self.tongues
        )
        for place, name in enumerate(self.phrases):
            name.rarity = sum(self._rarity(len(self.postings[known])) for known in sorted(name.stems))
            for known in name.stems:
                self.phrases_with[known].add(place)

    def search(self, text: str, limit: int) -> tuple[list[Found], str]:
        """Return the best documents, and the question with its typing errors corrected (empty if there were none)."""
        question = Question.of(text, self.vocabulary, self.tongues.language)
        if not question.stems:
            return [], ""
        groups = [group for group in self._groups(question) if group.scores]
        if not groups:
            return [], ""
        if not any(group.is_needed for group in groups):
            for group in groups:
                group.is_needed = True
        # Groups without matches are left out: they do not distinguish documents.
        needed = sum(group.worth for group in groups if group.is_needed) or 1.0
        totals, covered = _totals_of(groups)
        shares = self._shares_of(question)
        best = self._shortlist(totals, covered, needed, shares)
        # Computed before the bonuses for names: one such bonus would raise the threshold above all other hits.
        lowest = max(totals.values()) * LOWEST_SHARE
        named = self._named(groups, needed, [number for _score, number in best])
        ranked = sorted(
            (
                score
                - min(NAME_PRIOR, shares[self.kind_of[number]] * self.priors[number])
                * named.get(number, 0.0),
                number,
            )
            for score, number in best
        )[:limit]
        stems = _stems_in(groups)
        hits = [Found(self.documents[number], -score, stems) for score, number in ranked if -score >= lowest]
        return hits, _mended(text, question.corrected)

    def _shares_of(self, question: Question) -> dict[str, float]:
        """Return the weight of each type of document for a question; places weigh more if one of them is named."""
        shares = {kind: question.kinds.get(kind, 1.0) for kind in self.kinds}
        if self.places.intersection(question.stems):
            shares[PLACE] *= PLACE_NAMED
        return shares

    def _shortlist(
        self, totals: Scores, covered: Scores, needed: float, shares: Mapping[str, float]
    ) -> list[tuple[float, int]]:
        """Return the documents to rank by their names, best first, as (negated score, document number)."""
        priors, kind_of = self.priors, self.kind_of
        return heapq.nsmallest(
            SHORTLIST,
            (
                (
                    -score
                    * (covered[number] / needed) ** COVERAGE
                    * priors[number]
                    * shares[kind_of[number]],
                    number,
                )
                for number, score in totals.items()
            ),
        )

    def _add(self, number: int, document: IndexedText) -> None:
        found: dict[str, float] = {}
        own = [
            *((TITLE, name) for name in (document.title, *document.names)),
            *((ALIAS, alias) for alias in document.aliases),
        ]
        fields = [*own, *((ALIAS, alias) for alias in document.foreign)]
        # The more aliases a document has, the less likely each of them is to mean this document.
        total = len(document.aliases) + len(document.foreign)
        specific = min(1.0, (FEW_ALIASES / max(1, total)) ** SPECIFIC)
        first = len(self.phrases)
        for weight, text in fields:
            stems = frozenset(stems_of(text))
            share = weight if weight == TITLE else weight * specific / max(1, len(stems)) ** LONG_ALIAS
            for known in stems:
                found[known] = max(found.get(known, 0.0), share)
            if not OPTIONAL.issuperset(stems):
                bonus = WHOLE_NAME if weight == TITLE else WHOLE_ALIAS * specific
                self.phrases.append(Phrase(number, stems, bonus))
        self.phrases_of.append(list(range(first, len(self.phrases))))
        for weight, text in ((SUMMARY, document.summary), (BODY, document.body)):
            for word in words_of(text):
                found[stem(word)] = max(found.get(stem(word), 0.0), weight)
        for text in (*(text for _weight, text in own), document.summary, document.body):
            for word in words_of(text):
                self.spelling.setdefault(stem(word), word)
                self.words.add(word)
        for known, weight in found.items():
            self.postings[known][number] = weight

    def _rarity(self, documents: int) -> float:
        """Return the IDF of a word that occurs in this many documents (0.0 for none)."""
        return math.log(1 + len(self.documents) / documents) if documents else 0.0

    def _groups(self, question: Question) -> Iterator[Group]:
        """Yield a group for each word of the question, or for each phrase that has synonyms."""
        only_optional = OPTIONAL.issuperset(question.stems)
        place = 0
        while place < len(question.stems):
            length, others = self._same_meaning(question.stems, place)
            own = [self._own(question, place + step, only_optional=only_optional) for step in range(length)]
            ways = [Way(own, 1.0, False)]
            ways += [
                Way([self.vocabulary.matches(part) for part in other], SAME_MEANING, True) for other in others
            ]
            is_needed = only_optional or length > 1 or question.stems[place] not in OPTIONAL
            group = Group(ways, is_needed)
            scores = group.scores
            for way in ways:
                share = way.share * (1.0 if is_needed else OPTIONAL_SHARE)
                for number, score in self._scores_of(way).items():
                    if (score := score * share) > scores.get(number, 0.0):
                        scores[number] = score
            group.worth = self._rarity(len(scores)) * max(way.strength for way in ways)
            yield group
            place += length

    def _own(self, question: Question, place: int, *, only_optional: bool) -> Mapping[str, float]:
        """Return the stems that match a word of the question; an optional word matches no compounds.

        “Slecht” says nothing about who is “slechthorend”.
        """
        known = question.stems[place]
        if known in OPTIONAL and not only_optional:
            return {known: 1.0} if known in self.postings else {}
        return self.vocabulary.answers(question.words[place], question.corrected, question.spoken)

    def _same_meaning(self, stems: Sequence[str], place: int) -> tuple[int, list[tuple[str, ...]]]:
        """Return the length of the longest phrase with synonyms at this position (at least 1), and those synonyms."""
        length = 1
        others: list[tuple[str, ...]] = []
        for phrase, same in self.meanings.get(stems[place], ()):
            if len(phrase) >= length and tuple(stems[place : place + len(phrase)]) == phrase:
                if len(phrase) > length:
                    length, others = len(phrase), []
                others += same
        return length, list(dict.fromkeys(others))

    def _named(self, groups: Sequence[Group], needed: float, numbers: Iterable[int]) -> Scores:
        """Return the bonus of each of these documents for its best name: the more of the question it covers, and the
        less else it says, the higher."""
        among = {place for number in numbers for place in self.phrases_of[number]}
        said: Scores = defaultdict(float)
        heard: Scores = defaultdict(float)
        for group in groups:
            best: dict[int, tuple[float, float]] = {}
            for way in group.ways:
                for place, (share, worth) in self._places_of(way, among).items():
                    known = best.get(place, (0.0, 0.0))
                    best[place] = max(known[0], share), max(known[1], worth)
            for place, (share, worth) in best.items():
                heard[place] += share * group.worth * group.is_needed
                said[place] += worth
        found: Scores = {}
        for place, worth in said.items():
            phrase = self.phrases[place]
            bonus = (
                phrase.bonus
                * min(1.0, worth / phrase.rarity) ** SAID
                * min(1.0, heard[place] / needed) ** HEARD
            )
            found[phrase.number] = max(found.get(phrase.number, 0.0), bonus)
        return found

    def _places_of(self, way: Way, among: set[int]) -> dict[int, tuple[float, float]]:
        """Return for each of these names that matches a wording (all its words if it is whole) the matched share of the
        wording, and the IDF of what matched."""
        found: list[dict[int, tuple[float, float]]] = []
        for word in self._rarest_first(way):
            here: dict[int, tuple[float, float]] = {}
            for known, match in word.items():
                entry = match, match * self._rarity(len(self.postings[known]))
                for place in among & self.phrases_with.get(known, set()):
                    if entry > here.get(place, (0.0, 0.0)):
                        here[place] = entry
            found.append(here)
            if way.is_whole and not here:
                return {}
        everywhere = set.intersection(*map(set, found)) if way.is_whole else set().union(*found)
        share = way.share / len(found)
        return {
            place: (
                share * sum(here[place][0] for here in found if place in here),
                way.share * sum(here[place][1] for here in found if place in here),
            )
            for place in everywhere
        }

    def _scores_of(self, way: Way) -> Scores:
        """Return for each document that matches a wording (all its words if it is whole) the mean of its best
        matches."""
        found: list[Scores] = []
        for word in self._rarest_first(way):
            scores = self._matched(word, found[0] if way.is_whole and found else None)
            found.append(scores)
        if len(found) == 1:
            return found[0]
        keys = [set(scores) for scores in found]
        common = set.intersection(*keys) if way.is_whole else set().union(*keys)
        return {number: sum(scores.get(number, 0.0) for scores in found) / len(found) for number in common}

    def _matched(self, word: Mapping[str, float], among: Scores | None) -> Scores:
        """Return for each document (or each of `among`) its best match for a word, multiplied by the IDF."""
        scores: Scores = {}
        for known, share in word.items():
            postings = self.postings[known]
            for number in postings if among is None else among.keys() & postings.keys():
                if (score := share * postings[number]) > scores.get(number, 0.0):
                    scores[number] = score
        rarity = self._rarity(len(scores) if among is None else self._documents_of(word))
        return {number: score * rarity for number, score in scores.items()}

    def _documents_of(self, word: Mapping[str, float]) -> int:
        """Return the number of documents that match a word."""
        return len(set().union(*(self.postings[known] for known in word)))

    def _rarest_first(self, way: Way) -> list[Mapping[str, float]]:
        """Return the words of a wording; if all are required, the most selective first, to narrow the set early."""
        if not way.is_whole:
            return way.words
        return sorted(way.words, key=lambda word: sum(len(self.postings[known]) for known in word))


def _totals_of(groups: Iterable[Group]) -> tuple[Scores, Scores]:
    """Return for each document its summed score, and its coverage: the summed IDF of the needed groups it matches."""
    totals: Scores = {}
    covered: Scores = {}
    for group in sorted(groups, key=lambda group: not group.is_needed):
        # An optional word adds to the score of documents that match another word; it finds none by itself.
        found = group.scores if group.is_needed or not totals else totals.keys() & group.scores.keys()
        for number in found:
            before, score = totals.get(number, 0.0), group.scores[number]
            # However rare an optional word is, it must not outweigh the rest of the question.
            totals[number] = before + (
                score if group.is_needed or not before else min(score, before * AT_MOST)
            )
            covered[number] = covered.get(number, 0.0) + group.worth * group.is_needed
    return totals, covered


def _stems_in(groups: Iterable[Group]) -> frozenset[str]:
    """Return the stems that matched documents."""
    return frozenset(
        known
        for group in groups
        for way in group.ways
        for word in way.words
        for known in word
        # In “gestolen goed”, as a synonym of “diefstal”, “goed” means nothing by itself.
        if not (way.is_whole and known in OPTIONAL)
    )


def _phrase_of(text: str) -> tuple[str, ...]:
    """Return the stems of a word or phrase of a synonym ring, or nothing if these would match too much.

    That is the case for a phrase with only one word left after removing the stop words (“agent” is no synonym of “agent
    worden”), and for a phrase of optional words only (“politie” occurs in questions about anything).
    """
    stems = tuple(stems_of(text))
    is_cut = len(stems) == 1 < len(words_of(text))
    return () if is_cut or OPTIONAL.issuperset(stems) else stems


def _mended(text: str, corrected: Mapping[str, str]) -> str:
    return " ".join(corrected.get(word, word) for word in words_of(text)) if corrected else ""
