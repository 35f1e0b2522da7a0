"""Registry of everything that cites documents: facts, and the pages about what a document holds."""

from __future__ import annotations

from contact import citations as contact
from organisation import citations as organisation
from projects import citations as projects
from pzgent.kernel.citations import CitingRows

# In the order in which the page of a document lists the facts of one place.
CITATIONS: tuple[CitingRows, ...] = (*contact.CITATIONS, *organisation.CITATIONS, *projects.CITATIONS)
ABOUT: tuple[CitingRows, ...] = (*organisation.ABOUT, *projects.ABOUT)
