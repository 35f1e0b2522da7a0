"""Fallback copies on disk: the last good response of each of the site's own addresses, for database outages."""

from __future__ import annotations

import hashlib
import json
import math
import os
import time
from collections.abc import Hashable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from pzgent.kernel.shared_files import hold, write_whole
from pzgent.kernel.validity import EVERYTHING
from pzgent.page_cache.store import MB, Entry

LINE = b"\n"
# Beyond these limits no copy is added, but existing ones are still renewed. The most important pages come first.
MOST_COPIES, MOST_BYTES = 50_000, 1024 * MB
# Part of the key of a time-independent copy, which is served once the regular copy has expired.
ANY_TIME = "any time"


@dataclass(frozen=True)
class Listed:
    """Metadata of a copy, without its response."""

    name: str
    choices: tuple[str | None, ...]
    made: float
    size: int


class Copies:
    """A folder with one file per response: a line of JSON with its headers, then its body."""

    def __init__(self, folder: Path, code: str = "") -> None:
        self.folder, self.code = folder, code

    def put(self, key: Hashable, entry: Entry) -> None:
        """Write a response unless the same one is stored already; on a full or read-only disk the old copy stays."""
        until = None if math.isinf(entry.until) else entry.until
        made_from = {
            "state": entry.state,
            "sources": sorted(entry.sources),
            "origin": entry.origin,
            "is_file": entry.is_file,
            "code": self.code,
        }
        known = {"key": key, "until": until, "headers": entry.headers, **made_from}
        known["digest"] = hashlib.sha256(repr(known).encode() + entry.body).hexdigest()
        path = self._path_of(key)
        if (_head_of(path) or {}).get("digest") == known["digest"]:
            self.confirm(key)
            return
        with suppress(OSError):
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_whole(path, json.dumps(known).encode() + LINE + entry.body)

    def confirm(self, key: Hashable) -> None:
        """Mark a copy as still up to date, by touching its file."""
        with suppress(OSError):
            os.utime(self._path_of(key))

    def get(self, key: Hashable) -> Entry | None:
        """Return the response last written under this key; None if there is none."""
        path = self._path_of(key)
        try:
            head, body = path.read_bytes().split(LINE, 1)
            known = json.loads(head)
            made = path.stat().st_mtime
            until = math.inf if known["until"] is None else known["until"]
            # Other code would render another response from the same state of the data.
            state = known["state"] if known.get("code") == self.code else ""
            headers = [(name, value) for name, value in known["headers"]]
            sources, origin = frozenset(known.get("sources", (EVERYTHING,))), known.get("origin", "")
            return Entry(state, made, until, headers, body, sources, origin, known.get("is_file", False))
        except (OSError, ValueError, KeyError):
            return None

    def get_now(self, name: str, choices: Hashable) -> Entry | None:
        """Return the response to serve now: the regular copy until it expires, then the time-independent one."""
        found = self.get((name, choices))
        if found is not None and time.time() < found.until:
            return found
        return self.get((name, choices, ANY_TIME))

    def listed(self) -> list[Listed]:
        """Return all copies, except the time-independent ones."""
        found = []
        for path in self.folder.glob("??/*"):
            try:
                name, choices, *rest = (_head_of(path) or {})["key"]
                status = path.stat()
            except (OSError, ValueError, KeyError):
                continue
            if not rest:
                found.append(Listed(name, tuple(choices), status.st_mtime, status.st_size))
        return found

    def drop(self, name: str, choices: Hashable) -> None:
        """Remove a response that is no longer public."""
        for key in ((name, choices), (name, choices, ANY_TIME)):
            _remove(self._path_of(key))

    def claim(self, name: str) -> IO[str] | None:
        """Claim the rendering of an address until the returned file is closed; None while another process holds it."""
        return hold(self.folder / f"making-{_digest(name)[:2]}.lock")

    def _path_of(self, key: Hashable) -> Path:
        name = _digest(key)
        return self.folder / name[:2] / name


def _digest(key: Hashable) -> str:
    return hashlib.sha256(repr(key).encode()).hexdigest()


def _head_of(path: Path) -> dict[str, Any] | None:
    try:
        with path.open("rb") as file:
            head = json.loads(file.readline())
    except (OSError, ValueError):
        return None
    return head if isinstance(head, dict) else None


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError:
        return
