"""The vocabulary of an index, and matching of the words of a question against it.

A stem matches another if it is equal, contains it as a part of a compound (“fiets” in “fietsdiefstal”), is a part of
it, or is within typing-error distance.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from pzgent.kernel.translations import DUTCH
from pzgent.search.words import SILENT_IN, STOP_WORDS, phonetic_key, stem

# The last part of a compound names its kind: a “perswoordvoerder” is a “woordvoerder”.
BEGINS, ENDS, CONTAINS, DERIVED, BOTH_PARTS, ONE_PART = 0.7, 0.85, 0.5, 0.6, 0.85, 0.4
SHORTEST_PART, SHORTEST_BEGINNING, SHORTEST_COMPOUND = 4, 6, 8
# Weight of the parts of a compound that itself occurs in the index: the whole is more specific.
PARTS_OF_KNOWN = 0.5
IN_DUTCH = frozenset({DUTCH})
EVERY_STOP_WORD = frozenset().union(*SILENT_IN.values())


@dataclass(frozen=True)
class Tongues:
    """The words of visitors in the language of the index, if it is not Dutch, and those in the languages that it is
    not in: no typing errors."""

    language: str = DUTCH
    own: frozenset[str] = frozenset()
    others: frozenset[str] = frozenset()

    def may_correct(self, word: str, spoken: frozenset[str]) -> bool:
        """Return whether a word of a question in these languages may be a typing error."""
        return self.language in spoken and word not in self.others and word not in EVERY_STOP_WORD

    def may_mean(self, word: str) -> bool:
        """Return whether a word may be the correction of another; no word ("") may not."""
        return bool(word) and (self.language == DUTCH or word in self.own)


class Vocabulary:
    """The words of the documents and of the synonym rings. Built once, read-only afterwards.

    `postings` maps each stem to the documents that contain it, `spelling` each stem to a word with that stem; `words`
    are all words as spelled, `synonyms` the stems of the synonym rings, `written` the words of the documents.
    """

    def __init__(
        self,
        postings: Mapping[str, Mapping[int, float]],
        spelling: Mapping[str, str],
        words: frozenset[str] | set[str],
        synonyms: frozenset[str] | set[str],
        written: frozenset[str] | set[str],
        tongues: Tongues,
    ) -> None:
        self.postings = postings
        self.spelling = spelling
        self.words = words
        self.synonyms = synonyms
        self.written = written
        self.tongues = tongues
        self.stems = list(postings)
        self.sounds: dict[str, set[str]] = defaultdict(set)
        for word in words:
            if len(word) >= SHORTEST_PART:
                self.sounds[phonetic_key(word)].add(word)
        self.matches = lru_cache(maxsize=10_000)(self._matches)

    def knows(self, known: str) -> bool:
        """Return whether a document or a synonym ring contains this stem."""
        return known in self.postings or known in self.synonyms

    def answers(
        self, word: str, corrected: dict[str, str], spoken: frozenset[str] = IN_DUTCH
    ) -> Mapping[str, float]:
        """Return the stems that match a word, with their weights; without good matches, those it may be a typo of.

        A typing error is added to `corrected`, with the best correction.
        """
        known = stem(word)
        matches = self.matches(known)
        # A word in a synonym ring is not a typing error (“baas” is not “BAS”).
        is_weak = max(matches.values(), default=0.0) <= ONE_PART and known not in self.synonyms
        if is_weak and self.tongues.may_correct(word, spoken):
            alike = self._alike(known, word)
            matches = alike or matches
            if alike:
                nearest = max(matches, key=lambda name: (matches[name], len(self.postings[name])))
                corrected[word] = self.spelling[nearest]
        return matches

    def joined(self, words: Sequence[str]) -> Iterator[str]:
        """Yield the words, joining pairs that the index knows as one compound (“verkeers dienst”) or code (“I 8”)."""
        place = 0
        while place < len(words):
            pair = words[place : place + 2]
            whole = "".join(pair)
            is_one = len(pair) > 1 and whole in self.words and self._belong_together(pair, whole)
            yield whole if is_one else words[place]
            place += 1 + is_one

    def _belong_together(self, pair: Sequence[str], whole: str) -> bool:
        """Return whether to join two words: they are a code, one of them is unknown, or the whole has synonyms."""
        if any(word.isdecimal() for word in pair):
            return True
        if any(word in STOP_WORDS for word in pair):
            return False
        return not self.words.issuperset(pair) or stem(whole) in self.synonyms

    def split(self, word: str, corrected: dict[str, str], spoken: frozenset[str] = IN_DUTCH) -> list[str]:
        """Return the two parts of an unknown compound, or else the word itself.

        An unknown word that is a typing error returns the correction instead, and is added to `corrected`.
        """
        if self.knows(stem(word)):
            return [word]
        if self.tongues.may_correct(word, spoken) and (meant := self._meant(word)):
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
        """Return the most common word that sounds like this unknown word, or that differs by one edit if it is long.

        Return "" if there is none.
        """
        near = self.sounds.get(phonetic_key(word), set()) if len(word) >= SHORTEST_PART else set()
        if not near and len(word) > SHORTEST_COMPOUND:
            near = {
                other
                for other, *_ in process.extract(
                    word, self.words, scorer=OSA.distance, score_cutoff=1, limit=None
                )
            }
        return max(filter(self.tongues.may_mean, near), key=self._how_usual, default="")

    def _how_usual(self, word: str) -> tuple[bool, int, str]:
        """Return the sort key of a correction. Words of documents come first: synonyms may be in another language."""
        return word in self.written, len(self.postings.get(stem(word), ())), word

    def _matches(self, known: str) -> Mapping[str, float]:
        """Return the stems in the index that match a stem, with their weights."""
        found: dict[str, float] = {known: 1.0} if known in self.postings else {}
        if len(known) >= SHORTEST_PART:
            holders = [other for other in self.stems if known in other]
            found |= {
                other: BEGINS if other.startswith(known) else ENDS if other.endswith(known) else CONTAINS
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
        """Return whether the stem starts a part of the compound: “stal” does not in “installatie”."""
        before = whole[: whole.index(known)]
        if not before or (len(before) >= SHORTEST_PART and before not in STOP_WORDS):
            return True
        return len(before) == SHORTEST_PART - 1 and bool(self._known(before))

    def _begun_alike(self, known: str) -> dict[str, float]:
        """Return the stems that share the longest possible prefix with this unknown stem."""
        for length in range(len(known) - 1, SHORTEST_BEGINNING - 1, -1):
            if found := [other for other in self.stems if other.startswith(known[:length])]:
                return dict.fromkeys(found, ONE_PART)
        return {}

    def _parts_of(self, known: str) -> Iterator[tuple[str, float]]:
        """Yield the known parts of a compound with their weights; together, two parts weigh more than one."""
        best: tuple[int, list[str]] = (0, [])
        for cut in _cuts(known):
            left, right = known[:cut], known[cut:]
            parts = [part for part in (self._known(left), self._known(right)) if part]
            best = max(best, (len(parts), parts), key=lambda entry: entry[0])
        share = BOTH_PARTS / 2 if best[0] == 2 else ONE_PART
        for part in best[1]:
            yield part, share

    def _known(self, part: str) -> str:
        """Return the known stem of a part of a compound, which may end in a linking “s”, “e” or “en”, or ""."""
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
        """Return the nearest stems within one typing error, or two for a longer stem, with their weights."""
        if len(word) < SHORTEST_PART or word.isdecimal():
            return {}
        errors = 1 if len(known) < 7 else 2
        # Typing errors are rare in the first letter.
        first = phonetic_key(word)[0]
        near = [
            found
            for found in process.extract(
                known, self.stems, scorer=OSA.distance, score_cutoff=errors, limit=20
            )
            # Foreign words have no spelling: they are no correction of another word.
            if phonetic_key(found[0])[0] == first and self.tongues.may_mean(self.spelling.get(found[0], ""))
        ]
        best = min((distance for _name, distance, _place in near), default=0)
        return {name: 0.8 - 0.15 * distance for name, distance, _place in near if distance == best}


def _cuts(word: str) -> range:
    """Return the positions where a compound may be split.

    Parts of long compounds have at least three letters (“bus”, “job”): shorter ones are hardly ever words.
    """
    shortest = SHORTEST_PART - (len(word) > SHORTEST_COMPOUND)
    return range(shortest, len(word) - shortest + 1)
