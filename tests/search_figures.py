"""Measures of the search over sets of questions: ranks of the answers, and emergency cards missed or needless."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml
from django.conf import settings
from django.utils import translation

from contact.availability import TopicStatus, topics_now
from pzgent.search import search_everything
from pzgent.search.needs import needs_of

FOLDER = settings.BASE_DIR / "tests" / "pzgent"
FRESH: dict[str, dict[str, dict[str, list[str]]]] = yaml.safe_load(
    (FOLDER / "search_fresh.yaml").read_text(encoding="utf-8")
)
ALARMS: dict[str, dict[str, dict[str, list[str]]]] = yaml.safe_load(
    (FOLDER / "danger_questions.yaml").read_text(encoding="utf-8")
)
# The number of answers on the first screen of a phone.
SCREEN = 3


@dataclass(frozen=True)
class Ranks:
    """The rank of the first right answer to each question; 0 if it was not found."""

    of: Mapping[str, int]

    @property
    def reciprocal(self) -> float:
        """The mean reciprocal rank."""
        return sum(1 / rank for rank in self.of.values() if rank) / len(self.of)

    @property
    def on_screen(self) -> float:
        """The share of questions with a right answer among the first three."""
        return 1 - len(self.late) / len(self.of)

    @property
    def late(self) -> list[str]:
        """The questions without a right answer among the first three."""
        return [question for question, rank in self.of.items() if not 1 <= rank <= SCREEN]


def ranks_of(questions: Mapping[Any, list[str]], language: str) -> Ranks:
    """Return the ranks for questions asked on the pages in a language."""
    with translation.override(language):
        return Ranks({str(asked): _rank(str(asked), right) for asked, right in questions.items()})


def _rank(question: str, right: list[str]) -> int:
    keys = [f"{hit.type}:{hit.slug}" for hit in search_everything(question).hits]
    return next((place for place, key in enumerate(keys, 1) if key in right), 0)


def wrong_alarms(kind: str, half: str) -> Iterator[str]:
    """Yield the urgent questions without an emergency card, or the neutral ones with one."""
    topics = topics_now()
    for language, questions in ALARMS[kind][half].items():
        with translation.override(language if language in dict(settings.LANGUAGES) else "nl"):
            for question in questions:
                if _has_card(question, topics) != (kind == "urgent"):
                    yield question


def _has_card(question: str, topics: list[TopicStatus]) -> bool:
    needs = needs_of(question, search_everything(question), topics)
    return any(isinstance(need, TopicStatus) and need.is_emergency for need in needs)


def table() -> str:
    """Return all figures as a Markdown table."""
    lines = ["| questions | number | MRR | in the first three |", "|---|---|---|---|"]
    for half, sets in FRESH.items():
        for language, questions in sets.items():
            ranks = ranks_of(questions, language)
            lines.append(
                f"| {half}, {language} | {len(questions)} | {ranks.reciprocal:.2f} | {ranks.on_screen:.0%} |"
            )
    lines += ["", "| questions | number | wrong |", "|---|---|---|"]
    for kind, halves in ALARMS.items():
        for half, asked in halves.items():
            number = sum(map(len, asked.values()))
            lines.append(f"| {kind}, {half} | {number} | {len(list(wrong_alarms(kind, half)))} |")
    return "\n".join(lines) + "\n"
