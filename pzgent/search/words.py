"""Text analysis for Dutch: folding, tokenizing, stemming, and phonetic keys that tolerate spelling errors.

Words in other scripts are kept as they are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import snowballstemmer
import yaml

from pzgent.kernel.folding import fold
from pzgent.kernel.translations import DUTCH

WORD = re.compile(r"[^\W_]+")
# Words by which questions are understood, by language and group; the data file explains the groups.
QUESTION_WORDS: Mapping[str, Mapping[str, Any]] = yaml.safe_load(
    (Path(__file__).with_name("data") / "questions.yaml").read_text(encoding="utf-8")
)
# Stop words per language: “mes” is one in French, but a knife in Dutch.
SILENT_IN = {language: frozenset(groups["silent"]) for language, groups in QUESTION_WORDS.items()}
STOP_WORDS = SILENT_IN[DUTCH]
# Lead in stop words that another language needs over the language of the page before a question counts as being in it.
LEAD = 2
APOSTROPHE = re.compile("['’´`]")
# French and Italian elisions: “l’assurance” is two words, “foto’s” is one.
ELISION = re.compile(r"\b([cdjlmnst]|(?:jus|lors|puis)?qu)['’´`](?=[aeiouyhàâæéèêëîïôûùœ])", re.IGNORECASE)
# The stemmer reduces “fietsen” to “fiets”, whose “s” looks like an ending: strip it from both.
SHORTEST_PLURAL = 4
FOREIGN_ENDING = re.compile("(?:ieel|iel|ien|ie)$")
# Words that look like an inflected form of another word: “gegevens” (data) of “geven”, “nieuws” (news) of “nieuw”.
KEPT = frozenset({"gegevens", "nieuws"})
SHORTEST_INFLECTED, LONGEST_SYLLABLE = 6, 5
LOOSE_E = re.compile("([^aeiou])e$")
LONG_VOWEL = re.compile(r"([aeou])\1")
PLURAL = re.compile("(?<=[^aeiou]e)s$|(?<=[^aeiou]e[lmnr])s$")
CONJUGATED = re.compile("(?<=eer)[dt]$")
SMALL = re.compile("(?:(?<=[aeiouw])tje|(?<=[aeiou]m)pje|(?<=e[lrn])tje|(?<=[bdfgkmnpst])je)s?$")
SEPARABLE = re.compile(
    "^(aan|achter|af|bij|binnen|buiten|dicht|dood|door|in|kapot|klaar|lastig|leeg|los|mee|na|neer|om|onder|op|open|over"
    "|plat|rond|samen|stuk|tegen|thuis|toe|uit|vast|voor|vrij|weg)ge(?=.{3})"
)
UNSEPARATED = ("be", "ver", "ont", "her", "mis")
PARTICIPLE_ENDING = re.compile(
    "(?:(?<=[klpfgm])t|(?<=[a-z]s)t|(?<=[gklmrvz])d|(?<=ee[rn])[dt]|(?<=aa[rl])[dt])$"
)
# Rewrites of spellings that sound the same, applied in this order.
SOUNDS = [
    (re.compile(spelling), heard)
    for spelling, heard in (
        ("sch", "sg"), ("ch", "g"), ("ph", "f"), ("th", "t"), ("qu", "kw"), ("x", "ks"), ("c(?=[eiy])", "s"),
        ("c", "k"), ("(?:ij|ei|y)", "i"), ("(?:ou|au)w?", "a"), ("z", "s"), ("v", "f"), ("dt?$", "t"), ("d(?=t)", ""),
        ("ie", "i"), (r"(.)\1+", r"\1"),
    )
]  # fmt: skip
_stemmer = snowballstemmer.stemmer("dutch")


def words_of(text: str) -> list[str]:
    """Return the folded words of a text: letters and digits only, without the dots of abbreviations (“D.O.O.B.”)."""
    return WORD.findall(re.sub(r"(?<=\w)\.(?=\w)", "", fold(ELISION.sub(r"\1 ", text))))


@lru_cache(maxsize=100_000)
def stem(word: str) -> str:
    """Return the stem of a folded word: the same for “fietsen”, “fietsje” and “fiets”, “financiën” and “financieel”.

    Participles lose their affixes: “gestolen”, “aangevallen” (like “aanvallen”), “bedreigd” (like “bedreiging”).
    """
    if word in KEPT:
        return word
    found: str = _stemmer.stemWord(_bare(word))
    if len(found) > 6:
        found = FOREIGN_ENDING.sub("i", found)
    # Otherwise the stem of “motoren” has a longer vowel than “motor”, and “verkeersdienst” than “verkeer”.
    if len(found) > LONGEST_SYLLABLE:
        found = LONG_VOWEL.sub(r"\1", found)
    if len(found) > SHORTEST_PLURAL and found.endswith("s"):
        found = found[:-1]
        # The stem of “adressen” keeps an “e” that “adres” loses.
        found = LOOSE_E.sub(r"\1", found)
    return found


def _bare(word: str) -> str:
    """Return the word without the “ge” and the last letter of a participle, and without a diminutive ending."""
    if len(word) < SHORTEST_INFLECTED:
        return word
    bare = PLURAL.sub("", SMALL.sub("", word))
    if bare == word and len(word) > SHORTEST_INFLECTED and word.endswith(("en", "t", "d")):
        bare = word[2:] if word.startswith("ge") else SEPARABLE.sub(r"\1", word)
        if bare != word or word.startswith(UNSEPARATED):
            bare = PARTICIPLE_ENDING.sub("", bare)
        bare = CONJUGATED.sub("", bare)
    return bare if len(bare) >= SHORTEST_PLURAL - 1 else word


def phonetic_key(word: str) -> str:
    """Return a phonetic key of a folded word, equal for “inspekteur” and “inspecteur”, “aangivte” and “aangifte”."""
    for spelling, heard in SOUNDS:
        word = spelling.sub(heard, word)
    return word


def counted_languages(text: str) -> dict[str, int]:
    """Return the number of stop words in the text per language; “j’ai” counts as two words."""
    words = words_of(APOSTROPHE.sub(" ", text))
    return {language: sum(word in silent for word in words) for language, silent in SILENT_IN.items()}


def languages_of(text: str, language: str = DUTCH, lead: int = 1) -> frozenset[str]:
    """Return the likeliest languages of a text.

    This is the given language, unless others lead by at least `lead` stop words; then those with the most.
    """
    counts = counted_languages(text)
    most = max(counts.values())
    if most - counts[language] < lead:
        return frozenset({language})
    return frozenset(code for code, count in counts.items() if count == most)


def without_silent(question: str, language: str) -> str:
    """Return the words of a question that say something about its subject, as typed."""
    silent = silent_in(question, language, LEAD)
    return " ".join(word for word in question.split() if not silent.issuperset(words_of(word)))


def silent_in(text: str, language: str = DUTCH, lead: int = 1) -> frozenset[str]:
    """Return the stop words of the likeliest languages of a text."""
    return frozenset().union(*(SILENT_IN[code] for code in languages_of(text, language, lead)))


def stems_of(text: str) -> list[str]:
    """Return the stems of the words that are not stop words, or of all words if there are only stop words."""
    words, silent = words_of(text), silent_in(text)
    return [stem(word) for word in words if word not in silent] or [stem(word) for word in words]
