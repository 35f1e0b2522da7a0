"""Find the police station for a postcode or a part of the city, and how certain the match is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from contact.forms import PlaceForm
from contact.models import CareArea
from pzgent.kernel.folding import fold
from pzgent.kernel.zone import get_zone

FOUND, SIMILAR, UNFILLED, OUTSIDE, UNHEARD_OF = "found", "similar", "unfilled", "outside", "unheard_of"
LIKENESS = 0.75
# Parts of place names in French, English and German, with their Dutch spelling.
OTHER_WORDS = {"centre": "centrum", "center": "centrum", "zentrum": "centrum", "ouest": "west"}
# Words that may surround a place name in a query for its police station.
AROUND_A_NAME = {"politie", "politiekantoor", "politiebureau", "commissariaat", "in", "te", "van"}
# Words of questions for a police station or its desk, beside which the name of a place may stand anywhere.
_STATION = """
    afspraak balie loket appointment desk rendez rdv guichet termin schalter
    politie commissariaat politiebureau politiekantoor politiepost politiepunt bureau post antenne wijkagent
    wijkinspecteur buurtinspecteur openingsuren terecht woon wonen dichtstbijzijnde police commissariat poste
    station officer live near nearest habite quartier polizei wache polizeiwache revier wohne nachste
"""
ASKS_FOR_STATION = frozenset(_STATION.split())
LONGEST_NAME = 4
# A name that matches more areas than this is too general to identify one, like the name of the whole city.
MOST_AREAS = 3
SAINT = {"st", "ste", "saint", "sankt"}


@dataclass(frozen=True)
class StationAnswer:
    """Result of a lookup: the kind of match, and the matching parts of the city."""

    asked: str
    match: str
    areas: list[CareArea] = field(default_factory=list)


def find_station(asked: str, areas: Sequence[CareArea]) -> StationAnswer:
    """Look up a four-digit postcode, a name, or both, among all areas with their locations prefetched."""
    code, _space, name = asked.partition(" ")
    if code.isdecimal():
        found = [area for area in areas if area.postal_code == code]
        named = _names(name, found)
        is_ours = code in get_zone().postal_code_list
        return StationAnswer(asked, FOUND if found else UNFILLED if is_ours else OUTSIDE, named or found)
    wanted = _in_dutch(folded(asked))
    names = {area: folded(area.name) for area in areas}
    served = {area: _served(area) for area in areas}
    for fits in (
        lambda area: names[area] == wanted,
        lambda area: _contains(names[area], wanted),
        lambda area: _contains(served[area], wanted),
        lambda area: wanted in _also_called(area),
    ):
        found = [area for area in areas if fits(area)]
        if found:
            return StationAnswer(asked, FOUND, found)
    if wanted in _nearby():
        return StationAnswer(asked, OUTSIDE)
    close = get_close_matches(wanted, names.values(), n=3, cutoff=LIKENESS)
    found = [area for area in areas if names[area] in close]
    return StationAnswer(asked, SIMILAR if found else UNHEARD_OF, found)


def find_place_meant(question: str, areas: Iterable[CareArea]) -> StationAnswer | None:
    """Look up a query that consists only of a postcode or a part of the city; None for any other query."""
    name = " ".join(word for word in question.split() if fold(word).strip(",.?!") not in AROUND_A_NAME)
    form = PlaceForm({"postcode": name})
    if not form.is_valid():
        return None
    known = list(areas)
    answer = find_station(form.cleaned_data["postcode"], known)
    code, _space, after = answer.asked.partition(" ")
    is_code = code.isdecimal()
    if is_code and after and not _is_place(after, known):
        return None  # four digits followed by an unrelated word, as in an amount
    if answer.match == FOUND:
        return answer if is_code or len(answer.areas) <= MOST_AREAS else None
    # Postcodes near the zone; “2021” is more likely a year.
    is_near = not is_code or any(own[0] == answer.asked[0] for own in get_zone().postal_code_list)
    return answer if answer.match in (OUTSIDE, UNFILLED) and is_near else None


def find_place_within(question: str, areas: Iterable[CareArea]) -> StationAnswer | None:
    """Look up the longest part of a question for a police station that names a part of the city; None if none does."""
    words = folded(question).split()
    if ASKS_FOR_STATION.isdisjoint(words):
        return None
    known = list(areas)
    for length in range(min(LONGEST_NAME, len(words)), 0, -1):
        for start in range(len(words) - length + 1):
            name = " ".join(words[start : start + length])
            found = [area for area in known if _is_named(area, name)]
            if found and len(found) <= MOST_AREAS:
                return StationAnswer(name if name.isdecimal() else name.title(), FOUND, found)
    return None


def _is_named(area: CareArea, name: str) -> bool:
    wanted = _in_dutch(name)
    return wanted in (area.postal_code, folded(area.name)) or wanted in _also_called(area)


def folded(name: str) -> str:
    """Normalise a name for comparison: no capitals, accents or hyphens, and the Dutch “sint”."""
    words = re.sub(r"[^a-z0-9]+", " ", fold(name)).split()
    return " ".join("sint" if word in SAINT else word for word in words)


def _is_place(name: str, areas: Iterable[CareArea]) -> bool:
    """True if a name next to a postcode is that of a place here or nearby."""
    wanted = _in_dutch(folded(name))
    is_known = wanted == folded(get_zone().city) or wanted in _nearby()
    return is_known or any(wanted in _also_called(area) for area in areas) or bool(_names(name, areas))


def _names(name: str, areas: Iterable[CareArea]) -> list[CareArea]:
    """Return the areas whose name contains the given name."""
    wanted = _in_dutch(folded(name))
    return [area for area in areas if _contains(folded(area.name), wanted)]


def _also_called(area: CareArea) -> set[str]:
    """Return the other names of an area, folded."""
    return {folded(name) for name in area.also_called.splitlines()}


def _nearby() -> set[str]:
    """Return the neighbouring places outside the zone, folded."""
    return {folded(name) for name in get_zone().nearby_list}


def _in_dutch(name: str) -> str:
    """Replace the foreign names in a folded name with the Dutch ones."""
    zone = get_zone()
    cities = {folded(other): folded(zone.city) for other in zone.city_names}
    padded = f" {name} "
    for other, ours in {**cities, **OTHER_WORDS}.items():
        padded = padded.replace(f" {other} ", f" {ours} ")
    return padded.strip()


def _contains(text: str, words: str) -> bool:
    return bool(words) and f" {words} " in f" {text} "


def _served(area: CareArea) -> str:
    """Return, folded, what the area's location serves; empty if the public may not see the location."""
    return folded(area.location.serves) if area.location and area.location.is_published else ""
