"""QuerySet of documents."""

from __future__ import annotations

from typing import Self

from pzgent.kernel.publishing import PublishableQuerySet


class DocumentQuerySet(PublishableQuerySet):
    """QuerySet of documents."""

    def with_page(self) -> Self:
        """Filter the published documents that are not for staff only."""
        return self.published().filter(access="public")

    def with_public_files(self) -> Self:
        """Filter the documents with a page, the only ones whose files the public may read."""
        return self.with_page()
