"""The short form for an urgent notice: one screen, in force at once, with an end of one tap."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.forms import BoundField
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contact.models import Notice
from contact.models.notices import NoticeLevel
from pzgent.kernel.editing import free_slug
from pzgent.kernel.editing.moments import DayTimeField, DayTimeInput
from pzgent.kernel.fields import LineInput, TextInput
from pzgent.kernel.publishing import PublicationStatus
from pzgent.kernel.translations import DUTCH, OTHER_LANGUAGES

TWO_HOURS = datetime.timedelta(hours=2)
EVENING, MORNING = datetime.time(22), datetime.time(8)


class Until(models.TextChoices):
    """The ends that one tap chooses."""

    TWO_HOURS = "two_hours", _("2 hours from now")
    EVENING = "evening", _("tonight 22:00")
    MORNING = "morning", _("tomorrow 8:00")
    CHOSEN = "chosen", _("choose")


def end_of(until: str, now: datetime.datetime) -> datetime.datetime | None:
    """Return the end that one tap means: the next 22:00 or 8:00; None if the editor chooses it."""
    if until == Until.TWO_HOURS:
        return now + TWO_HOURS
    clock = {Until.EVENING: EVENING, Until.MORNING: MORNING}.get(Until(until))
    if clock is None:
        return None
    local = timezone.localtime(now)
    day = local.date() + datetime.timedelta(days=local.time() >= clock)
    return timezone.make_aware(datetime.datetime.combine(day, clock))


@dataclass(frozen=True)
class LanguageInputs:
    """The two inputs of one language."""

    code: str
    name: str
    title: BoundField
    text: BoundField


@dataclass(frozen=True)
class Preview:
    """A notice as the readers of one language see it; `is_dutch` if it is in Dutch for want of a translation."""

    code: str
    name: str
    html: str
    is_dutch: bool


class QuickNoticeForm(forms.Form):
    """Level, end, and title and text in each language; only Dutch is required."""

    level = forms.ChoiceField(
        label=_("Level"),
        choices=NoticeLevel,
        initial=NoticeLevel.SERIOUS,
        widget=forms.RadioSelect,
        help_text=_("Disaster stands above all else on each page."),
    )
    until = forms.ChoiceField(
        label=_("On the site until"),
        choices=Until,
        initial=Until.TWO_HOURS,
        widget=forms.RadioSelect,
        help_text=_("It starts at once, and goes by itself. You can end it earlier from any page."),
    )
    ends = DayTimeField(
        label=_("Day and time of the end"),
        required=False,
        widget=DayTimeInput,
        help_text=_("For example 24/12/2026 and 18.00."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for code in (DUTCH, *OTHER_LANGUAGES):
            empty = "" if code == DUTCH else _("Empty: the site shows the Dutch text.")
            self.fields[f"title_{code}"] = LineInput(
                label=_("Title"),
                max_length=120,
                required=code == DUTCH,
                help_text=empty or _("What is the matter, in a few words."),
                widget=forms.TextInput(attrs={"lang": code}),
            )
            self.fields[f"text_{code}"] = TextInput(
                label=_("Text"),
                required=code == DUTCH,
                help_text=empty or _("What people have to do now, in one to three short sentences."),
                widget=forms.Textarea(attrs={"lang": code, "rows": 2}),
            )

    @property
    def languages(self) -> list[LanguageInputs]:
        """The inputs of each language, Dutch first."""
        names = {DUTCH: _("Dutch"), **OTHER_LANGUAGES}
        return [
            LanguageInputs(code, str(name), self[f"title_{code}"], self[f"text_{code}"])
            for code, name in names.items()
        ]

    def clean(self) -> dict[str, Any]:
        """Make the notice, and check it as its model does."""
        cleaned = super().clean() or {}
        if self.errors:
            return cleaned
        now = timezone.now()
        ends = end_of(cleaned["until"], now) or cleaned.get("ends")
        if ends is None:
            raise ValidationError({"ends": gettext("Give the day and the time at which it ends.")})
        if ends <= now:
            raise ValidationError({"ends": gettext("This moment is over. Give a later one.")})
        self.notice = self._make(cleaned, now, ends)
        self.notice.full_clean()
        return cleaned

    def _make(self, cleaned: dict[str, Any], now: datetime.datetime, ends: datetime.datetime) -> Notice:
        notice = Notice(
            slug=free_slug(Notice, cleaned["title_nl"]),
            status=PublicationStatus.PUBLISHED,
            level=cleaned["level"],
            title=cleaned["title_nl"],
            starts=now,
            ends=ends,
            **{f"text_{code}": cleaned[f"text_{code}"] for code in (DUTCH, *OTHER_LANGUAGES)},
        )
        for code in OTHER_LANGUAGES:
            notice.translate("title", code, cleaned[f"title_{code}"])
        return notice

    def missing_languages(self) -> list[str]:
        """Return the names of the languages in which the title or the text is empty."""
        return [
            str(name)
            for code, name in OTHER_LANGUAGES.items()
            if not self.cleaned_data[f"title_{code}"] or not self.cleaned_data[f"text_{code}"]
        ]

    def previews(self) -> Iterator[Preview]:
        """Yield the notice as the site shows it, in each language."""
        missing = self.missing_languages()
        for language in self.languages:
            with translation.override(language.code):
                shown = {
                    "level": self.notice.level,
                    "title": self.notice.translated.title,
                    "text": self.notice.text,
                }
                html = render_to_string(
                    "contact/_notices.html", {"notices": [shown], "language": language.code}
                )
            yield Preview(language.code, language.name, html, language.name in missing)
