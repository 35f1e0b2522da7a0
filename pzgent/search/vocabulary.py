"""The words that an index knows, and which of them answer a word of a question.

A stem answers another when it is the same, holds it as a part of a compound (“fiets” in “fietsdiefstal”), is a part of
it, or differs by a typing error.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from pzgent.search.words import STOP_WORDS, phonetic_key, stem

BEGINS, CONTAINS, DERIVED, BOTH_PARTS, ONE_PART = 0.7, 0.5, 0.6, 0.85, 0.4
SHORTEST_PART, SHORTEST_BEGINNING, SHORTEST_COMPOUND = 4, 6, 8
# A compound that stands somewhere as it is says more than its parts.
PARTS_OF_KNOWN = 0.5


class Vocabulary:
    """What documents and the synonyms of editors are written with: the documents that hold each stem, how a word with
    that stem is spelled, all words as they stand, the stems of synonyms, and the words of documents. Made once; then
    only read."""

    def __init__(
        self,
        postings: Mapping[str, Mapping[int, float]],
        spelling: Mapping[str, str],
        words: frozenset[str] | set[str],
        synonyms: frozenset[str] | set[str],
        written: frozenset[str] | set[str],
    ) -> None:
        self.postings = postings
        self.spelling = spelling
        self.words = words
        self.synonyms = synonyms
        self.written = written
        self.stems = list(postings)
        self.sounds: dict[str, set[str]] = defaultdict(set)
        for word in words:
            if len(word) >= SHORTEST_PART:
                self.sounds[phonetic_key(word)].add(word)
        self.matches = lru_cache(maxsize=10_000)(self._matches)

    def knows(self, known: str) -> bool:
        """Whether a document or a synonym holds this stem."""
        return known in self.postings or known in self.synonyms

    def answers(self, word: str, corrected: dict[str, str]) -> Mapping[str, float]:
        """The stems that answer one word; when there are none, those that it may be a typing error of."""
        known = stem(word)
        matches = self.matches(known)
        # A word that editors have synonyms for is no typing error (“baas” is no “BAS”).
        if max(matches.values(), default=0.0) <= ONE_PART and known not in self.synonyms:
            alike = self._alike(known, word)
            matches = alike or matches
            if alike:
                nearest = max(matches, key=lambda name: (matches[name], len(self.postings[name])))
                corrected[word] = self.spelling[nearest]
        return matches

    def joined(self, words: Sequence[str]) -> Iterator[str]:
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
        if any(word in STOP_WORDS for word in pair):
            return False
        return not self.words.issuperset(pair) or stem(whole) in self.synonyms

    def split(self, word: str, corrected: dict[str, str]) -> list[str]:
        """The two parts of a compound, when only they are known, and it is no slip in one that is; otherwise the word
        itself, or the word that was meant."""
        if self.knows(stem(word)):
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
        near = self.sounds.get(phonetic_key(word), set()) if len(word) >= SHORTEST_PART else set()
        if not near and len(word) > SHORTEST_COMPOUND:
            near = {
                other
                for other, *_ in process.extract(
                    word, self.words, scorer=OSA.distance, score_cutoff=1, limit=None
                )
            }
        return max(near, key=self._how_usual, default="")

    def _how_usual(self, word: str) -> tuple[bool, int, str]:
        """What to choose a word by: synonyms may be of another language, documents are of this one."""
        return word in self.written, len(self.postings.get(stem(word), ())), word

    def _matches(self, known: str) -> Mapping[str, float]:
        """The stems in the index that answer a stem, each with how well."""
        found: dict[str, float] = {known: 1.0} if known in self.postings else {}
        if len(known) >= SHORTEST_PART:
            holders = [other for other in self.stems if known in other]
            found |= {
                other: BEGINS if other.startswith(known) else CONTAINS
                for other in holders
                if other != known and self._is_part(known, other)
            }
            for length in range(max(SHORTEST_PART + 1, len(known) - SHORTEST_PART), len(known)):
                if known[:length] in self.postings:
                    found.setdefault(known[:length], DERIVED)
            whole = PARTS_OF_KNOWN if known in self.postings or known in self.synonyms else 1.0
            for part, share in self._parts_of(known):
                if part in self.postings:
                    share *= whole
                    found[part] = max(found.get(part, 0.0), share)
        return found or ({} if known in self.synonyms else self._begun_alike(known))

    def _is_part(self, known: str, whole: str) -> bool:
        """Whether the stem stands in the compound where a part begins: “stal” does not in “installatie”."""
        before = whole[: whole.index(known)]
        if not before or (len(before) >= SHORTEST_PART and before not in STOP_WORDS):
            return True
        return len(before) == SHORTEST_PART - 1 and bool(self._known(before))

    def _begun_alike(self, known: str) -> dict[str, float]:
        """The stems that begin as this unknown one does, by its longest beginning that any of them has."""
        for length in range(len(known) - 1, SHORTEST_BEGINNING - 1, -1):
            if found := [other for other in self.stems if other.startswith(known[:length])]:
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
                and (found := stem(bare)) not in STOP_WORDS
                and self.knows(found)
            ):
                return found
        return ""

    def _alike(self, known: str, word: str) -> dict[str, float]:
        """Stems that differ from this one by a typing error or two."""
        if len(word) < SHORTEST_PART or word.isdecimal():
            return {}
        errors = 1 if len(known) < 7 else 2
        # Who slips hardly ever does so in the first letter.
        first = phonetic_key(word)[0]
        near = [
            found
            for found in process.extract(
                known, self.stems, scorer=OSA.distance, score_cutoff=errors, limit=20
            )
            if phonetic_key(found[0])[0] == first
        ]
        best = min((distance for _name, distance, _place in near), default=0)
        return {name: 0.8 - 0.15 * distance for name, distance, _place in near if distance == best}


def _cuts(word: str) -> range:
    """Where a compound can be cut in two: “bus” and “job” are words, two letters hardly ever."""
    shortest = SHORTEST_PART - (len(word) > SHORTEST_COMPOUND)
    return range(shortest, len(word) - shortest + 1)
