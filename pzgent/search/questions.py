"""What a question asks: its words, and the sort of thing that it asks for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from pzgent.search.vocabulary import Vocabulary
from pzgent.search.words import LEAD, silent_in, stem, words_of

# Words that say what sort of thing is asked for, and how much more that sort then counts.
INTENTS = {
    "hoeveel": ("keyFigure", "staffingTable", "page"),
    "aantal": ("keyFigure", "staffingTable", "page"),
    "betekent": ("term",),
    "betekenis": ("term",),
    "afkorting": ("term",),
    "waar": ("location",),
}
INTENDED = 3.5
# Who counts wants a number, no help; who asks for a part of the organisation wants none either.
COUNTED = frozenset({"hoeveel", "aantal"})
COUNTING, INSIDE = 0.4, 0.7
# How people call who works for the police: who counts them asks for what tables call the staff. “Volk” are only
# staff where nothing says whose.
_STAFF = """
    agent agenten flik flikken politieagenten politiemensen inspecteur inspecteurs commissarissen medewerkers werknemers
"""
STAFF = frozenset(_STAFF.split())
CROWD, STAFF_NAME = frozenset({"volk", "mensen", "man", "personen"}), "personeel"
AT_WORK = frozenset({"werken", "werkt", "telt", "tellen"})
# Who speaks of themselves looks for help, not for figures; “wie” asks for a part of the organisation.
PERSONAL = frozenset({"ik", "mij", "mijn", "me", "ons", "onze", "wij", "mn"})
LIKELY = {"topic": 1.65, "staffingTable": 0.3, "keyFigure": 0.5}
WHO = {"unit": 1.7, "topic": INSIDE}
# Words for a sort of part of the organisation: they are part of its name too.
UNIT_WORDS = frozenset({"afdeling", "brigade", "bureau", "cel", "dienst", "directie", "peloton", "team"})
UNIT_MEANT = 1.8
WHICH = frozenset({"welk", "welke"})
# “Wat is …” asks what a word means.
WHAT_IS = re.compile(r"^wat (?:is|zijn|wil zeggen|houdt) (?:een |de |het )?")
# Words that nearly everything here could be asked with: they help, but nothing need answer them.
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
    """The words of a question with their stems, how much more each sort of thing counts, and its mended words."""

    words: list[str]
    stems: list[str]
    kinds: Mapping[str, float] = field(default_factory=dict)
    corrected: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, text: str, vocabulary: Vocabulary, language: str) -> Question:
        """The words of a question, asked in a language; a compound that nothing holds falls apart into its parts."""
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
    """What is counted: those who work for the police under the name that tables have for them."""
    is_crowd_staff = all(stem(word) in OPTIONAL or word in AT_WORK for word in words)
    staff = STAFF | CROWD if is_crowd_staff else STAFF
    named = [STAFF_NAME if word in staff else word for word in words if word not in AT_WORK]
    return named or words
