"""Daily totals of page views and of searches without results, without any data about visitors.

The page cache counts in memory. Once a minute a thread of each process adds the counts to the database; a process that
ends loses those of its last minute. Bots are counted like people: telling them apart would require looking at data of
the visitor.

A search query may contain a name. So it stays in memory, unless it was asked in several hours within a day and
contains no digit or address; queries that few people ask are discarded.
"""

from __future__ import annotations

import datetime
import logging
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import close_old_connections, connection, models, transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import get_language_from_path
from django.utils.translation import gettext_lazy as _

from pzgent.kernel import fields
from pzgent.kernel.folding import fold

logger = logging.getLogger(__name__)
# The environ key by which the search reports a query without results to the page cache; no client can set it.
UNANSWERED = "pzgent.unanswered"
EVERY = 60.0
PAGES_KEPT, WORDS_KEPT = datetime.timedelta(days=400), datetime.timedelta(days=90)
# Number of different hours of a day in which a query must be asked before it is stored, and its maximum length.
HOURS, A_DAY = 5, 24
LONGEST, MOST_WORDS = 40, 4
# Limits on what is held in memory.
MOST_PAGES, MOST_QUESTIONS = 20_000, 2_000
LONGEST_PAGE = 200
MOST_SHOWN = 50


class PageTotal(models.Model):
    """How often a page was served in a language on a day."""

    day = models.DateField()
    page = fields.CharField(max_length=LONGEST_PAGE)
    language = fields.CharField(max_length=2)
    count = models.PositiveBigIntegerField()

    class Meta:
        app_label = "pzgent"
        verbose_name = _("total of a page")
        verbose_name_plural = _("totals of pages")
        constraints = [
            models.UniqueConstraint(fields=["day", "page", "language"], name="pzgent_page_total_once")
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.page} {self.language}: {self.count}"


class SearchTotal(models.Model):
    """How often the search found nothing for these words on a day."""

    day = models.DateField()
    words = fields.CharField(max_length=LONGEST)
    count = models.PositiveBigIntegerField()

    class Meta:
        app_label = "pzgent"
        verbose_name = _("total of a search")
        verbose_name_plural = _("totals of searches")
        constraints = [models.UniqueConstraint(fields=["day", "words"], name="pzgent_search_total_once")]

    def __str__(self) -> str:
        return f"{self.day} {self.words}: {self.count}"


@dataclass
class _Question:
    hours: set[int] = field(default_factory=set)
    count: int = 0


class Totals:
    """The counts of one process that are not written yet: any thread counts, one writes."""

    def __init__(self) -> None:
        self._pages: Counter[str] = Counter()
        self._questions: dict[str, _Question] = {}
        self._lock = threading.Lock()
        # Counts that the database has not accepted yet.
        self._waiting: Counter[tuple[datetime.date, str]] = Counter()
        self._waiting_words: Counter[tuple[datetime.date, str]] = Counter()

    def start(self) -> None:
        """Write once a minute from now on, in a thread of its own."""
        threading.Thread(target=self._work, daemon=True, name="totals").start()

    def count_page(self, path: str) -> None:
        """Count a page view."""
        with self._lock:
            if path in self._pages or len(self._pages) < MOST_PAGES:
                self._pages[path] += 1

    def count_unanswered(self, question: str) -> None:
        """Count a query without results, if it may be common to many people."""
        words = fold(question)
        if len(words) > LONGEST or not 1 <= len(words.split()) <= MOST_WORDS:
            return
        if "@" in question or any(sign.isdigit() for sign in question):
            return
        with self._lock:
            if words in self._questions or len(self._questions) < MOST_QUESTIONS:
                known = self._questions.setdefault(words, _Question())
                known.hours.add(int(time.time() // 3600))
                known.count += 1

    def write(self) -> None:
        """Add the counts to the database. Raises DatabaseError, and keeps the counts that it could not write."""
        self._take(timezone.localdate())
        with transaction.atomic():
            _add(PageTotal, [(day, *_page_of(path), count) for (day, path), count in self._waiting.items()])
            _add(SearchTotal, [(day, words, count) for (day, words), count in self._waiting_words.items()])
        self._waiting.clear()
        self._waiting_words.clear()

    def _take(self, today: datetime.date) -> None:
        """Set the counts to write apart. Queries more than a day old are discarded."""
        oldest = int(time.time() // 3600) - A_DAY
        with self._lock:
            if len(self._waiting) < MOST_PAGES:
                self._waiting.update({(today, path): count for path, count in self._pages.items()})
            self._pages.clear()
            for question, known in list(self._questions.items()):
                known.hours = {hour for hour in known.hours if hour > oldest}
                if not known.hours:
                    del self._questions[question]
                elif len(known.hours) >= HOURS and known.count:
                    self._waiting_words[today, question] += known.count
                    known.count = 0

    def _work(self) -> None:
        while True:
            time.sleep(EVERY)
            try:
                self.write()
            except Exception as error:  # noqa: BLE001  # a failure to count must never break the site
                logger.warning("The totals are not written now: %s", error)
            close_old_connections()


def _page_of(path: str) -> tuple[str, str]:
    """Return the page and the language of a path."""
    language = get_language_from_path(path)
    page = path.removeprefix(f"/{language}") or "/"
    return page[:LONGEST_PAGE], language or settings.LANGUAGE_CODE


def _add(model: type[models.Model], rows: list[tuple[Any, ...]]) -> None:
    """Add the last value of each row to its total in the table; safe for concurrent processes."""
    if not rows:
        return
    names = [item.attname for item in model._meta.concrete_fields if not item.primary_key]
    table, columns, key = model._meta.db_table, ", ".join(names), ", ".join(names[:-1])
    places = ", ".join(["%s"] * len(names))
    summed: dict[tuple[Any, ...], int] = {}
    for *what, count in rows:
        summed[tuple(what)] = summed.get(tuple(what), 0) + count  # two paths may lead to one page
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {table} ({columns}) VALUES ({places}) "  # noqa: S608  # names of our own
            f"ON CONFLICT ({key}) DO UPDATE SET count = {table}.count + excluded.count",
            [
                (*what, count) for what, count in sorted(summed.items())
            ],  # in a fixed order, to prevent deadlocks
        )


# --- Reading ------------------------------------------------------------------------------------------


def pages_since(day: datetime.date) -> list[dict[str, object]]:
    """Return the most viewed pages from a day on, each with its total and that of each language."""
    found = _by_language("page", day)
    return sorted(found, key=lambda row: (-row["total"], row["page"]))[:MOST_SHOWN]


def days_since(day: datetime.date) -> list[dict[str, object]]:
    """Return the total of each day from a day on, the newest first, with that of each language."""
    return sorted(_by_language("day", day), key=lambda row: row["day"], reverse=True)


def _by_language(name: str, since: datetime.date) -> list[dict[str, Any]]:
    totals: dict[Any, dict[str, int]] = {}
    rows = PageTotal.objects.filter(day__gte=since).values_list(name, "language")
    for value, language, count in rows.annotate(total=Sum("count")).order_by():
        totals.setdefault(value, {})[language] = count
    codes = [code for code, _name in settings.LANGUAGES]
    return [
        {name: value, "total": sum(found.values()), "languages": [found.get(code, 0) for code in codes]}
        for value, found in totals.items()
    ]


def unanswered_since(day: datetime.date) -> list[tuple[str, int]]:
    """Return the words for which the search most often found nothing, from a day on."""
    rows = SearchTotal.objects.filter(day__gte=day).values_list("words")
    found = rows.annotate(total=Sum("count")).order_by("-total", "words")
    return [(words, count) for words, count in found[:MOST_SHOWN]]
