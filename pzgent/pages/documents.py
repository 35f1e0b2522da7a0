"""The page of a document: what it is, where to read it, and the facts of this site that rest on it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from organisation.shared import public_documents
from pzgent.kernel.citations import Citation
from pzgent.kernel.source_places import SourcePlace, places_in
from pzgent.registry.citations import ABOUT, CITATIONS

# Chapters are folded on the page of a document with more facts than this, and places in a chapter with more than that.
MOST_OPEN, MOST_IN_CHAPTER = 12, 60


@dataclass(frozen=True)
class Section:
    """A place in a document, with the facts that rest on it; the name is "" for facts without a place.

    The title is "" if the document gives none.
    """

    place: SourcePlace
    title: str
    citations: list[Citation]


@dataclass(frozen=True)
class Chapter:
    """A chapter of a document, or another part such as a table, with its sections in order; "" for no place.

    The title is "" if the document gives none.
    """

    name: str
    title: str
    sections: list[Section]

    @property
    def is_numbered(self) -> bool:
        """True if it has a number instead of a name."""
        return self.name.isdigit()

    @cached_property
    def size(self) -> int:
        """Return the number of facts, each counted once."""
        return len({citation for section in self.sections for citation in section.citations})

    @cached_property
    def is_divided(self) -> bool:
        """True if its places have headings: they are more, or others, than the chapter itself."""
        return any(section.place.name != self.name for section in self.sections)

    @cached_property
    def is_long(self) -> bool:
        """True if each of its places is folded by itself."""
        return self.is_divided and self.size > MOST_IN_CHAPTER


@require_safe
def document_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one document with the facts that rest on it; 404 for one that is for staff only."""
    document = next((found for found in public_documents() if found.slug == slug and found.has_page), None)
    if document is None:
        raise Http404
    cited = list(dict.fromkeys(citation for rows in CITATIONS for citation in rows.of(document)))
    context = {
        "document": document,
        "about": list(dict.fromkeys(page for rows in ABOUT for page in rows.of(document))),
        "total": len(cited),
        "chapters": get_chapters(cited, document.section_titles),
        "is_folded": len(cited) > MOST_OPEN,
    }
    return render(request, "organisation/document_detail.html", context)


def get_chapters(citations: Iterable[Citation], titles: Mapping[str, str]) -> list[Chapter]:
    """Return the facts by place and chapter, in the order of the document; those without a place come last.

    `titles` has the titles of sections and chapters by their numbers.

    A fact that names several places is listed at each.
    """
    by_anchor: dict[str, Section] = {}
    for citation in citations:
        for place in places_in(citation.place) or [SourcePlace("")]:
            section = Section(place, titles.get(place.name, ""), [])
            by_anchor.setdefault(place.anchor, section).citations.append(citation)
    sections = sorted(by_anchor.values(), key=lambda section: section.place.order)
    grouped = groupby(sections, lambda one: one.place.chapter)
    return [Chapter(name, titles.get(name, ""), list(found)) for name, found in grouped]
