"""Uploaded files: one field that checks the content, and one way to serve files that checks permission.

A file belongs to a row and shares its visibility: the queryset method `with_public_files` of the owning model selects
the rows whose files the public may read. Names on disk are random and never shown; the address of a file identifies
its owner.
"""

from pzgent.kernel.files.checking import CheckedFile, check
from pzgent.kernel.files.fields import CheckedFileField, StoredFile
from pzgent.kernel.files.kinds import DOCUMENTS, IMAGES, FileKind

__all__ = ["DOCUMENTS", "IMAGES", "CheckedFile", "CheckedFileField", "FileKind", "StoredFile", "check"]
