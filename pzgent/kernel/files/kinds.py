"""The kinds of file that the site stores, and their size limits."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from django.core.exceptions import ValidationError

MEGABYTE = 1024 * 1024
OFFICE = "application/vnd.openxmlformats-officedocument"
ODF = "application/vnd.oasis.opendocument"
UNKNOWN_TYPE = "application/octet-stream"


@dataclass(frozen=True)
class Traits:
    """Properties of a kind: its content type, and whether a browser may show it inline."""

    content_type: str
    is_inline: bool = False


class FileKind(enum.Enum):
    """A kind of file, by the extension under which it is stored."""

    PDF = "pdf"
    DOCX = "docx"
    XLSX = "xlsx"
    PPTX = "pptx"
    ODT = "odt"
    ODS = "ods"
    ODP = "odp"
    PNG = "png"
    JPEG = "jpg"
    WEBP = "webp"

    @property
    def content_type(self) -> str:
        """The content type under which the kind is served."""
        return TRAITS[self].content_type

    @property
    def is_inline(self) -> bool:
        """Whether a browser may show it; anything else is downloaded."""
        return TRAITS[self].is_inline


TRAITS = {
    FileKind.PDF: Traits("application/pdf", is_inline=True),
    FileKind.DOCX: Traits(f"{OFFICE}.wordprocessingml.document"),
    FileKind.XLSX: Traits(f"{OFFICE}.spreadsheetml.sheet"),
    FileKind.PPTX: Traits(f"{OFFICE}.presentationml.presentation"),
    FileKind.ODT: Traits(f"{ODF}.text"),
    FileKind.ODS: Traits(f"{ODF}.spreadsheet"),
    FileKind.ODP: Traits(f"{ODF}.presentation"),
    FileKind.PNG: Traits("image/png", is_inline=True),
    FileKind.JPEG: Traits("image/jpeg", is_inline=True),
    FileKind.WEBP: Traits("image/webp", is_inline=True),
}
IMAGES = frozenset({FileKind.PNG, FileKind.JPEG, FileKind.WEBP})
DOCUMENTS = frozenset(FileKind)
LARGEST_DOCUMENT, LARGEST_IMAGE = 50 * MEGABYTE, 15 * MEGABYTE


def refusal(message: str, code: str) -> ValidationError:
    """Return the error for a rejected upload: a sentence that says what to do, and a code for programs."""
    return ValidationError(message, code=code)
