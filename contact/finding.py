"""Which police station serves a postcode or a part of the city, and how sure that is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from contact.forms import PlaceForm
from contact.models import CareArea
from contact.models.places import Certainty
from pzgent.folding import fold

# The postcodes of the city of Ghent, which is the whole police zone. Public knowledge, by the post's own list.
ZONE = {"9000", "9030", "9031", "9032", "9040", "9041", "9042", "9050", "9051", "9052"}
FOUND, SIMILAR, UNFILLED, OUTSIDE, UNHEARD_OF = "found", "similar", "unfilled", "outside", "unheard_of"
LIKENESS = 0.75
# How the same places are written in French, English and German, folded; the longest first.
OTHER_NAMES = {
    "mont sint amand": "sint amandsberg",
    "sint denis westrem": "sint denijs westrem",
    "tronchiennes": "drongen",
    "gand": "gent",
    "ghent": "gent",
    "centre": "centrum",
    "center": "centrum",
    "zentrum": "centrum",
    "ouest": "west",
}
# Places around Ghent that are no part of it, and neighbourhoods of the city within postcode 9000, folded. Public
# knowledge; which police station serves such a neighbourhood is not published.
AROUND = {
    "merelbeke", "melle", "destelbergen", "evergem", "lochristi", "lievegem", "deinze", "de pinte", "wetteren",
    "aalter", "sint martens latem", "nazareth", "zelzate", "wachtebeke", "heusden", "lovendegem", "laarne", "eeklo",
}  # fmt: skip
NEIGHBOURHOODS = {
    "muide", "de muide", "brugse poort", "rabot", "patershol", "ekkergem", "blaarmeersen", "meulestede",
    "sluizeken", "tolhuis", "ham", "papegaai", "heernis", "macharius", "watersportbaan", "malem", "sint pieters",
    "muide meulestede", "sluizeken tolhuis ham", "dampoort",
}  # fmt: skip
CENTRAL, CITY = "9000", "gent"
# What stands around the name of a place in a question for the police there.
AROUND_A_NAME = {"politie", "politiekantoor", "politiebureau", "commissariaat", "in", "te", "van"}
# How many parts of the city a name may stand for before it is the name of none (“Gent”).
MOST_AREAS = 3
SAINT = {"st", "ste", "saint", "sankt"}


@dataclass(frozen=True)
class Answer:
    """What is known of a place: how it matched, and the parts of the city that fit."""

    asked: str
    match: str
    areas: list[CareArea] = field(default_factory=list)


def find_station(asked: str, areas: Sequence[CareArea]) -> Answer:
    """The answer to a postcode of four digits, a name, or both, out of all areas with their locations at hand."""
    code, _space, name = asked.partition(" ")
    if code.isdecimal():
        found = [area for area in areas if area.postal_code == code]
        named = _names(name, found)
        return Answer(asked, FOUND if found else UNFILLED if code in ZONE else OUTSIDE, named or found)
    wanted = _in_dutch(folded(asked))
    names = {area: folded(area.name) for area in areas}
    served = {area: _served(area) for area in areas}
    for fits in (
        lambda area: names[area] == wanted,
        lambda area: _contains(names[area], wanted),
        lambda area: _contains(served[area], wanted),
    ):
        found = [area for area in areas if fits(area)]
        if found:
            return Answer(asked, FOUND, found)
    if wanted in AROUND:
        return Answer(asked, OUTSIDE)
    if wanted in NEIGHBOURHOODS:
        rest = [area for area in areas if area.postal_code == CENTRAL and area.certainty == Certainty.UNKNOWN]
        return Answer(asked, FOUND if rest else UNFILLED, rest)
    close = get_close_matches(wanted, names.values(), n=3, cutoff=LIKENESS)
    found = [area for area in areas if names[area] in close]
    return Answer(asked, SIMILAR if found else UNHEARD_OF, found)


def find_place_meant(question: str, areas: Iterable[CareArea]) -> Answer | None:
    """The answer to a question that is no more than a postcode or a part of the city; None for anything else."""
    name = " ".join(word for word in question.split() if fold(word).strip(",.?!") not in AROUND_A_NAME)
    form = PlaceForm({"postcode": name})
    if not form.is_valid():
        return None
    known = list(areas)
    answer = find_station(form.cleaned_data["postcode"], known)
    code, _space, after = answer.asked.partition(" ")
    is_code = code.isdecimal()
    if is_code and after and not _is_place(after, known):
        return None  # “9000 euro gestolen”
    if answer.match == FOUND:
        return answer if is_code or len(answer.areas) <= MOST_AREAS else None
    # The postcodes of this province; “2021” is rather a year.
    is_near = not is_code or answer.asked.startswith("9")
    return answer if answer.match in (OUTSIDE, UNFILLED) and is_near else None


def folded(name: str) -> str:
    """A name as it is compared: without capitals, accents and hyphens, and with a Dutch “sint”."""
    words = re.sub(r"[^a-z0-9]+", " ", fold(name)).split()
    return " ".join("sint" if word in SAINT else word for word in words)


def _is_place(name: str, areas: Iterable[CareArea]) -> bool:
    """Return whether the name beside a postcode is a place in or near the zone."""
    return _in_dutch(folded(name)) in {CITY, *AROUND, *NEIGHBOURHOODS} or bool(_names(name, areas))


def _names(name: str, areas: Iterable[CareArea]) -> list[CareArea]:
    """Those of the areas that a name stands in."""
    wanted = _in_dutch(folded(name))
    return [area for area in areas if _contains(folded(area.name), wanted)]


def _in_dutch(name: str) -> str:
    """A folded name with the foreign names in it replaced."""
    padded = f" {name} "
    for other, ours in OTHER_NAMES.items():
        padded = padded.replace(f" {other} ", f" {ours} ")
    return padded.strip()


def _contains(text: str, words: str) -> bool:
    return bool(words) and f" {words} " in f" {text} "


def _served(area: CareArea) -> str:
    """What the location of an area serves, in words, when the public may see it."""
    return folded(area.location.serves) if area.location and area.location.is_published else ""
