"""The last good copy of each of the site's own addresses, as files: shown while the database does not answer."""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections.abc import Hashable
from pathlib import Path

from pzgent.page_cache.store import Entry

LINE = b"\n"


class Copies:
    """A folder with one file for each kept answer: a line of JSON with its headers, then its body."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        # What this process knows to be in the files, so that the same is not written again.
        self._written: dict[Hashable, str] = {}

    def put(self, key: Hashable, entry: Entry) -> None:
        """Write an answer, unless it is there already; a disk that is full or cannot be written keeps what it has."""
        digest = hashlib.sha256(repr(entry.headers).encode() + entry.body).hexdigest()
        path = self._path_of(key)
        try:
            if self._written.get(key) == digest:
                os.utime(path)
                return
            head = json.dumps({"key": key, "headers": entry.headers}).encode()
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            draft = path.with_name(f"{path.name}.{os.getpid()}.{threading.get_ident()}")
            draft.write_bytes(head + LINE + entry.body)
            draft.replace(path)
            self._written[key] = digest
        except OSError:
            self._written.pop(key, None)

    def get(self, key: Hashable) -> Entry | None:
        """The answer of that key as it was written last; None where there is none."""
        path = self._path_of(key)
        try:
            head, body = path.read_bytes().split(LINE, 1)
            known = json.loads(head)
            made = path.stat().st_mtime
        except (OSError, ValueError):
            return None
        return Entry("", made, made, [(name, value) for name, value in known["headers"]], body)

    def listed(self) -> list[tuple[str, tuple[str | None, ...]]]:
        """The path and the preferences of each copy."""
        found = []
        for path in self.folder.glob("??/*"):
            try:
                with path.open("rb") as file:
                    name, choices = json.loads(file.readline())["key"]
            except (OSError, ValueError, KeyError):
                continue
            found.append((name, tuple(choices)))
        return found

    def drop(self, key: Hashable) -> None:
        """Remove an answer that the public may not see any more."""
        self._written.pop(key, None)
        self._path_of(key).unlink(missing_ok=True)

    def _path_of(self, key: Hashable) -> Path:
        name = hashlib.sha256(repr(key).encode()).hexdigest()
        return self.folder / name[:2] / name
