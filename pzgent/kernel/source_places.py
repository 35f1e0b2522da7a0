"""Places in source documents, as editors write them: “13.5.2 a”, “tabel 3; 9, 10 en 13.5.3 (voetnoot 26)”."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

from django.utils.text import slugify

MOST = 5_000
REMARK = re.compile(r"\([^)]*\)?")
SEPARATOR = re.compile(r"\s*,(?:\s*en\b)?\s*|\s+en\s+")
NUMBERED = re.compile(r"(?P<chapter>\d+)(?:\.\d+)*(?: [a-z])?")
NUMBER = re.compile(r"\d+")
CHAPTER = "hoofdstuk "


class SourcePlace(NamedTuple):
    """One place in a document: a numbered section such as “13.5.2 a”, or a part with a name such as “tabel 3”."""

    name: str

    @property
    def chapter(self) -> str:
        """Return the number of its chapter, or the name of a part without one."""
        numbered = NUMBERED.fullmatch(self.name)
        return numbered["chapter"] if numbered else self.name

    @property
    def anchor(self) -> str:
        """Return the id of the place on the page of its document."""
        return f"plaats-{slugify(self.name.replace('.', '-'), allow_unicode=True)}"

    @property
    def order(self) -> tuple[Any, ...]:
        """Return the sort key: chapters in order of their numbers, then the other parts; last what has no name."""
        words = "" if NUMBERED.fullmatch(self.name) else NUMBER.sub("", self.name)
        return not self.name, words, [int(number) for number in NUMBER.findall(self.name)], self.name


@lru_cache(maxsize=MOST)
def places_in(text: str) -> tuple[SourcePlace, ...]:
    """Return the places that the source of a fact names, in order; remarks such as footnotes are left out."""
    passages = REMARK.sub("", text).split(";")
    return tuple(dict.fromkeys(place for passage in passages for place in _places_in_passage(passage)))


def _places_in_passage(passage: str) -> Iterator[SourcePlace]:
    """Yield the numbered sections, or the name that the passage starts with before these.

    What follows a section, as “kader 1” in “2, kader 1”, is a part of it. A bare number after a name is none of a
    chapter: “tabellen 3 en 4”.
    """
    is_numbered = is_first = True
    for part in SEPARATOR.split(passage.strip()):
        name = part.strip().removeprefix(CHAPTER)
        if NUMBERED.fullmatch(name):
            if is_numbered or "." in name:
                yield SourcePlace(name)
                is_numbered = True
        elif name:
            if is_first:
                yield SourcePlace(name)
            is_numbered = False
        is_first = False
