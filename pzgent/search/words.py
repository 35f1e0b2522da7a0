"""Dutch words as the search sees them: folded, cut into words, reduced to stems, compared with typing errors."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import snowballstemmer

WORD = re.compile(r"[0-9a-z]+")
# Words that say nothing about what somebody looks for.
_SILENT = """
    aan al alles als ben bij dan dat de deze die dit doe doen door een eens en er geen gaan ga had heb hebben heeft hem
    het hier hij hoe hun iemand iets ik in is je jij jou jouw jullie kan kun kunnen komen kom maar me met mij mijn
    moet moeten na naar nog nu of om ons onze ook op over te tot u uit uw van veel via voor waar waarom wanneer was wat
    doet gebeurt heet regelt zit staat werkt bestaat mag bent bestaan welk hebt
    we welke wel werd wie wij wil willen wordt worden word zal ze zich zij zijn zo zou zoek zoeken vind vinden graag
    nl the a an of to my for and le la les des du mon ma mes un une pour et
    i am are been do does did has have how it its me not on or our somebody someone something that they this want what
    where who with you your ai au aux avec c ce ces cette comment d dans deux elle elles est j je l ils leur m n ne nous
    ou par pas que quel quelle qui qu sa se ses sont suis sur ton veux vos votre vous
    auf bin das dem den der dein dich dir du ein eine einem einen einer eines er es etwas fur habe haben hat ich ihr
    ihre im ist kann mein meine meinem meinen meiner mich mir mit mochte nicht oder sich sie sind uber und von wer wie
    wo wurde wurden zu zum zur
"""
SILENT = frozenset(_SILENT.split())
LETTERS = str.maketrans({"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ł": "l"})
# “Fietsen” loses its ending, “fiets” what looks like one: both end without the “s”.
SHORTEST_PLURAL = 4
FOREIGN_ENDING = re.compile("(?:ieel|iel|ien|ie)$")
_stemmer = snowballstemmer.stemmer("dutch")


def fold(text: str) -> str:
    """The text in lower case without accents."""
    plain = unicodedata.normalize("NFKD", text.casefold().translate(LETTERS))
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def words_of(text: str) -> list[str]:
    """The folded words; letters and digits only, apostrophes and dots within a word dropped (“O-team”, “D.O.O.B.”)."""
    return WORD.findall(re.sub(r"(?<=\w)['’.](?=\w)", "", fold(text)))


@lru_cache(maxsize=100_000)
def stem(word: str) -> str:
    """The stem of a folded word: “fietsen” and “fiets” share one, and so do “financiën” and “financieel”.

    Participles lose their “ge”.
    """
    bare = word[2:] if len(word) > 6 and word.startswith("ge") and word.endswith(("en", "t", "d")) else word
    found: str = _stemmer.stemWord(bare)
    if len(found) > 6:
        found = FOREIGN_ENDING.sub("i", found)
    return found[:-1] if len(found) > SHORTEST_PLURAL and found.endswith("s") else found


def stems_of(text: str) -> list[str]:
    """The stems of the words that say something; of all words when none does."""
    words = words_of(text)
    return [stem(word) for word in words if word not in SILENT] or [stem(word) for word in words]
