"""Analysis of a question: its words, and the types of result that it asks for."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from pzgent.kernel.translations import DUTCH
from pzgent.search.vocabulary import Vocabulary
from pzgent.search.words import LEAD, QUESTION_WORDS, languages_of, silent_in, stem, words_of

# The types of result that the words of each group ask for, and the weight of these types.
INTENTS = {
    "count": ("keyFigure", "staffingTable", "page"),
    "mean": ("term",),
    "where": ("location",),
}
INTENDED = 3.5
# Counting queries and queries for a unit rank topics lower: these are the weights of topics in both.
COUNTING, INSIDE = 0.4, 0.7
# Counting queries replace words for people who work for the police by the word of the staffing tables.
STAFF_NAME = "personeel"
# Questions in the first person ask for help, not for figures; those with “wie” for a unit.
LIKELY = {"topic": 1.65, "guide": 1.4, "staffingTable": 0.3, "keyFigure": 0.5}
WHO = {"unit": 1.7, "topic": INSIDE}
# Questions for opening hours of a police station, or for one of several, ask for a place.
STATION = {"location": 1.8, "page": 1.8, "topic": INSIDE}
# Questions about what the police does about something ask for a project or a policy.
APPROACH = {"project": 1.8, "policy": 1.5, "topic": INSIDE}
# Words for kinds of unit, which are part of the names of units too.
UNIT_WORDS = frozenset({"afdeling", "brigade", "bureau", "cel", "dienst", "directie", "peloton", "team"})
UNIT_MEANT = 1.8


@dataclass(frozen=True)
class Words:
    """The words by which questions in one or more languages are understood, by the groups of the data file."""

    groups: Mapping[str, frozenset[str]]
    what: tuple[re.Pattern[str], ...]
    approach: tuple[re.Pattern[str], ...]

    @classmethod
    @cache
    def of(cls, languages: frozenset[str]) -> Words:
        """Return the words of these languages together."""
        known = [QUESTION_WORDS[code] for code in sorted(languages)]
        names = known[0].keys() - {"what", "approach", "grades"}
        groups = {name: frozenset(word for groups in known for word in groups[name]) for name in names}
        what, approach = (
            tuple(re.compile(text) for groups in known for text in groups[name])
            for name in ("what", "approach")
        )
        return cls(groups, what, approach)

    def asks_meaning(self, text: str) -> bool:
        """Return whether a question starts like “Wat is …”."""
        return any(pattern.match(text) for pattern in self.what)

    def asks_approach(self, text: str) -> bool:
        """Return whether a question is about what the police does about something."""
        return any(pattern.search(text) for pattern in self.approach)

    def kinds_of(self, every: Sequence[str]) -> dict[str, float]:
        """Return the weight of each type of result that the words ask for."""
        return {
            kind: INTENDED
            for group, kinds in INTENTS.items()
            if not self.groups[group].isdisjoint(every)
            for kind in kinds
        }

    def counted(self, words: list[str]) -> list[str]:
        """Return the words of a counting query, with words for staff replaced by that of the staffing tables."""
        staff, crowd, work = (self.groups[name] for name in ("staff", "crowd", "work"))
        if all(stem(word) in OPTIONAL or word in work or word in crowd for word in words):
            staff |= crowd
        named = [STAFF_NAME if word in staff else word for word in words if word not in work]
        return named or words


OPTIONAL = frozenset(stem(word) for groups in QUESTION_WORDS.values() for word in groups["optional"])


@dataclass
class Question:
    """The words of a question, their stems, the weight of each type of result, the corrected words, and the languages
    that it may be in."""

    words: list[str]
    stems: list[str]
    kinds: Mapping[str, float] = field(default_factory=dict)
    corrected: dict[str, str] = field(default_factory=dict)
    spoken: frozenset[str] = frozenset({DUTCH})

    @classmethod
    def of(cls, text: str, vocabulary: Vocabulary, language: str) -> Question:
        """Parse a question asked in this language, and split compounds that the vocabulary does not contain."""
        every, spoken = words_of(text), languages_of(text, language, LEAD)
        known, silent = Words.of(spoken), silent_in(text, language, LEAD)
        groups = known.groups
        kinds = known.kinds_of(every)
        if known.asks_meaning(" ".join(every)):
            kinds["term"] = INTENDED
        asking = groups["count"] | groups["mean"] | groups["where"]
        joined = list(vocabulary.joined(every))
        telling = [word for word in joined if word not in silent and word not in asking] or joined
        is_counted = not groups["count"].isdisjoint(every)
        if is_counted:
            telling = known.counted(telling)
        corrected: dict[str, str] = {}
        words = [
            part
            for word in telling
            for part in ([word] if stem(word) in OPTIONAL else vocabulary.split(word, corrected, spoken))
        ]
        if groups["personal"].intersection(every):
            kinds = dict(LIKELY)
        elif groups["who"].intersection(every):
            kinds = WHO | kinds
        elif known.asks_approach(" ".join(every)):
            kinds = APPROACH | kinds
        if groups["station"].intersection(every) and (groups["open"] | groups["which"]).intersection(every):
            kinds |= STATION
        if UNIT_WORDS.intersection(words):
            kinds.setdefault("unit", UNIT_MEANT)
            if groups["which"].intersection(every):
                kinds["topic"] = INSIDE
        if is_counted:
            kinds["topic"] = COUNTING
        return cls(words, [stem(word) for word in words], kinds, corrected, spoken)
