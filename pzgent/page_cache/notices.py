"""The notices to show on every page now: also on a stale copy, on an error page, or without a database.

They come from two places. Editors write notices in the admin; each process mirrors those to a file as soon as the data
changes, with their start and end, so that they appear and disappear on time while the database is unreachable. An
operator sets the urgent notice with `manage.py notice`, which needs only the file. The pages themselves contain no
notices: the page cache inserts them when it serves a response.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import logging
import re
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone, translation

from contact.models import Notice
from contact.models.notices import NoticeLevel
from pzgent.kernel.shared_files import write_whole
from pzgent.kernel.translations import DUTCH, OTHER_LANGUAGES, Text

logger = logging.getLogger(__name__)
LANGUAGES = (DUTCH, *OTHER_LANGUAGES)
URGENT, PUBLISHED = "urgent.json", "published.json"
PAGE = re.compile(rb'<html lang="(\w\w)')
# Notices follow the emergency numbers, which are on every page.
STRIP, STRIP_END = b'<aside class="emergency"', b"</aside>"


@dataclass(frozen=True)
class Message:
    """A notice in all its languages; `starts` and `ends` are seconds since 1970."""

    titles: dict[str, str]
    ends: float
    starts: float = 0.0
    level: str = NoticeLevel.DISASTER.value
    texts: dict[str, str] = field(default_factory=dict)
    link: str = ""

    def in_words(self) -> dict[str, object]:
        """Return the template context, in the language of the page or else in the first language available."""
        language = translation.get_language() or DUTCH
        title, text = _in(self.titles, language), _in(self.texts, language)
        return {"level": self.level, "title": title, "text": text, "link": self.link}


def _in(texts: dict[str, str], language: str) -> Text:
    found = next((code for code in (language, *LANGUAGES) if texts.get(code)), DUTCH)
    return Text(texts.get(found, ""), found)


@dataclass(frozen=True)
class RunningNotices:
    """The HTML of the running notices by language; `mark` is a digest of it, empty if none run."""

    mark: str = ""
    parts: dict[str, bytes] = field(default_factory=dict)

    def put_into(self, page: bytes) -> bytes:
        """Return the page with the notices after its emergency numbers; return anything else unchanged."""
        found = PAGE.search(page, 0, 300)
        strip = page.find(STRIP)
        if not self.mark or found is None or strip < 0:
            return page
        place = page.index(STRIP_END, strip) + len(STRIP_END)
        return page[:place] + self.parts.get(found[1].decode(), b"") + page[place:]


class Notices:
    """The notices as this process knows them; `shown` is always available, whatever fails."""

    def __init__(self, folder: Path, planned: Callable[[], Iterable[Message]]) -> None:
        self.folder, self.planned = folder, planned
        self.shown = RunningNotices()
        self._published: list[Message] = []
        self._urgent: list[Message] = []
        self._state: str | None = None
        self._seen: object = None
        self._running: list[Message] = []
        self._lock = threading.Lock()

    def learn(self, state: str) -> None:
        """Read the editors' notices if the state of the data differs from the last one; one query."""
        if state == self._state:
            return
        published = list(self.planned())
        with self._lock:
            if published != self._published or self._state is None:
                _keep(self.folder / PUBLISHED, published)
            self._published, self._state = published, state
        self.look()

    def look(self) -> None:
        """Check whether the urgent notice changed, or a notice started or ended; no query."""
        with self._lock:
            seen = _signature(self.folder / URGENT)
            if seen != self._seen:
                self._urgent, self._seen = read(self.folder / URGENT), seen
            if self._state is None:  # the database has not answered yet
                self._published = read(self.folder / PUBLISHED)
            now = time.time()
            running = [one for one in (*self._urgent, *self._published) if one.starts <= now < one.ends]
            if running != self._running:
                self.shown, self._running = render(running), running


def render(running: list[Message]) -> RunningNotices:
    """Return the HTML of these notices in each language, in this order."""
    parts = {}
    for language in LANGUAGES if running else ():
        with translation.override(language):
            context = {"notices": [message.in_words() for message in running], "language": language}
            parts[language] = render_to_string("contact/_notices.html", context).encode()
    mark = hashlib.sha256(repr(parts).encode()).hexdigest()[:8] if parts else ""
    return RunningNotices(mark, parts)


def running_at(moment: datetime.datetime, messages: Iterable[Message]) -> RunningNotices:
    """Return those of the messages that run at a moment, without any other one."""
    at = moment.timestamp()
    return render([message for message in messages if message.starts <= at < message.ends])


def planned_notices() -> list[Message]:
    """Return the published notices that run now or later, the most serious first. One query."""
    return [_message_of(notice) for notice in Notice.objects.to_come()]


def _message_of(notice: Notice) -> Message:
    titles = {language: notice.translation_of("title", language) for language in OTHER_LANGUAGES}
    starts = max(filter(None, (notice.starts, notice.publish_from)))
    ends = min(filter(None, (notice.ends, notice.publish_until)))
    return Message(
        {DUTCH: notice.title, **titles},
        ends.timestamp(),
        starts.timestamp(),
        notice.level,
        {language: getattr(notice, f"text_{language}") for language in LANGUAGES},
    )


# --- The urgent notice ------------------------------------------------------------------------------


def urgent_notice() -> Message | None:
    """Return the urgent notice in its file; None if none runs."""
    running = [message for message in read(settings.NOTICES_FOLDER / URGENT) if message.ends > time.time()]
    return running[0] if running else None


def set_urgent(message: Message) -> None:
    """Show a notice on every page of this machine until it ends. Raises OSError."""
    _write(settings.NOTICES_FOLDER / URGENT, [message])


def end_urgent() -> None:
    """Remove the urgent notice from every page. Raises OSError."""
    (settings.NOTICES_FOLDER / URGENT).unlink(missing_ok=True)


def day_of(moment: float) -> datetime.datetime:
    """Return a timestamp as a datetime in the local time zone."""
    return timezone.localtime(datetime.datetime.fromtimestamp(moment, datetime.UTC))


# --- Files --------------------------------------------------------------------------------------------


def read(path: Path) -> list[Message]:
    """Return the notices in a file; an empty list if it is missing or damaged."""
    try:
        return [Message(**values) for values in json.loads(path.read_bytes())]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, TypeError):
        logger.exception("The notices in %s cannot be read", path)
        return []


def _signature(path: Path) -> object:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _keep(path: Path, messages: list[Message]) -> None:
    if read(path) == messages:
        return
    try:
        _write(path, messages)
    except OSError:
        logger.exception("The notices cannot be kept for when the database is away")


def _write(path: Path, messages: list[Message]) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_whole(path, json.dumps([asdict(message) for message in messages]).encode(), at_once=True)
