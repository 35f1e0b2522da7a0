"""Detection of emergencies: a question that tells of danger shows the emergency numbers first, whatever it matches.

The rule is independent of the ranking. Its words are data (`data/danger.yaml`), in more languages than the site has.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml
from django.utils.translation import get_language

from pzgent.kernel.folding import fold
from pzgent.kernel.translations import DUTCH
from pzgent.search.words import APOSTROPHE, LEAD, SILENT_IN, counted_languages

WORDS = Path(__file__).with_name("data") / "danger.yaml"
# Matches nothing: the pattern of an empty list.
NOTHING = re.compile("(?!)")
ARABIC = str.maketrans({"ة": "ه", "ى": "ي"})
# At most this many words stand in the place of “...” in a pattern.
GAP = r"(?:\s\w+){0,5}?"
# The name of a list of words, in a pattern.
NAME = re.compile("<([a-z]+)>")


@dataclass(frozen=True)
class Words:
    """The compiled patterns of one language; the groups are explained in the data file."""

    danger: re.Pattern[str] = NOTHING
    shared: re.Pattern[str] = NOTHING
    certain: re.Pattern[str] = NOTHING
    crime: re.Pattern[str] = NOTHING
    now: re.Pattern[str] = NOTHING
    calm: re.Pattern[str] = NOTHING
    ask: re.Pattern[str] = NOTHING
    home: re.Pattern[str] = NOTHING


def _text(question: str) -> str:
    return " ".join(re.findall(r"\w+", _folded(APOSTROPHE.sub(" ", question))))


def _folded(text: str) -> str:
    """Fold a text, and the Arabic letters that people write for each other."""
    return fold(text).translate(ARABIC)


def _compiled(entries: Iterable[str], names: Mapping[str, str]) -> re.Pattern[str]:
    """Return the pattern that matches any of the entries as whole words; “<name>” stands for the words of a list."""
    ways = [
        _named(_folded(entry), names).replace("*", r"\w*").replace(" ...", GAP).replace(" ", r"\s")
        for entry in map(str, entries)
    ]
    return re.compile(rf"\b(?:{'|'.join(ways)})(?!\w)") if ways else NOTHING


def _named(pattern: str, names: Mapping[str, str]) -> str:
    """Return the pattern with the lists of words in the place of their names."""
    return NAME.sub(lambda found: f"(?:{names[found[1]]})", pattern)


def _read() -> Mapping[str, Words]:
    known = yaml.safe_load(WORDS.read_text(encoding="utf-8"))
    found = {}
    for language, groups in known.items():
        names: dict[str, str] = {}
        for name, words in groups.pop("names", {}).items():
            names[name] = _named(_folded(words), names)
        found[language] = Words(**{name: _compiled(entries, names) for name, entries in groups.items()})
    return found


WORDS_OF = _read()


def tells_of_danger(question: str, page: str = DUTCH) -> bool:
    """Return whether a question on a page in this language tells of danger that is happening now."""
    text, main = _text(question), _main(question, page)
    spoken = _spoken(question)
    ours = [code for code in spoken if code in SILENT_IN]
    return any(
        _is_alarming(
            text,
            WORDS_OF[code],
            [WORDS_OF[other] for other in {code, *ours}],
            is_main=code in main,
        )
        for code in spoken
    )


def _is_alarming(text: str, words: Words, beside: Iterable[Words], *, is_main: bool) -> bool:
    """Return whether words of danger are in the text, weighed with the words for calm and for now beside them."""
    if words.certain.search(text):
        return True
    is_now = any(other.now.search(text) for other in beside)
    if not is_now and any(other.calm.search(text) for other in beside):
        return False
    return bool(
        words.danger.search(text)
        or (is_main and words.shared.search(text))
        or (is_now and words.crime.search(text))
    )


def asks_for_emergency_numbers(question: str) -> bool:
    """Return whether a question names the emergency numbers (“noodnummer”, “112”), and is not about something else."""
    text = _text(question)
    spoken = [WORDS_OF[code] for code in _spoken(question)]
    is_asked = any(words.ask.search(text) for words in spoken)
    return is_asked and not any(words.calm.search(text) for words in spoken)


def may_need_to_leave(question: str) -> bool:
    """Return whether to offer the button to leave the site: in danger, or after violence by somebody near."""
    text = _text(question)
    is_near = any(WORDS_OF[code].home.search(text) for code in _spoken(question))
    return is_near or tells_of_danger(question, get_language() or DUTCH)


def _spoken(question: str) -> list[str]:
    """Return the languages that the question may be in, and those that the site does not have."""
    counts = counted_languages(question)
    most = max(counts.values())
    return [code for code in WORDS_OF if most - counts.get(code, most) < LEAD]


def _main(question: str, page: str) -> set[str]:
    """Return the likeliest languages of the question."""
    counts = counted_languages(question)
    most = max(counts.values())
    likely = {code for code, count in counts.items() if count == most}
    return likely | ({page} if most - counts.get(page, 0) < LEAD else set())
