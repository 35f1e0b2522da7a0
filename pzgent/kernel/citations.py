"""Facts as citations of their sources: which public rows rest on a document, as listed on the page of that document.

Each app lists its own in `citations.py`; `pzgent/registry/citations.py` combines them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import Model


class Citation(NamedTuple):
    """A fact that rests on a document.

    `detail` is a Dutch text that distinguishes equal titles, `address` the path where the site shows the fact (empty if
    it has no place of its own), `place` its place in the document as the editors wrote it.
    """

    kind: str
    title: str
    detail: str
    address: str
    place: str


def _kind(row: Any) -> str:
    return str(row._meta.verbose_name)


def _address(row: Any) -> str:
    return str(row.get_absolute_url())


@dataclass(frozen=True, kw_only=True)
class CitingRows:
    """The rows of a model that cite documents.

    `rows` returns those that the public sees, of all documents or of the given one only. `title` may return a `Text`.
    """

    model: type[Model]
    rows: Callable[[Any], Iterable[Any]]
    kind: Callable[[Any], str] = _kind
    title: Callable[[Any], str] = str
    detail: Callable[[Any], str] = lambda row: ""
    address: Callable[[Any], str] = _address
    # The foreign key to the document; any other than its source says which document a row is about.
    field: str = "source_id"

    def of(self, document: Any) -> Iterator[Citation]:
        """Yield the citations of a document, in the language of the page."""
        for row in self.rows(document):
            if getattr(row, self.field) == document.pk:
                place = row.source_place if self.field == "source_id" else ""
                yield Citation(self.kind(row), self.title(row), self.detail(row), self.address(row), place)
