"""PDF files: intact, readable, and without active content."""

from __future__ import annotations

import io
import re
import time
import zipfile
from collections.abc import Iterator
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject

from pzgent.kernel.files.kinds import refusal

HEADER = re.compile(rb"%PDF-[12]\.\d[\s%]")
ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")
# Keys of anything that runs, opens or embeds something else (ISO 32000-2): scripts, attachments, media, dynamic forms.
ACTIVE_KEYS = {
    "/JS",
    "/JavaScript",
    "/EmbeddedFiles",
    "/EF",
    "/RichMediaContent",
    "/RichMediaSettings",
    "/XFA",
}
ACTIVE_ACTIONS = {"/JavaScript", "/Launch", "/ImportData", "/Rendition", "/RichMediaExecute", "/GoToE"}
# Also searched for in the raw bytes, because a reader may find objects that are missing from the cross-reference table.
ACTIVE_BYTES = (b"/JavaScript", b"/Launch", b"/EmbeddedFile")
MOST_OBJECTS, LONGEST_CHECK = 300_000, 20  # seconds


def check_pdf(content: bytes) -> None:
    """Raise ValidationError for a PDF that is damaged, password-protected, or contains active content."""
    is_whole = HEADER.match(content) and content.rstrip(b"\x00\t\n\x0c\r ").endswith(b"%%EOF")
    if not is_whole or zipfile.is_zipfile(io.BytesIO(content)):
        raise _damaged()
    try:
        reader = PdfReader(io.BytesIO(content), strict=False)
        if reader.is_encrypted:
            text = gettext("This PDF is locked with a password. Save it without one, and choose that.")
            raise refusal(text, "locked")
        is_active = _names_active_bytes(content) or any(map(_is_active, _objects(reader)))
        if not len(reader.pages):
            raise _damaged()
    except ValidationError:
        raise
    except Exception as error:  # readers fail on damaged data in countless ways
        raise _damaged() from error
    if is_active:
        text = gettext(
            "This PDF holds a script, an attachment or another active part. Print it to a new PDF, and choose that."
        )
        raise refusal(text, "active")


def _damaged() -> ValidationError:
    text = gettext("This PDF is damaged, or holds more than a PDF. Print it to a new PDF, and choose that.")
    return refusal(text, "damaged")


def _names_active_bytes(content: bytes) -> bool:
    plain = ESCAPE.sub(lambda found: bytes([int(found[1], 16)]), content)
    return any(name in plain for name in ACTIVE_BYTES)


def _objects(reader: PdfReader) -> Iterator[Any]:
    """Yield every object of the file, including those in object streams. Raises ValueError if that takes too long."""
    keys = {(number, generation) for generation, numbers in reader.xref.items() for number in numbers}
    keys |= {(number, 0) for number in reader.xref_objStm}
    if len(keys) > MOST_OBJECTS:
        raise ValueError("too many objects")
    yield reader.trailer
    last = time.monotonic() + LONGEST_CHECK
    for number, generation in sorted(keys):
        if time.monotonic() > last:
            raise ValueError("takes too long")
        yield reader.get_object(IndirectObject(number, generation, reader))


def _is_active(top: Any) -> bool:
    """Return whether an object, or one nested in it, is active; references are followed as objects of their own."""
    waiting = [top]
    while waiting:
        item = waiting.pop()
        if isinstance(item, DictionaryObject):
            if ACTIVE_KEYS & item.keys() or str(item.raw_get("/S") if "/S" in item else "") in ACTIVE_ACTIONS:
                return True
            waiting += [item.raw_get(key) for key in item]
        elif isinstance(item, ArrayObject):
            waiting += list.__iter__(item)
    return False
