"""Exceptions entered for many opening hours at once: saved, changed and removed together, or not at all."""

from __future__ import annotations

import copy
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.db import transaction

from contact.models import Schedule, ScheduleException

# Fields shared by all exceptions that are entered together.
SHARED = (
    "first_day", "last_day", "opens", "closes", "also_when_closed", "reason", "translations", "batch",
)  # fmt: skip


class ConflictsError(Exception):
    """Some of the opening hours have other exceptions that contradict the new one: messages by primary key."""

    def __init__(self, messages: dict[uuid.UUID, str]) -> None:
        super().__init__(messages)
        self.messages = messages


@dataclass
class Outcome:
    """The exceptions that were added, changed and removed."""

    added: list[ScheduleException] = field(default_factory=list)
    changed: list[ScheduleException] = field(default_factory=list)
    removed: list[ScheduleException] = field(default_factory=list)

    @property
    def schedules(self) -> set[uuid.UUID]:
        """Return the primary keys of the opening hours that changed."""
        return {item.schedule_id for item in (*self.added, *self.changed, *self.removed)}


def conflict_of(schedule: Schedule, wanted: ScheduleException, entered: ScheduleException | None) -> str:
    """Return why an exception contradicts others of the same opening hours; empty if it does not.

    `entered` is the stored exception that it replaces. Needs the prefetched exceptions.
    """
    trial = _as_wanted(copy.copy(entered) if entered else ScheduleException(schedule=schedule), wanted)
    others = [item for item in schedule.exceptions.all() if entered is None or item.pk != entered.pk]
    try:
        schedule.check_with(exceptions=[*others, trial])
    except ValidationError as error:
        return " ".join(error.messages)
    return ""


def save_together(
    wanted: ScheduleException, schedules: Iterable[Schedule], entered: Sequence[ScheduleException] = ()
) -> Outcome:
    """Give these opening hours, and no others of those entered before, the wanted exception; all or none.

    Locks the opening hours in one order, so that two editors cannot deadlock. Raises ConflictsError or ValidationError.
    """
    wanted.batch = next((item.batch for item in entered if item.batch), None) or uuid.uuid4()
    keys = {item.pk for item in schedules}
    known = {item.schedule_id: item for item in entered}
    outcome = Outcome()
    conflicts: dict[uuid.UUID, str] = {}
    with transaction.atomic():
        for schedule in _locked({*keys, *known}):
            if schedule.pk not in keys:
                outcome.removed.append(known[schedule.pk])
                continue
            item = known.get(schedule.pk)
            conflict = conflict_of(schedule, wanted, item)
            if conflict:
                conflicts[schedule.pk] = conflict
                continue
            (outcome.changed if item else outcome.added).append(
                _as_wanted(item or ScheduleException(schedule=schedule), wanted)
            )
        if conflicts:
            raise ConflictsError(conflicts)
        for item in (*outcome.added, *outcome.changed):
            item.full_clean(exclude=["schedule"])
            item.save()
        for item in outcome.removed:
            type(item).objects.filter(pk=item.pk).delete()
    return outcome


def _as_wanted(item: ScheduleException, wanted: ScheduleException) -> ScheduleException:
    for name in SHARED:
        setattr(item, name, getattr(wanted, name))
    return item


def _locked(keys: set[uuid.UUID]) -> list[Schedule]:
    rows = Schedule._base_manager.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk")
    return list(rows.prefetch_related("exceptions"))
