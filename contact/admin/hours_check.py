"""The check of opening hours while they are edited: in words, at any moment, and what is probably not meant."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from contact.availability import get_calendar
from contact.hours_at import HoursAt, hours_at
from contact.hours_sentences import hours_in_words
from contact.hours_warnings import warnings_of
from contact.models import Schedule, ScheduleException, WeeklySlot
from contact.opening_hours import now_in_brussels
from pzgent.kernel.editing.moments import ClockField, DayField

CHECK = "_check"
# New exceptions are judged as if they were entered after all stored ones.
FIRST_NEW_KEY = 2**62


class MomentForm(forms.Form):
    """The day and the time about which an editor asks."""

    check_day = DayField(label=_("Day"))
    check_time = ClockField(label=_("Time"))


@dataclass(frozen=True)
class HoursCheck:
    """Summary of the hours as typed, their state at the requested moment, and the warnings."""

    moment: MomentForm
    words: str
    answer: HoursAt | None
    warnings: list[str]
    # True for hours that were typed and are not saved yet.
    is_typed: bool


def moment_form(data: Any) -> MomentForm:
    """Return the form with the moment asked for; the present without one."""
    now = now_in_brussels()
    present = {"check_day": f"{now:%d/%m/%Y}", "check_time": f"{now:%H:%M}"}
    return MomentForm({name: data.get(name) or text for name, text in present.items()})


def check_of(schedule: Schedule, data: Any, is_typed: bool = False) -> HoursCheck:
    """Return the check of a schedule with its parts, for the moment that a request asks for."""
    form, calendar = moment_form(data), get_calendar([schedule])
    answer = None
    if form.is_valid():
        asked = form.cleaned_data
        answer = hours_at(schedule, asked["check_day"], asked["check_time"], calendar)
    warnings = warnings_of(schedule, calendar, now_in_brussels().date())
    return HoursCheck(form, hours_in_words(schedule), answer, warnings, is_typed)


def typed_schedule(
    schedule: Schedule, slots: Sequence[WeeklySlot], exceptions: Sequence[ScheduleException]
) -> Schedule:
    """Return the schedule as it would be saved, without saving anything."""
    numbered = []
    for number, item in enumerate(exceptions):
        trial = copy.copy(item)
        if trial.pk is None:
            trial.pk = FIRST_NEW_KEY + number
        numbered.append(trial)
    return schedule.with_only(slots=list(slots), exceptions=numbered)


def is_check(request: HttpRequest) -> bool:
    """Return whether a form was sent to check the hours instead of saving them."""
    return request.method == "POST" and CHECK in request.POST


def never_saved(form: Any) -> Any:
    """Return the form class in a version that shows its errors but never counts as valid."""

    def is_valid(self: Any) -> bool:
        super(checked, self).is_valid()
        return False

    checked: Any = type(form)(form.__name__, (form,), {"is_valid": is_valid})
    return checked
