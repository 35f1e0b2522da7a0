"""Recording of the changes in an organogram's tree as steps, and undoing the last one.

Each caller holds the locks of the trees. A step stores the rows that it replaced, found by comparing the tree before
and after; so whatever changed the tree is undone in the same way.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import ProtectedError, RestrictedError
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from organisation.models import Organogram, Placement, StructureStep, Succession, Unit
from organisation.models.structure import full_name
from organisation.tree_state import (
    PlaceRow,
    TreeDifference,
    TreeState,
    Turn,
    content_changes,
    difference,
    read_state,
)

STEPS_KEPT = 200


class StepRefused(Exception):
    """Step that cannot be taken or undone; the message says why, for the editor."""


@dataclass
class Recording:
    """Changes while a recording runs: their description, the placement they are about, the units they created.

    Afterwards `steps` holds the recorded steps, and `touched` the rows with another parent or content, old or new.
    """

    text: str = ""
    at: UUID | None = None
    units: list[UUID] = field(default_factory=list)
    steps: list[StructureStep] = field(default_factory=list)
    touched: list[PlaceRow] = field(default_factory=list)


@contextmanager
def recording(organograms: Iterable[Organogram], user: Any) -> Iterator[Recording]:
    """Record what changes in the trees of these organograms as one step in each. Four queries per organogram."""
    before = {organogram: read_state(organogram.pk) for organogram in organograms}
    record = Recording()
    yield record
    group = uuid.uuid4()
    for organogram, state in before.items():
        after = read_state(organogram.pk)
        if after.digest != state.digest and Organogram.objects.filter(pk=organogram.pk).exists():
            record.steps.append(_store(organogram, user, group, (state, after), record))


def _store(
    organogram: Organogram, user: Any, group: UUID, states: tuple[TreeState, TreeState], record: Recording
) -> StructureStep:
    """Store one step, and forget the oldest ones of its organogram."""
    before, after = states
    changes = difference(before, after)
    record.touched += content_changes(before, after)
    more = {"units": [str(key) for key in record.units], "at": record.at and str(record.at)}
    step = StructureStep.objects.create(
        organogram=organogram,
        group=group,
        user=user if isinstance(user, User) else None,
        text=(record.text or describe(before, after))[:400],
        replaced={**changes.as_json(), **more},
        state_before=before.digest,
        state_after=after.digest,
    )
    StructureStep.objects.delete_all_but_last(organogram, STEPS_KEPT)
    return step


def describe(before: TreeState, after: TreeState) -> str:
    """Return a sentence about the difference between two states."""
    added = [row for key, row in after.rows.items() if key not in before.rows]
    removed = [row for key, row in before.rows.items() if key not in after.rows]
    both = [(row, after.rows[key]) for key, row in before.rows.items() if key in after.rows]
    renamed = [pair for pair in both if _title(pair[0]) != _title(pair[1])]
    moved = [pair for pair in both if pair[0].parent != pair[1].parent]
    count = len(added) + len(removed) + len({old.key for old, _new in (*renamed, *moved)})
    if count > 1:
        return ngettext("%(count)d unit changed", "%(count)d units changed", count) % {"count": count}
    if added:
        return gettext("“%(unit)s” added") % {"unit": _title(added[0])}
    if removed:
        return gettext("“%(unit)s” removed") % {"unit": _title(removed[0])}
    if moved:
        old, new = moved[0]
        above = after.rows[new.parent] if new.parent else None
        values = {"unit": _title(old), "parent": _title(above) if above else "–"}
        return gettext("“%(unit)s” moved under “%(parent)s”") % values
    if renamed:
        old, new = renamed[0]
        return gettext("“%(old)s” renamed to “%(new)s”") % {"old": _title(old), "new": _title(new)}
    if before.turns != after.turns:
        return gettext("successions changed")
    return gettext("order or kind changed")


def _title(row: PlaceRow) -> str:
    return full_name(row.name, row.abbreviation)


def undo(step: StructureStep) -> list[StructureStep]:
    """Undo a step in every organogram that it applied to; return the steps undone.

    Raises StepRefused if it is not the last step, or if the tree changed afterwards in any way.
    """
    group = list(StructureStep.objects.filter(group=step.group, undone_at=None).select_related("organogram"))
    if not group:
        raise StepRefused(gettext("This step was undone already."))
    with transaction.atomic():
        for item in group:
            _check_last(item)
            _put_back(item)
            item.undone_at = timezone.now()
            item.save(update_fields=["undone_at"])
    return group


def _check_last(step: StructureStep) -> None:
    """Raise StepRefused unless the tree is as the step left it."""
    values = {"step": step.text, "organogram": step.organogram}
    last = StructureStep.objects.get_last(step.organogram)
    if last is not None and last.pk != step.pk:
        text = gettext(
            "Not undone: after “%(step)s”, %(who)s took another step in “%(organogram)s”: “%(last)s”. "
            "Undo that one first."
        )
        raise StepRefused(text % {**values, "who": last.by or gettext("somebody"), "last": last.text})
    if read_state(step.organogram_id).digest != step.state_after:
        text = gettext(
            "Not undone: after “%(step)s”, “%(organogram)s” was changed in another way. Change it by hand."
        )
        raise StepRefused(text % values)


def _put_back(step: StructureStep) -> None:
    """Restore the rows that a step replaced. Raises StepRefused if the tree does not become what it was."""
    changes = TreeDifference.from_json(step.replaced)
    for row in changes.replaced:
        _restore(step.organogram_id, row)
    for key in reversed(changes.added):
        Placement.objects.get(pk=key).delete()
    for turn in changes.turns_added:
        _turns(step, turn).delete()
    for turn in changes.turns_removed:
        Succession.objects.create(organogram=step.organogram, **_columns(turn))
    for key in step.replaced["units"]:
        _delete_unused(key)
    if read_state(step.organogram_id).digest != step.state_before:
        raise StepRefused(gettext("Not undone: the tree could not be made as it was. Nothing changed."))


def _restore(organogram: UUID, row: PlaceRow) -> None:
    """Give one placement its former parent, sibling in front and content; insert it if it was removed."""
    place = Placement.objects.filter(pk=row.key).first()
    content = {"name": row.name, "abbreviation": row.abbreviation, "kind": row.kind}
    if place is None:
        place = Placement(pk=row.key, organogram_id=organogram, unit_id=row.unit, parent_id=row.parent)
    for name, value in content.items():
        setattr(place, name, value)
    place.save()
    if row.parent is None:
        return
    place = Placement.objects.get(pk=row.key)
    before = Placement.objects.filter(parent=place.parent_id, lft__lt=place.lft).order_by("-lft").first()
    if (place.parent_id, before.pk if before else None) == (row.parent, row.previous):
        return
    if row.previous is None:
        place.move_to(Placement.objects.get(pk=row.parent), "first-child")
    else:
        place.move_to(Placement.objects.get(pk=row.previous), "right")


def _columns(turn: Turn) -> dict[str, Any]:
    return {
        "from_unit_id": turn.from_unit,
        "to_unit_id": turn.to_unit,
        "kind": turn.kind,
        "note": turn.note,
    }


def _turns(step: StructureStep, turn: Turn) -> Any:
    return Succession.objects.filter(organogram=step.organogram, **_columns(turn))


def _delete_unused(key: str) -> None:
    """Delete a unit that a step created, unless an editor has worked on it or something refers to it."""
    unit = Unit.objects.filter(pk=key, version=1, placements=None).first()
    if unit is None or unit.is_kept:
        return
    try:
        with transaction.atomic():
            unit.delete()
    except (ProtectedError, RestrictedError):
        return
