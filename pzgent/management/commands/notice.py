"""`manage.py notice TEXT`: show an urgent notice on every page within two seconds, even while the database is down."""

import datetime
import time
from argparse import ArgumentParser
from typing import Any
from urllib.parse import urlsplit

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.dateparse import parse_datetime, parse_time
from django.utils.formats import date_format

from pzgent.kernel.cleaning import clean_text
from pzgent.kernel.translations import DUTCH
from pzgent.page_cache.notices import LANGUAGES, Message, day_of, end_urgent, set_urgent, urgent_notice

LONGEST = 500
RUNS_FOR = datetime.timedelta(days=1)
LONGEST_RUN = datetime.timedelta(days=366)


class Command(BaseCommand):
    """Set, end or print the urgent notice of this machine."""

    help = (
        "Put an urgent notice on every page within two seconds. It needs no database. A new text takes the place of "
        "the old one; --language adds the same notice in another language."
    )
    # System checks might wait for the database.
    requires_system_checks: Any = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "text", nargs="?", default="", help="What it says. Without a text: what runs now."
        )
        parser.add_argument(
            "--until", default="", help="18:30, or 2026-12-01 18:30 (default: a day from now)"
        )
        parser.add_argument("--language", choices=LANGUAGES, help="the language of the text (default: nl)")
        parser.add_argument("--link", default="", help="where to read more: https://… or /contact")
        parser.add_argument("--end", action="store_true", help="take the notice from every page")

    def handle(self, *args: Any, text: str, end: bool, **options: Any) -> None:
        try:
            if end:
                self._end(is_alone=not (text or options["until"] or options["language"] or options["link"]))
            elif text or options["until"] or options["language"] or options["link"]:
                self._set(text, options["until"], options["language"], options["link"])
            else:
                self.stdout.write(self._told(urgent_notice()))
        except OSError as error:
            raise CommandError(f"The notice cannot be written: {error}") from error

    def _end(self, *, is_alone: bool) -> None:
        if not is_alone:
            raise CommandError("--end takes no text and no other option.")
        end_urgent()
        self.stdout.write("The urgent notice is gone from every page within two seconds.")

    def _set(self, text: str, until: str, language: str | None, link: str) -> None:
        text = " ".join(clean_text(text).split())
        if not text:
            raise CommandError("The text is empty.")
        if len(text) > LONGEST:
            raise CommandError(f"The text has {len(text)} characters; {LONGEST} is the most.")
        running = urgent_notice() if language else None
        ends = (
            moment_of(until) if until else running.ends if running else time.time() + RUNS_FOR.total_seconds()
        )
        message = Message(
            titles={**(running.titles if running else {}), language or DUTCH: text},
            ends=ends,
            link=checked_link(link) or (running.link if running else ""),
        )
        set_urgent(message)
        self.stdout.write(self._told(message))

    def _told(self, message: Message | None) -> str:
        if message is None:
            return "No urgent notice runs."
        texts = "\n".join(f"  {language}: {text}" for language, text in message.titles.items())
        until = date_format(day_of(message.ends), "Y-m-d H:i")
        return f"On every page until {until}:\n{texts}\nEnd it with: manage.py notice --end"


def moment_of(text: str) -> float:
    """Return the timestamp of a time today, or of a date with a time. Raise CommandError."""
    try:
        moment = parse_datetime(text)
        if moment is None and (clock := parse_time(text)) is not None:
            moment = datetime.datetime.combine(timezone.localdate(), clock)
    except ValueError:
        moment = None
    if moment is None:
        raise CommandError(f"“{text}” is not a moment. Write 18:30 (today) or 2026-12-01 18:30.")
    if timezone.is_naive(moment):
        moment = timezone.make_aware(moment)
    now = timezone.now()
    if moment <= now:
        raise CommandError(f"{date_format(timezone.localtime(moment), 'Y-m-d H:i')} is over already.")
    if moment > now + LONGEST_RUN:
        raise CommandError("A notice runs for a year at most.")
    return moment.timestamp()


def checked_link(text: str) -> str:
    """Return the link if it is an absolute http(s) URL or a path of this site. Raise CommandError otherwise."""
    try:
        parts = urlsplit(text)
    except ValueError:
        parts = urlsplit("nonsense:")
    is_ours = text.startswith("/") and not text.startswith("//")
    is_whole = parts.scheme in ("http", "https") and bool(parts.hostname)
    if (text and not (is_ours or is_whole)) or any(mark.isspace() for mark in text):
        raise CommandError(f"“{text}” is not a link. Write https://… or /contact.")
    return text
