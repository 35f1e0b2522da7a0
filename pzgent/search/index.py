"""An index in memory: the same results on every database.

A document counts for a word when it holds the stem, a compound with it (“fiets” in “fietsdiefstal”), both parts of it
(“fietsdiefstal” as “diefstal” of a “fiets”), a word that means the same, or a word that differs by a typing error. Rare
words weigh more than common ones, titles more than texts, and a document that answers every word more than one that
answers some. Then its names count: how much the best of them says what the question says, and nothing else.
"""

from __future__ import annotations

import heapq
import math
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from rapidfuzz import process
from rapidfuzz.distance import OSA

from pzgent.search.words import SILENT, sound, stem, stems_of, words_of

TITLE, ALIAS, SUMMARY, BODY = 5.0, 4.0, 1.5, 0.7
BEGINS, CONTAINS, DERIVED, BOTH_PARTS, ONE_PART, SAME_MEANING = 0.7, 0.5, 0.6, 0.85, 0.4, 0.75
WHOLE_NAME, WHOLE_ALIAS = 30.0, 30.0
# How fast a name counts less when it says more than the question (said), or the question more than it (heard).
SAID, HEARD = 2.0, 1.5
# How fast a document counts less that answers only a part of what the question tells.
COVERAGE = 1.5
FEW_ALIASES, SPECIFIC, LONG_ALIAS = 10, 0.25, 0.5
SHORTEST_PART, SHORTEST_BEGINNING, SHORTEST_COMPOUND = 4, 6, 8
# Words that say what sort of thing is asked for, and how much more that sort then counts.
INTENTS = {
    "hoeveel": ("keyFigure", "staffingTable"),
    "aantal": ("keyFigure", "staffingTable"),
    "betekent": ("term",),
    "betekenis": ("term",),
    "afkorting": ("term",),
    "waar": ("location",),
}
INTENDED = 3.5
# Who speaks of themselves looks for help; “wie” asks for a part of the organisation.
PERSONAL = frozenset({"ik", "mij", "mijn", "me", "ons", "onze", "wij", "mn"})
LIKELY = {"topic": 1.5}
WHO = {"unit": 1.7}
# Words for a sort of part of the organisation: they are part of its name too.
UNIT_WORDS = frozenset({"afdeling", "brigade", "bureau", "cel", "dienst", "directie", "peloton", "team"})
UNIT_MEANT = 1.8
# A compound that stands somewhere as it is says more than its parts.
PARTS_OF_KNOWN = 0.5
# “Wat is …” asks what a word means.
WHAT_IS = re.compile(r"^wat (?:is|zijn|wil zeggen|houdt) (?:een |de |het )?")
# Words that nearly everything here could be asked with: they help, but nothing need answer them.
_OPTIONAL = """
    politie gent gentse gentenaar politiezone iets melden melding probleem problemen vraag info informatie nodig
    over plots steeds altijd dringend help project dienst politiemensen korps persoon personen mens mensen
    burger burgers man vrouw kerel dag dagen week weken maand maanden jaar jaren tijd uur vandaag gisteren
    morgen nacht avond ochtend keer maal soms vaak heel hele helemaal zeer erg groot grote klein kleine nieuw
    nieuwe oud oude goed goede slecht slechte laatste eerste tweede andere ander eigen zelf samen alleen beter
    best meer minder veel weinig rond belangrijk blijft blijven laten laat krijg krijgen kreeg gekregen neem
    nemen brengen zetten zet vragen weten weet zeggen zegt zien zie lopen loopt wonen woont thuis stad zoek
    dingen ding zaken spullen plaats plek mee hulp waarmee wiens
"""
OPTIONAL = frozenset(stem(word) for word in _OPTIONAL.split())
OPTIONAL_SHARE = 0.5
# A name says so much by itself that the sort of thing it names counts at most this much more.
NAME_PRIOR = 1.1
# A hit must reach this part of the best one's score.
LOWEST_SHARE = 0.12
# How many documents are looked at more closely: for their names.
SHORTLIST = 300
Scores = dict[int, float]


@dataclass(frozen=True)
class Document:
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


@dataclass(frozen=True)
class Found:
    """A document that answers a question, its score, and the stems by which it was found."""

    document: Document
    score: float
    stems: frozenset[str]


@dataclass
class Phrase:
    """A name of the document with this number: its stems, what it is worth in full, and how rare its stems are."""

    number: int
    stems: frozenset[str]
    bonus: float
    rarity: float = 0.0


@dataclass
class Way:
    """A way to say one part of a question: per word the stems that answer it, how well the way itself does, and whether
    an answer needs all its words."""

    words: list[Mapping[str, float]]
    share: float
    is_whole: bool


@dataclass
class Group:
    """What answers one word of a question or one phrase with synonyms: the ways to say it, documents with their scores,
    whether an answer needs it, and how much it tells."""

    ways: list[Way]
    is_needed: bool
    scores: Scores = field(default_factory=dict)
    worth: float = 0.0


@dataclass
class Question:
    """The words of a question with their stems, how much more each sort of thing counts, and its mended words."""

    words: list[str]
    stems: list[str]
    kinds: Mapping[str, float] = field(default_factory=dict)
    corrected: dict[str, str] = field(default_factory=dict)


class Index:
    """Documents by the stems they hold. Built once; then only read."""

    def __init__(self, documents: Iterable[Document], rings: Iterable[Sequence[str]] = ()) -> None:
        self.documents = list(documents)
        self.kind_of = [document.kind for document in self.documents]
        self.kinds = set(self.kind_of)
        self.priors = [document.prior for document in self.documents]
        self.postings: dict[str, Scores] = defaultdict(dict)
        self.spelling: dict[str, str] = {}
        self.words: set[str] = set()
        self.sounds: dict[str, set[str]] = defaultdict(set)
        self.phrases: list[Phrase] = []
        self.phrases_of: list[list[int]] = []
        self.phrases_with: dict[str, set[int]] = defaultdict(set)
        for number, document in enumerate(self.documents):
            self._add(number, document)
        # Per first stem the phrases that begin with it, each with what means the same.
        self.meanings: dict[str, list[tuple[tuple[str, ...], list[tuple[str, ...]]]]] = defaultdict(list)
        for ring in rings:
            phrases = list(dict.fromkeys(phrase for text in ring if (phrase := _phrase_of(text))))
            for phrase in phrases:
                self.meanings[phrase[0]].append((phrase, [other for other in phrases if other != phrase]))
        self.ring_stems = {part for found in self.meanings.values() for phrase, _ in found for part in phrase}
        self.words.update(word for ring in rings for phrase in ring for word in words_of(phrase))
        for word in self.words:
            if len(word) >= SHORTEST_PART:
                self.sounds[sound(word)].add(word)
        self.vocabulary = list(self.postings)
        for place, name in enumerate(self.phrases):
            name.rarity = sum(self._rarity(len(self.postings[known])) for known in sorted(name.stems))
            for known in name.stems:
                self.phrases_with[known].add(place)
        self._matches = lru_cache(maxsize=10_000)(self._match)

    def search(self, text: str, limit: int) -> tuple[list[Found], str]:
        """The best documents, and the question with its typing errors mended (empty when there were none)."""
        question = self._asked(text)
        if not question.stems:
            return [], ""
        groups = [group for group in self._groups(question) if group.scores]
        if not groups:
            return [], ""
        if not any(group.is_needed for group in groups):
            for group in groups:
                group.is_needed = True
        # A word that nothing answers tells no document from another.
        needed = sum(group.worth for group in groups if group.is_needed) or 1.0
        totals: Scores = {}
        covered: Scores = {}
        for group in sorted(groups, key=lambda group: not group.is_needed):
            # What nearly everything could be asked with finds nothing by itself.
            found = group.scores if group.is_needed or not totals else totals.keys() & group.scores.keys()
            for number in found:
                totals[number] = totals.get(number, 0.0) + group.scores[number]
                covered[number] = covered.get(number, 0.0) + group.worth * group.is_needed
        priors = {kind: question.kinds.get(kind, 1.0) for kind in self.kinds}
        best = heapq.nsmallest(
            SHORTLIST,
            (
                (
                    -score
                    * (covered[number] / needed) ** COVERAGE
                    * self.priors[number]
                    * priors[self.kind_of[number]],
                    number,
                )
                for number, score in totals.items()
            ),
        )
        # Measured before the bonus of a name, which would leave that one hit alone.
        lowest = max(totals.values()) * LOWEST_SHARE
        named = self._named(groups, needed, [number for _score, number in best])
        ranked = sorted(
            (
                score
                - min(NAME_PRIOR, self.priors[number] * priors[self.kind_of[number]])
                * named.get(number, 0.0),
                number,
            )
            for score, number in best
        )[:limit]
        stems = frozenset(
            known for group in groups for way in group.ways for word in way.words for known in word
        )
        hits = [Found(self.documents[number], -score, stems) for score, number in ranked if -score >= lowest]
        return hits, _mended(text, question.corrected)

    def _add(self, number: int, document: Document) -> None:
        found: dict[str, float] = {}
        fields = [
            *((TITLE, name) for name in (document.title, *document.names)),
            *((ALIAS, alias) for alias in document.aliases),
        ]
        # Who answers to many names is less likely to be meant by each.
        specific = min(1.0, (FEW_ALIASES / max(1, len(document.aliases))) ** SPECIFIC)
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
        for text in (*(text for _weight, text in fields), document.summary, document.body):
            for word in words_of(text):
                self.spelling.setdefault(stem(word), word)
                self.words.add(word)
        for known, weight in found.items():
            self.postings[known][number] = weight

    def _rarity(self, documents: int) -> float:
        """How much a word tells that this many documents hold."""
        return math.log(1 + len(self.documents) / documents) if documents else 0.0

    def _asked(self, text: str) -> Question:
        """The words of a question; a compound that nothing holds falls apart into its parts."""
        every = words_of(text)
        kinds = {kind: INTENDED for word in every for kind in INTENTS.get(word, ())}
        if WHAT_IS.match(" ".join(every)):
            kinds["term"] = INTENDED
        joined = list(self._joined(every))
        telling = [word for word in joined if word not in SILENT and word not in INTENTS]
        telling = telling or joined
        corrected: dict[str, str] = {}
        words = [part for word in telling for part in self._split(word, corrected)]
        if PERSONAL.intersection(every):
            kinds = dict(LIKELY)
        elif "wie" in every:
            kinds = WHO | kinds
        if UNIT_WORDS.intersection(words):
            kinds.setdefault("unit", UNIT_MEANT)
        return Question(words, [stem(word) for word in words], kinds, corrected)

    def _joined(self, words: Sequence[str]) -> Iterator[str]:
        """The words, with two that are one compound (“verkeers dienst”) or code (“I 8”) here as that one."""
        place = 0
        while place < len(words):
            pair = words[place : place + 2]
            whole = "".join(pair)
            is_one = len(pair) > 1 and whole in self.words and self._belong_together(pair, whole)
            yield whole if is_one else words[place]
            place += 1 + is_one

    def _belong_together(self, pair: Sequence[str], whole: str) -> bool:
        """Whether two words say more as one: a code, one of them is no word, or editors have synonyms for the whole."""
        if any(word.isdecimal() for word in pair):
            return True
        if any(word in SILENT for word in pair):
            return False
        return not self.words.issuperset(pair) or stem(whole) in self.ring_stems

    def _is_known(self, known: str) -> bool:
        return known in self.postings or known in self.ring_stems

    def _split(self, word: str, corrected: dict[str, str]) -> list[str]:
        """The two parts of a compound, when only they are known, and it is no slip in one that is; otherwise the word
        itself, or the word that was meant."""
        if self._is_known(stem(word)):
            return [word]
        if meant := self._meant(word):
            corrected[word] = meant
            return [meant]
        best: tuple[int, list[str]] = (-1, [word])
        for cut in _cuts(word):
            halves = (word[:cut], word[cut:])
            parts = [self._known(half) for half in halves]
            if all(parts):
                # “Fiets-team”, not “fiet-steam”.
                best = max(
                    best, (sum(half in self.words for half in halves), parts), key=lambda entry: entry[0]
                )
        return best[1]

    def _meant(self, word: str) -> str:
        """The word that sounds like this unknown one, or differs by one letter when it is long; the most common one."""
        near = self.sounds.get(sound(word), set()) if len(word) >= SHORTEST_PART else set()
        if not near and len(word) > SHORTEST_COMPOUND:
            near = {
                other
                for other, *_ in process.extract(
                    word, self.words, scorer=OSA.distance, score_cutoff=1, limit=None
                )
            }
        return max(near, key=lambda other: (len(self.postings.get(stem(other), ())), other), default="")

    def _groups(self, question: Question) -> Iterator[Group]:
        """Per word of the question, or phrase that means the same as another, what answers it."""
        only_optional = OPTIONAL.issuperset(question.stems)
        place = 0
        while place < len(question.stems):
            length, others = self._same_meaning(question.stems, place)
            own = [self._answers(question, place + step) for step in range(length)]
            ways = [Way(own, 1.0, False)]
            ways += [Way([self._matches(part) for part in other], SAME_MEANING, True) for other in others]
            is_needed = only_optional or length > 1 or question.stems[place] not in OPTIONAL
            group = Group(ways, is_needed)
            scores = group.scores
            for way in ways:
                share = way.share * (1.0 if is_needed else OPTIONAL_SHARE)
                for number, score in self._scores_of(way).items():
                    if (score := score * share) > scores.get(number, 0.0):
                        scores[number] = score
            group.worth = self._rarity(len(scores))
            yield group
            place += length

    def _same_meaning(self, stems: Sequence[str], place: int) -> tuple[int, list[tuple[str, ...]]]:
        """How many words from here form a phrase with synonyms (at least one), and those synonyms."""
        length = 1
        others: list[tuple[str, ...]] = []
        for phrase, same in self.meanings.get(stems[place], ()):
            if len(phrase) >= length and tuple(stems[place : place + len(phrase)]) == phrase:
                if len(phrase) > length:
                    length, others = len(phrase), []
                others += same
        return length, list(dict.fromkeys(others))

    def _answers(self, question: Question, place: int) -> Mapping[str, float]:
        """The stems that answer one word; when there are none, those that it may be a typing error of."""
        known = question.stems[place]
        matches = self._matches(known)
        if max(matches.values(), default=0.0) <= ONE_PART:
            alike = self._alike(known, question.words[place])
            matches = alike or matches
            if alike:
                nearest = max(matches, key=lambda name: (matches[name], len(self.postings[name])))
                question.corrected[question.words[place]] = self.spelling[nearest]
        return matches

    def _match(self, known: str) -> Mapping[str, float]:
        """The stems in the index that answer a stem, each with how well."""
        found: dict[str, float] = {known: 1.0} if known in self.postings else {}
        if len(known) >= SHORTEST_PART:
            holders = [other for other in self.vocabulary if known in other]
            found |= {
                other: BEGINS if other.startswith(known) else CONTAINS
                for other in holders
                if other != known and self._is_part(known, other)
            }
            for length in range(max(SHORTEST_PART + 1, len(known) - SHORTEST_PART), len(known)):
                if known[:length] in self.postings:
                    found.setdefault(known[:length], DERIVED)
            whole = PARTS_OF_KNOWN if known in self.postings or known in self.ring_stems else 1.0
            for part, share in self._parts_of(known):
                if part in self.postings:
                    share *= whole
                    found[part] = max(found.get(part, 0.0), share)
        return found or self._begun_alike(known)

    def _is_part(self, known: str, whole: str) -> bool:
        """Whether the stem stands in the compound where a part begins: “stal” does not in “installatie”."""
        before = whole[: whole.index(known)]
        if not before or (len(before) >= SHORTEST_PART and before not in SILENT):
            return True
        return len(before) == SHORTEST_PART - 1 and bool(self._known(before))

    def _begun_alike(self, known: str) -> dict[str, float]:
        """The stems that begin as this unknown one does, by its longest beginning that any of them has."""
        for length in range(len(known) - 1, SHORTEST_BEGINNING - 1, -1):
            if found := [other for other in self.vocabulary if other.startswith(known[:length])]:
                return dict.fromkeys(found, ONE_PART)
        return {}

    def _parts_of(self, known: str) -> Iterator[tuple[str, float]]:
        """The parts of a compound that the index knows; both count more than one."""
        best: tuple[int, list[str]] = (0, [])
        for cut in _cuts(known):
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
                and (found := stem(bare)) not in SILENT
                and self._is_known(found)
            ):
                return found
        return ""

    def _alike(self, known: str, word: str) -> dict[str, float]:
        """Stems that differ from this one by a typing error or two."""
        if len(word) < SHORTEST_PART or word.isdecimal():
            return {}
        errors = 1 if len(known) < 7 else 2
        # Who slips hardly ever does so in the first letter.
        first = sound(word)[0]
        near = [
            found
            for found in process.extract(
                known, self.vocabulary, scorer=OSA.distance, score_cutoff=errors, limit=20
            )
            if sound(found[0])[0] == first
        ]
        best = min((distance for _name, distance, _place in near), default=0)
        return {name: 0.8 - 0.15 * distance for name, distance, _place in near if distance == best}

    def _named(self, groups: Sequence[Group], needed: float, numbers: Iterable[int]) -> Scores:
        """Per document of these how much its best name says what the question says: all of it, and nothing else."""
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
        """Per name of these that holds (all) the words of a way, the share of the way in it and how much that tells."""
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
        """Per document that answers (all) the words of a way, the mean of its best matches."""
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
        """Per document (of some) its best match for a word; one that few documents answer weighs more."""
        scores: Scores = {}
        for known, share in word.items():
            postings = self.postings[known]
            for number in postings if among is None else among.keys() & postings.keys():
                if (score := share * postings[number]) > scores.get(number, 0.0):
                    scores[number] = score
        rarity = self._rarity(len(scores) if among is None else self._documents_of(word))
        return {number: score * rarity for number, score in scores.items()}

    def _documents_of(self, word: Mapping[str, float]) -> int:
        """How many documents answer a word."""
        return len(set().union(*(self.postings[known] for known in word)))

    def _rarest_first(self, way: Way) -> list[Mapping[str, float]]:
        """The words of a way; when an answer needs all, the one first that leaves the fewest."""
        if not way.is_whole:
            return way.words
        return sorted(way.words, key=lambda word: sum(len(self.postings[known]) for known in word))


def _phrase_of(text: str) -> tuple[str, ...]:
    """The stems of a word or phrase of editors; none of a phrase of which one word is left: “agent worden” does not
    make “agent” mean what it means, nor is “politie” a word for all that people ask the police."""
    stems = tuple(stems_of(text))
    is_cut = len(stems) == 1 < len(words_of(text))
    return () if is_cut or OPTIONAL.issuperset(stems) else stems


def _cuts(word: str) -> range:
    """Where a compound can be cut in two: “bus” and “job” are words, two letters hardly ever."""
    shortest = SHORTEST_PART - (len(word) > SHORTEST_COMPOUND)
    return range(shortest, len(word) - shortest + 1)


def _mended(text: str, corrected: Mapping[str, str]) -> str:
    return " ".join(corrected.get(word, word) for word in words_of(text)) if corrected else ""
