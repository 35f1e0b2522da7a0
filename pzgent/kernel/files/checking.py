"""Checks of uploads, decided by the bytes of a file, never by its name or by the content type a browser sends."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile, File
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext

from pzgent.kernel.files.images import encode_anew
from pzgent.kernel.files.kinds import IMAGES, LARGEST_DOCUMENT, LARGEST_IMAGE, FileKind, refusal
from pzgent.kernel.files.office import check_office

SIGNATURES = {b"\x89PNG\r\n\x1a\n": FileKind.PNG, b"\xff\xd8\xff": FileKind.JPEG, b"%PDF-": FileKind.PDF}
ARCHIVE, OLD_OFFICE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


class CheckedFile(ContentFile):
    """An upload that passed `check`; an image has been re-encoded."""

    def __init__(self, content: bytes, kind: FileKind) -> None:
        super().__init__(content, f"upload.{kind.value}")
        self.kind = kind


def check(file: File, accepts: Collection[FileKind], longest_side: int | None = None) -> CheckedFile:
    """Return the file, safe to store and serve. Raises ValidationError with a sentence that says what to do."""
    if isinstance(file, CheckedFile) and file.kind in accepts:
        return file
    file.seek(0)
    head = file.read(16)
    if not head:
        raise refusal(gettext("This file is empty. Choose another one."), "empty")
    kind = _image_or_pdf(head)
    if kind in IMAGES and kind in accepts:
        _check_size(file, LARGEST_IMAGE)
        file.seek(0)
        return CheckedFile(encode_anew(file, kind, longest_side), kind)
    if not IMAGES.issuperset(accepts) and (kind == FileKind.PDF or head.startswith(ARCHIVE)):
        return _check_document(file, kind, accepts)
    if head.startswith(OLD_OFFICE) and not IMAGES.issuperset(accepts):
        text = gettext(
            "This is an office file of the old kind (doc, xls, ppt), or one that is locked with a password. "
            "Save it as docx, xlsx or pptx without a password, or as a PDF, and choose that."
        )
        raise refusal(text, "old_office")
    raise _not_accepted(accepts)


def _check_document(file: File, kind: FileKind | None, accepts: Collection[FileKind]) -> CheckedFile:
    from pzgent.kernel.files.pdf import check_pdf  # takes 8 MB per process, and few processes get an upload

    _check_size(file, LARGEST_DOCUMENT)
    file.seek(0)
    content = file.read()
    try:
        if kind == FileKind.PDF:
            check_pdf(content)
        else:
            kind = check_office(content)
    except ValidationError as error:
        raise _not_accepted(accepts) if error.code == "unknown" else error from error
    if kind not in accepts:
        raise _not_accepted(accepts)
    return CheckedFile(content, kind)


def _image_or_pdf(head: bytes) -> FileKind | None:
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return FileKind.WEBP
    return next((kind for signature, kind in SIGNATURES.items() if head.startswith(signature)), None)


def _check_size(file: Any, largest: int) -> None:
    if file.size > largest:
        sizes = {"size": filesizeformat(file.size), "largest": filesizeformat(largest)}
        text = gettext(
            "This file is too large: %(size)s, where at most %(largest)s is possible. Make it smaller."
        )
        raise refusal(text % sizes, "too_large")


def _not_accepted(accepts: Collection[FileKind]) -> ValidationError:
    if IMAGES.issuperset(accepts):
        text = gettext("This is not a picture that the site can show. Choose a PNG, JPEG or WebP file.")
    else:
        text = gettext(
            "The site does not take this kind of file. Choose a PDF, an office file (docx, xlsx, pptx, odt, ods, odp) "
            "or a picture (PNG, JPEG, WebP)."
        )
    return refusal(text, "not_accepted")
