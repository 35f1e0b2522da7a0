"""Questions about documents."""

from __future__ import annotations

from typing import Self

from pzgent.kernel.publishing import PublishableQuerySet


class DocumentQuerySet(PublishableQuerySet):
    """Questions about documents."""

    def with_public_files(self) -> Self:
        """Published documents that are not for staff only."""
        return self.published().filter(access="public")
