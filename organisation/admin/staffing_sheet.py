"""Lines of the staffing tables, as the rows of a spreadsheet."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import cached_property, partial
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q
from django.forms import modelform_factory

from organisation.models import StaffingLine, StaffingTable
from pzgent.kernel.editing.bulk.import_sheet import Sheet
from pzgent.kernel.editing.bulk.row import Row
from pzgent.kernel.editing.bulk.row_form import row_form
from pzgent.kernel.editing.bulk.sheets import IDENTITY
from pzgent.kernel.editing.forms import SafeForm
from pzgent.kernel.editing.rights import log_change, may
from pzgent.kernel.versions.recording import recorder_of

FIELDS = ("table", "grade", "unit", "count", "count_missing", "measure")
NATURAL = ("table", "grade", "unit")


class StaffingLineSheet(Sheet):
    """The lines of all tables of a list; a line is known by its id, or by its table, grade and unit."""

    def get_model(self) -> type[StaffingLine]:
        """Return the model of the lines."""
        return StaffingLine

    @cached_property
    def add_form(self) -> Any:
        """The form class of a line."""
        inline = self.admin.get_inline_instances(self.request)[0]
        callback = partial(inline.formfield_for_dbfield, request=self.request)
        form = modelform_factory(StaffingLine, form=SafeForm, fields=FIELDS, formfield_callback=callback)
        return row_form(form)

    def change_form(self, item: Any) -> Any:
        """Return the same form class."""
        return self.add_form

    @cached_property
    def tables(self) -> set[Any]:
        """The primary keys of the tables whose lines were written."""
        return set()

    def items_of(self, queryset: Any) -> Iterator[Any]:
        """Yield the lines of the tables."""
        yield from StaffingLine.objects.filter(table__in=queryset.order_by().values("pk")).iterator()

    def find(self, rows: Sequence[Row]) -> None:
        """Look up the line of each row."""
        keys = [
            int(key)
            for row in rows
            if (key := row.cells.get(IDENTITY, "").strip()).isdecimal() and len(key) < 16
        ]
        natural = [self._natural(row) for row in rows]
        tables, grades, units = ({values[place] for values in natural} for place in range(len(NATURAL)))
        stored: Any = StaffingLine.objects
        lines = stored.filter(table__in=tables - {""}, grade__in=grades - {""})
        of_units = Q(unit__in=units - {""}) | (Q(unit=None) if "" in units else Q(pk__in=()))
        by_key = {str(line.pk): line for line in StaffingLine.objects.filter(pk__in=keys)}
        by_name = {
            tuple(str(line.serializable_value(name) or "") for name in NATURAL): line
            for line in lines.filter(of_units)
        }
        for row, values in zip(rows, natural, strict=True):
            identity = row.cells.get(IDENTITY, "").strip()
            row.item = by_key.get(identity) if identity else by_name.get(values)
            if identity and row.item is None:
                self.note_unknown(row)

    def _natural(self, row: Row) -> tuple[str, ...]:
        """Return the primary keys of the table, grade and unit of a row; empty ones if they cannot be read."""
        found = []
        for name in NATURAL:
            try:
                found.append(str(self.by_name[name].value(row.cells.get(name, ""))))
            except ValidationError:
                found.append("")
        return tuple(found)

    def may_write(self, row: Row) -> bool:
        """Return whether the user may add or change the line."""
        return may(self.request, "add" if row.is_new else "change", StaffingLine)

    def check_whole(self, rows: Sequence[Row]) -> None:
        """Refuse lines that would not add up to the totals of their table."""
        stored = StaffingLine.objects.in_bulk([row.stored for row in rows if row.stored])
        tables: dict[str, list[Row]] = {}
        for row in rows:
            key = self._natural(row)[0] or str(stored[int(row.stored)].table_id)
            tables.setdefault(key, []).append(row)
        for table in StaffingTable.objects.filter(pk__in=tables):
            lines = {str(line.pk): line for line in table.lines.all()}
            changed = tables[str(table.pk)]
            kept = [
                self._as_written(row, lines.pop(row.stored, StaffingLine(table=table))) for row in changed
            ]
            try:
                table.check_with(lines=[*lines.values(), *kept])
            except ValidationError as error:
                changed[0].problems.append(("", " ".join(error.messages)))

    def _as_written(self, row: Row, line: StaffingLine) -> StaffingLine:
        for name, text in row.cells.items():
            value = self.by_name[name].value(text) if name in ("grade", "count") else ""
            if name == "grade" and value:
                line.grade_id = int(value)
            elif name == "count":
                line.count = Decimal(value) if value else None
        return line

    def remember(self, rows: Sequence[Row]) -> None:
        """Take the state of the tables whose lines change."""
        tables = {row.item.table_id for row in rows if row.item is not None}
        recorder_of(self.request).remember(StaffingTable.objects.filter(pk__in=tables))

    def save(self, row: Row, form: Any) -> None:
        """Write a line; the history of its table tells of it."""
        self.tables.add(form.save().table_id)

    def finish(self, rows: Sequence[Row]) -> None:
        """Check the tables as they are stored now, and count a change of each. Raises ValidationError."""
        for table in StaffingTable.objects.filter(pk__in=self.tables).select_for_update(no_key=True):
            table.check_stored()
            table.save(update_fields=["modified"])
            log_change(self.request, [table], str(StaffingLine._meta.verbose_name_plural))

    def require_rights(self) -> None:
        """Raise PermissionDenied for an account that may not write lines."""
        super().require_rights()
        if not may(self.request, "add", StaffingLine) and not may(self.request, "change", StaffingLine):
            raise PermissionDenied
