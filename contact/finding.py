"""Which police station serves a postcode or a part of the city, and how sure that is."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from contact.models import CareArea
from contact.models.places import Certainty

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
# Municipalities around Ghent that are no part of it, and neighbourhoods of the city within postcode 9000, folded.
# Public knowledge: which police station serves such a neighbourhood is not published.
NEIGHBOURS = {
    "merelbeke", "melle", "destelbergen", "evergem", "lochristi", "lievegem", "deinze", "de pinte", "wetteren",
    "aalter", "sint martens latem", "nazareth", "zelzate", "wachtebeke", "heusden", "lovendegem", "laarne",
    "eeklo", "aalst",
}  # fmt: skip
NEIGHBOURHOODS = {
    "muide", "de muide", "brugse poort", "rabot", "patershol", "dampoort", "ekkergem", "blaarmeersen", "meulestede",
    "sluizeken", "tolhuis", "ham", "papegaai", "heernis", "macharius", "watersportbaan", "malem", "sint pieters",
}  # fmt: skip
CENTRAL = "9000"
SAINT = {"st", "ste", "saint", "sankt"}


@dataclass(frozen=True)
class Answer:
    """What is known of a place: how it matched, and the parts of the city that fit."""

    asked: str
    match: str
    areas: list[CareArea] = field(default_factory=list)


def find_station(asked: str, areas: Sequence[CareArea]) -> Answer:
    """The answer to a postcode of four digits or a name, out of all areas with their locations at hand."""
    if asked.isdecimal():
        found = [area for area in areas if area.postal_code == asked]
        return Answer(asked, FOUND if found else UNFILLED if asked in ZONE else OUTSIDE, found)
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
    if wanted in NEIGHBOURS:
        return Answer(asked, OUTSIDE)
    if wanted in NEIGHBOURHOODS:
        rest = [area for area in areas if area.postal_code == CENTRAL and area.certainty == Certainty.UNKNOWN]
        return Answer(asked, FOUND if rest else UNFILLED, rest)
    close = get_close_matches(wanted, names.values(), n=3, cutoff=LIKENESS)
    found = [area for area in areas if names[area] in close]
    return Answer(asked, SIMILAR if found else UNHEARD_OF, found)


def folded(name: str) -> str:
    """A name as it is compared: without capitals, accents and hyphens, and with a Dutch “sint”."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().casefold()
    words = re.sub(r"[^a-z0-9]+", " ", plain).split()
    return " ".join("sint" if word in SAINT else word for word in words)


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
