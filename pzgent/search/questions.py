"""Analysis of a question: its words, and the types of result that it asks for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from pzgent.search.vocabulary import Vocabulary
from pzgent.search.words import LEAD, silent_in, stem, words_of

# Words that reveal the type of result that is asked for, and the weight of that type.
INTENTS = {
    "hoeveel": ("keyFigure", "staffingTable", "page"),
    "aantal": ("keyFigure", "staffingTable", "page"),
    "betekent": ("term",),
    "betekenis": ("term",),
    "afkorting": ("term",),
    "waar": ("location",),
}
INTENDED = 3.5
# Counting queries and queries for a unit rank topics lower: these are the weights of topics in both.
COUNTED = frozenset({"hoeveel", "aantal"})
COUNTING, INSIDE = 0.4, 0.7
# Words for people who work for the police. Counting queries replace them by “personeel”, the word of the staffing
# tables. General words such as “volk” only count as staff if the question says nothing more specific.
_STAFF = """
    agent agenten flik flikken politieagenten politiemensen inspecteur inspecteurs commissarissen medewerkers werknemers
"""
STAFF = frozenset(_STAFF.split())
CROWD, STAFF_NAME = frozenset({"volk", "mensen", "man", "personen"}), "personeel"
AT_WORK = frozenset({"werken", "werkt", "telt", "tellen"})
# Questions in the first person ask for help, not for figures; “wie” asks for a unit.
PERSONAL = frozenset({"ik", "mij", "mijn", "me", "ons", "onze", "wij", "mn"})
LIKELY = {"topic": 1.65, "staffingTable": 0.3, "keyFigure": 0.5}
WHO = {"unit": 1.7, "topic": INSIDE}
# Words for kinds of unit, which are part of the names of units too.
UNIT_WORDS = frozenset({"afdeling", "brigade", "bureau", "cel", "dienst", "directie", "peloton", "team"})
UNIT_MEANT = 1.8
WHICH = frozenset({"welk", "welke"})
# “Wat is …” asks for the meaning of a term.
WHAT_IS = re.compile(r"^wat (?:is|zijn|wil zeggen|houdt) (?:een |de |het )?")
# Words that could occur in nearly any question: they add to a score, but a document does not need to match them.
_OPTIONAL = """
    politie polizei gent gentse gentenaar politiezone iets melden melding probleem problemen vraag info informatie nodig
    over plots steeds altijd dringend help project dienst politiemensen korps persoon personen mens mensen
    burger burgers man vrouw kerel dag dagen week weken maand maanden jaar jaren tijd uur vandaag gisteren
    morgen nacht avond ochtend keer maal soms vaak heel hele helemaal zeer erg groot grote klein kleine nieuw
    nieuwe oud oude goed goede slecht slechte laatste eerste tweede andere ander eigen zelf samen alleen beter
    best meer minder veel weinig rond belangrijk blijft blijven laten laat krijg krijgen kreeg gekregen neem
    nemen brengen zetten zet vragen weten weet zeggen zegt zien zie lopen loopt wonen woont thuis stad zoek
    kijken kijkt houden houdt maken maakt pakken pakt bestrijden bestrijdt aanpakken behandelen behandelt beheren
    beheert gebruiken gebruikt bezig eindelijk ergens nergens eigenlijk gewoon echt misschien daar elkaar
    ligt liggen dingen ding zaken spullen plaats plek mee hulp waarmee wiens terecht terechtkunt
    telefoon telefoonnummer mail mailadres volk
"""
OPTIONAL = frozenset(stem(word) for word in _OPTIONAL.split())


@dataclass
class Question:
    """The words of a question, their stems, the weight of each type of result, and the corrected words."""

    words: list[str]
    stems: list[str]
    kinds: Mapping[str, float] = field(default_factory=dict)
    corrected: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, text: str, vocabulary: Vocabulary, language: str) -> Question:
        """Parse a question asked in this language, and split compounds that the vocabulary does not contain."""
        every, silent = words_of(text), silent_in(text, language, LEAD)
        kinds = {kind: INTENDED for word in every for kind in INTENTS.get(word, ())}
        if WHAT_IS.match(" ".join(every)):
            kinds["term"] = INTENDED
        joined = list(vocabulary.joined(every))
        telling = [word for word in joined if word not in silent and word not in INTENTS]
        telling = telling or joined
        is_counted = not COUNTED.isdisjoint(every)
        if is_counted:
            telling = _counted(telling)
        corrected: dict[str, str] = {}
        words = [
            part
            for word in telling
            for part in ([word] if stem(word) in OPTIONAL else vocabulary.split(word, corrected))
        ]
        if PERSONAL.intersection(every):
            kinds = dict(LIKELY)
        elif "wie" in every:
            kinds = WHO | kinds
        if UNIT_WORDS.intersection(words):
            kinds.setdefault("unit", UNIT_MEANT)
            if WHICH.intersection(every):
                kinds["topic"] = INSIDE
        if is_counted:
            kinds["topic"] = COUNTING
        return cls(words, [stem(word) for word in words], kinds, corrected)


def _counted(words: list[str]) -> list[str]:
    """Return the words of a counting query, with words for staff replaced by that of the staffing tables."""
    is_crowd_staff = all(stem(word) in OPTIONAL or word in AT_WORK for word in words)
    staff = STAFF | CROWD if is_crowd_staff else STAFF
    named = [STAFF_NAME if word in staff else word for word in words if word not in AT_WORK]
    return named or words
