"""Office files (OOXML and OpenDocument): intact archives without macros, embedded programs or remote parts."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from xml.etree import ElementTree

from django.core.exceptions import ValidationError
from django.utils.translation import gettext

from pzgent.kernel.files.kinds import MEGABYTE, FileKind, refusal

MAIN_TYPES = {f"{kind.content_type}.main+xml": kind for kind in (FileKind.DOCX, FileKind.PPTX, FileKind.XLSX)}
ODF_TYPES = {kind.content_type.encode(): kind for kind in (FileKind.ODT, FileKind.ODS, FileKind.ODP)}
CONTENT_TYPES, ODF_TYPE, ODF_MANIFEST = "[Content_Types].xml", "mimetype", "META-INF/manifest.xml"
MOST_PARTS, LARGEST_UNPACKED, LARGEST_XML = 10_000, 200 * MEGABYTE, 4 * MEGABYTE
LOCAL_HEADER, END_RECORD, END_SIZE = b"PK\x03\x04", b"PK\x05\x06", 22
PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
# A PDF reader searches for its header up to this offset.
PDF_SEARCH = 1024
# Parts of an archive that are programs, or that contain or load one.
PROGRAM_TYPES = re.compile(
    r"macroEnabled|vbaProject|vbaData|activeX|oleObject|\.control\b|sun\.star\.oleobject", re.I
)
PROGRAM_NAMES = re.compile(
    r"\.(exe|dll|com|scr|msi|bat|cmd|ps1|vb[es]|jse?|ws[fh]|hta|lnk|jar|class|swf|x?html?)$"
    r"|\.(do[ct]m|xls[bm]|xltm|xlam|pp[ts]m|potm|ppam|sldm)$"
    r"|^(Basic|Scripts)/|vbaProject|^META-INF/MANIFEST\.MF$",
    re.I,
)
PROGRAM_BYTES = (b"MZ", b"\x7fELF", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
# Relationships that load their target when the file opens; a template on the author's own disk loads nowhere else.
LOADING = re.compile(r"/(attachedTemplate|oleObject|frame|subDocument)$")
OWN_DISK = re.compile(r"(file:/{2,3})?[A-Za-z]:[\\/]", re.I)


def check_office(content: bytes) -> FileKind:
    """Return the kind of office file. Raises ValidationError for any other archive, and for one with programs in it."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = _checked_parts(content, archive)
            kind = _kind_of(archive, parts)
            is_active = any(_is_program(archive, part) for part in parts)
            _read_all(archive, parts)
    except ValidationError:
        raise
    except Exception as error:  # damaged archives fail in countless ways
        raise _damaged() from error
    if is_active:
        raise _active()
    return kind


def _damaged() -> ValidationError:
    text = gettext("This file is damaged, or holds more than an office file. Save it anew, and choose that.")
    return refusal(text, "damaged")


def _active() -> ValidationError:
    text = gettext(
        "This file holds macros or another program, or can hold them. Save it as docx, xlsx or pptx without macros, "
        "or as a PDF, and choose that."
    )
    return refusal(text, "active")


def _checked_parts(content: bytes, archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """Return the parts; the archive must span the whole file, have no duplicates, and unpack to a bounded size."""
    parts = archive.infolist()
    names = {part.filename.casefold() for part in parts}
    starts = min((part.header_offset for part in parts), default=-1) == 0 and content.startswith(LOCAL_HEADER)
    ends = content[-END_SIZE:].startswith(END_RECORD)
    if not (starts and ends) or b"%PDF-" in content[:PDF_SEARCH] or len(names) != len(parts):
        raise _damaged()
    if any(
        part.flag_bits & 1 or part.compress_type not in PACKINGS or _leaves_the_archive(part.filename)
        for part in parts
    ):
        raise _damaged()
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > LARGEST_UNPACKED:
        text = gettext("This file becomes too large when it is opened. Save it as a PDF, and choose that.")
        raise refusal(text, "too_large_unpacked")
    return parts


def _leaves_the_archive(name: str) -> bool:
    return name.startswith("/") or "\\" in name or ".." in name.split("/")


def _kind_of(archive: zipfile.ZipFile, parts: list[zipfile.ZipInfo]) -> FileKind:
    """Return the kind that the archive itself states. Raises ValidationError if it states none or several."""
    names = {part.filename for part in parts}
    if parts[0].filename == ODF_TYPE and ODF_MANIFEST in names:
        kind = ODF_TYPES.get(_read(archive, ODF_TYPE))
        if b"encryption-data" in _read(archive, ODF_MANIFEST):
            text = gettext("This file is locked with a password. Save it without one, and choose that.")
            raise refusal(text, "locked")
        if kind:
            return kind
    elif CONTENT_TYPES in names:
        known = [MAIN_TYPES[stated] for stated in _content_types(archive) if stated in MAIN_TYPES]
        if len(known) == 1:
            return known[0]
        if any("macroEnabled" in stated for stated in _content_types(archive)):
            raise _active()
    raise refusal("", "unknown")


def _content_types(archive: zipfile.ZipFile) -> list[str]:
    return [str(item.get("ContentType")) for item in _xml(archive, CONTENT_TYPES)]


def _is_program(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> bool:
    """Return whether a part is a program, declares one as its content, or loads one from elsewhere."""
    name = part.filename
    if PROGRAM_NAMES.search(name):
        return True
    if name in (CONTENT_TYPES, ODF_MANIFEST):
        return bool(PROGRAM_TYPES.search(_read(archive, name).decode("utf-8", "replace")))
    if name.endswith(".rels"):
        return any(
            LOADING.search(item.get("Type", "")) and not OWN_DISK.match(item.get("Target", ""))
            for item in _xml(archive, name)
            if item.get("TargetMode", "").casefold() == "external"
        )
    with archive.open(part) as stream:
        return stream.read(8).startswith(PROGRAM_BYTES)


def _read_all(archive: zipfile.ZipFile, parts: list[zipfile.ZipInfo]) -> None:
    """Unpack every part to its stated size. Raises BadZipFile for one whose size or checksum does not match."""
    for part in parts:
        with archive.open(part) as stream:
            while stream.read(MEGABYTE):
                pass


def _read(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as stream:
        content = stream.read(LARGEST_XML + 1)
    if len(content) > LARGEST_XML:
        raise _damaged()
    return content


def _xml(archive: zipfile.ZipFile, name: str) -> Iterator[ElementTree.Element]:
    """Yield the children of a part's root; a DOCTYPE, which only attackers put there, is refused."""
    content = _read(archive, name)
    if (
        b"<!DOCTYPE" in content
        or b"<\x00!\x00D\x00O\x00C\x00T" in content
        or b"\x00<\x00!\x00D\x00O\x00C" in content
    ):
        raise _damaged()
    return iter(ElementTree.fromstring(content))  # noqa: S314  # no entities without a document type
