"""Imports: a dry run in portions that writes nothing, and then one transaction that writes what was shown."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction
from django.db.models.fields.json import KeyTextTransform
from django.http import HttpRequest
from django.utils.translation import gettext

from pzgent.kernel.editing.bulk.import_sheet import Sheet
from pzgent.kernel.editing.bulk.row import Row
from pzgent.kernel.editing.bulk.sheets import IDENTITY
from pzgent.kernel.jobs import LONGEST_LABEL, Job, JobLine, JobState, LineState
from pzgent.kernel.marks import Marks, read_marks
from pzgent.kernel.sheets import ReadSheet

KIND = "import"
PORTION_SECONDS = 1.5
PORTION_LINES = 50
WRITTEN = (LineState.NEW, LineState.CHANGED)
OUTCOME = ["state", "label", "outcome", "token"]


class OutdatedError(Exception):
    """The data changed after the dry run: what was shown no longer holds."""


def start_import(request: HttpRequest, sheet: Sheet, name: str, read: ReadSheet) -> Job:
    """Store an uploaded file as a job to check. Raises ValidationError if its headings do not fit the sheet."""
    names = sheet.match(read.headings)
    lines = [_line(line.number, names, line.cells, line.problems) for line in read.lines]
    return Job.start(
        request.user.pk,
        sheet.admin.opts.label_lower,
        KIND,
        lines,
        file=name[:100],
        options=sheet.options,
        total=len(lines),
    )


def _line(number: int, names: Sequence[str], cells: Sequence[str], problems: dict[int, str]) -> JobLine:
    """Return the stored line of a row; cells beside the headings are problems."""
    texts = dict(zip(names, [*cells, *[""] * len(names)], strict=False))
    found = [(names[place] if place < len(names) else "", text) for place, text in problems.items()]
    if any(cell.strip() for cell in cells[len(names) :]):
        found.append(("", gettext("This row has more cells than there are headings.")))
    identity = texts.get(IDENTITY, "").strip()
    return JobLine(
        number=number,
        object_id=(identity or str(uuid.uuid4()))[:64],
        cells=texts,
        outcome={"read": found},
    )


def row_of(line: JobLine) -> Row:
    """Return the row of a stored line."""
    return Row(line.number, line.cells, key=line.object_id, problems=_pairs(line.outcome.get("read", ())))


def _pairs(found: Iterable[Sequence[str]]) -> list[tuple[str, str]]:
    return [(name, text) for name, text in found]


def know_pending(sheet: Sheet, job: Job) -> None:
    """Tell the sheet which rows the file has, so that they can refer to each other in any order. One query."""
    if sheet.key:
        named = job.lines.annotate(name=KeyTextTransform(sheet.key, "cells")).order_by()
        sheet.pending.update(
            {name.strip(): key for name, key in named.values_list("name", "object_id") if name}
        )


def check_portion(sheet: Sheet, job: Job) -> None:
    """Check some more rows, and the whole once all are checked. Holds no lock while it checks."""
    ends = time.monotonic() + PORTION_SECONDS
    know_pending(sheet, job)
    while True:
        lines = list(job.lines.filter(state=LineState.WAITING)[:PORTION_LINES])
        if not lines:
            _check_whole(sheet, job)
            return
        rows = [row_of(line) for line in lines]
        sheet.find(rows)
        for line, row in zip(lines, rows, strict=True):
            sheet.check(row)
            _note(line, row)
        JobLine.objects.bulk_update(lines, OUTCOME)
        if time.monotonic() > ends:
            return


def _note(line: JobLine, row: Row) -> None:
    """Put what was found about a row on its line."""
    if row.problems:
        line.state = LineState.ERROR
    elif row.is_new:
        line.state = LineState.NEW
    else:
        line.state = LineState.CHANGED if row.changes else LineState.UNCHANGED
    line.label, line.token = row.label[:LONGEST_LABEL], row.token
    line.outcome = {
        "read": line.outcome.get("read", []),
        "problems": row.problems,
        "changes": row.changes,
        "after": row.after,
        "unique": row.unique,
        "object": "" if row.is_new else str(row.item.pk),
    }


def _check_whole(sheet: Sheet, job: Job) -> None:
    """Check what holds for all rows together, and end the dry run."""
    lines = {line.number: line for line in job.lines.filter(state__in=WRITTEN)}
    rows = [_checked(line) for line in lines.values()]
    _refuse_repeats(sheet, rows)
    has_errors = job.lines.filter(state=LineState.ERROR).exists()
    if not has_errors and not any(row.problems for row in rows):
        sheet.check_whole(rows)
    try:
        sheet.in_order(rows)
    except CycleError as error:
        _refuse_cycle(rows, set(error.args[1]))
    wrong = [lines[row.number] for row in rows if row.problems]
    for row in rows:
        if row.problems:
            line = lines[row.number]
            line.state, line.outcome = LineState.ERROR, {**line.outcome, "problems": row.problems}
    with transaction.atomic():
        JobLine.objects.bulk_update(wrong, ["state", "outcome"], batch_size=100)
        job.state = JobState.CHECKED
        job.save(update_fields=["state"])


def _checked(line: JobLine) -> Row:
    """Return the row of a line that the dry run found right."""
    row = row_of(line)
    row.after, row.unique, row.token = line.outcome["after"], line.outcome["unique"], line.token
    row.stored = line.outcome["object"]
    return row


def _refuse_repeats(sheet: Sheet, rows: Sequence[Row]) -> None:
    seen: dict[str, int] = {}
    for row in rows:
        keys = [*row.unique, *([f"{IDENTITY}={row.stored}"] if row.stored else [])]
        first = next((seen[key] for key in keys if key in seen), None)
        if first is not None:
            text = gettext("Row %(number)d is about the same. Keep one of the two.")
            row.problems.append(("", text % {"number": first}))
        for key in keys:
            seen.setdefault(key, row.number)


def _refuse_cycle(rows: Sequence[Row], numbers: set[int]) -> None:
    for row in rows:
        if row.number in numbers:
            text = gettext("These rows refer to each other in a circle: %(numbers)s. Break the circle.")
            row.problems.append(("", text % {"numbers": ", ".join(map(str, sorted(numbers)))}))


@dataclass
class Ready:
    """The rows of an import in the order of writing, checked as the data was at these marks.

    `forms` has the checked form of each row by its number. A row that depends on rows written before it has none.
    """

    sheet: Sheet
    rows: Sequence[Row]
    lines: Mapping[int, JobLine]
    marks: Marks
    forms: dict[int, Any]


def prepare_import(make_sheet: Callable[[], Sheet], job: Job) -> Ready:
    """Check the rows of a dry run once more. Needs no lock, so that nobody waits for it.

    Raises OutdatedError if a row would now change something else, or cannot be written.
    """
    sheet, marks = make_sheet(), read_marks()
    lines = {line.number: line for line in job.lines.filter(state__in=WRITTEN)}
    know_pending(sheet, job)
    sheet.is_writing = True
    rows = sheet.in_order([_checked(line) for line in lines.values()])
    # Before anything is written: saving one row may count as a change of another one.
    sheet.find(rows)
    ready = Ready(sheet, rows, lines, marks, {})
    for row in rows:
        if sheet.can_prepare and not row.after:
            form = ready.forms[row.number] = _slim(_form_of(ready, row))
            sheet.known.note(form.instance)
    return ready


def apply_import(ready: Ready, job: Job, make_sheet: Callable[[], Sheet]) -> None:
    """Write what the dry run showed. Must run in a transaction, which an OutdatedError has to undo.

    Raises OutdatedError if a row would now change something else, or cannot be written.
    """
    ready.sheet.lock(ready.rows)
    if read_marks() != ready.marks:  # a save since the check; the rows are locked now
        ready = prepare_import(make_sheet, job)
    sheet = ready.sheet
    sheet.remember(ready.rows)
    for row in ready.rows:
        sheet.save(row, ready.forms.pop(row.number, None) or _form_of(ready, row))
    try:
        sheet.finish(ready.rows)
        sheet.log()
    except ValidationError as error:
        raise OutdatedError(" ".join(error.messages)) from error
    job.finish(JobState.DONE)
    job.lines.all().delete()


def _form_of(ready: Ready, row: Row) -> Any:
    """Return the checked form of a row if it still is what was shown. Raises OutdatedError."""
    line = ready.lines[row.number]
    form = ready.sheet.check(row)
    is_same = row.token == line.token and [list(change) for change in row.changes] == line.outcome["changes"]
    if form is None or row.problems or not is_same:
        reasons = " ".join(text for _name, text in row.problems)
        text = gettext("Row %(number)d (%(label)s) changed after the check. %(reasons)s")
        raise OutdatedError(text % {"number": row.number, "label": line.label, "reasons": reasons})
    return form


def _slim(form: Any) -> Any:
    """Return the form without the fields that it leaves alone: there can be ten thousand at a time."""
    form.fields = {name: form.fields[name] for name in form.changed_data}
    form._bound_fields_cache = {}
    return form


def check_again(job: Job) -> None:
    """Start the dry run anew, with the same file."""
    job.lines.update(state=LineState.WAITING)
    job.state = JobState.RUNNING
    job.save(update_fields=["state"])


def heading_of(sheet: Sheet, name: str) -> str:
    """Return the heading of a column; empty for what concerns the whole row."""
    column: Any = sheet.by_name.get(name)
    return column.heading if column is not None else "" if name in ("", NON_FIELD_ERRORS) else name
