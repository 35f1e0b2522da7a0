"""Sheets that come back: which object each row is about, what it would change, and how it is written."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from functools import cached_property
from graphlib import TopologicalSorter
from typing import Any, ClassVar

from django import forms
from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, ValidationError
from django.db import models
from django.forms.models import InlineForeignKeyField
from django.utils.translation import gettext

from pzgent.kernel.editing.bulk.columns import Column
from pzgent.kernel.editing.bulk.references import key_name
from pzgent.kernel.editing.bulk.row import Row
from pzgent.kernel.editing.bulk.row_form import Known, RowData, row_form
from pzgent.kernel.editing.bulk.sheets import IDENTITY, ExportSheet, portions_of
from pzgent.kernel.editing.forms import VERSION_TOKEN
from pzgent.kernel.editing.rights import may_publish
from pzgent.kernel.publishing import Publishable
from pzgent.kernel.versions.models import VersionKind
from pzgent.kernel.versions.recording import recorder_of

MOST_TWINS = 20
REPR_LENGTH = 200


class Sheet(ExportSheet):
    """A sheet that can be imported, through the forms of its admin."""

    # A form with what must be chosen before an import, such as the organogram.
    options_form: ClassVar[type[forms.Form] | None] = None
    # Fields that a new row cannot leave to the model's default.
    always: ClassVar[frozenset[str]] = frozenset()
    # False if writing one row changes what the form of the next one is about, as the places in a tree.
    can_prepare: ClassVar[bool] = True

    # --- Headings ---

    def match(self, headings: Sequence[str]) -> list[str]:
        """Return the column name of each heading. Raises ValidationError for unknown or repeated ones."""
        known = {column.name.casefold(): column.name for column in self.columns}
        known |= {column.heading.casefold(): column.name for column in self.columns}
        found, errors = [], []
        for place, heading in enumerate(headings, 1):
            name = known.get(heading.strip().casefold(), "")
            if not heading.strip():
                errors.append(gettext("Column %(number)d has no heading.") % {"number": place})
            elif not name:
                errors.append(self._unknown_heading(heading))
            elif name in found:
                errors.append(gettext("The column “%(heading)s” is there twice.") % {"heading": heading[:60]})
            found.append(name)
        if errors and not any(found):
            text = gettext(
                "No heading in the first row is one of this list. Download the empty spreadsheet, and fill that in."
            )
            raise ValidationError(text)
        if errors:
            raise ValidationError(errors)
        if not set(found) - {IDENTITY}:
            raise ValidationError(gettext("There is no column to import beside the id."))
        return found

    def _unknown_heading(self, heading: str) -> str:
        close = get_close_matches(heading, [column.heading for column in self.columns], 1)
        if close:
            text = gettext("The column “%(heading)s” is unknown. Is it “%(close)s”?")
            return text % {"heading": heading[:60], "close": close[0]}
        return gettext("The column “%(heading)s” is unknown. Remove it.") % {"heading": heading[:60]}

    # --- Which object a row is about ---

    @property
    def key(self) -> str:
        """Return the column whose values name the objects, beside the identity; empty if there is none."""
        name = key_name(self.model)
        return name if name in self.by_name else ""

    def find(self, rows: Sequence[Row]) -> None:
        """Look up the object of each row: by its identity, or else by its key."""
        keys = {row.cells.get(IDENTITY, "").strip() for row in rows} - {""}
        names = {row.cells.get(self.key, "").strip() for row in rows} - {""} if self.key else set()
        found: Any = self.admin.get_queryset(self.request)
        items = {str(item.pk): item for item in self._within(found, "pk", keys)}
        named = {getattr(item, self.key): item for item in self._within(found, self.key, names)}
        present = [*items.values(), *named.values()]
        self.complete(present)
        for row in rows:
            identity = row.cells.get(IDENTITY, "").strip()
            row.item = items.get(identity.lower()) if identity else None
            if identity and row.item is None:
                self.note_unknown(row)
            elif row.item is None and self.key:
                row.item = named.get(row.cells.get(self.key, "").strip())
        self._find_twins(rows)

    @staticmethod
    def note_unknown(row: Row) -> None:
        """Note that no object has the id of a row."""
        row.problems.append((IDENTITY, gettext("No row has this id. Empty the cell to add a new row.")))

    def _within(self, queryset: Any, name: str, values: set[str]) -> list[Any]:
        column: Any = self.model._meta.pk if name == "pk" else self.model._meta.get_field(name)
        usable = []
        for value in values:
            try:
                column.to_python(value)
            except ValidationError:
                continue
            usable.append(value)
        return [
            item
            for some in portions_of(usable)
            for item in queryset.filter(**{f"{name}__in": some}).order_by()
        ]

    # --- What a row changes ---

    def check(self, row: Row) -> Any:
        """Return the checked form of a row; None if its cells are wrong, or change nothing.

        Notes its problems, its changes and the version of its object on the row. Writes nothing.
        """
        item = self.blank(row) if row.is_new else row.item
        row.label = row.cells.get(self.label_column, "") if row.is_new else str(item)
        stored = self.values_of(item)
        touched = self._touched(row, stored)
        values = self._parsed(row, touched)
        self._require_right(row, touched)
        if row.is_new:
            self._refuse_twin(row, touched)
        if row.problems or not (touched or row.is_new):
            return None
        form = self.bound_form(row, item, {**self._defaults(row, stored, touched), **values})
        if not form.is_valid():
            self._note_errors(row, form)
        changed = touched if row.is_new else [name for name in touched if self._is_changed(form, name)]
        row.changes = [
            (name, self.by_name[name].text(stored[name]), row.cells[name].strip()) for name in changed
        ]
        self._require_publishing(row, form, stored)
        row.unique = self.unique_keys(row, form.instance)
        return form if row.changes or row.is_new else None

    def _refuse_twin(self, row: Row, touched: Sequence[str]) -> None:
        """Refuse a new row without a key that says what is stored already: the file was imported before."""
        name = self.label_column
        if not self.key or row.cells.get(self.key, "").strip() or name not in touched:
            return
        for item in self.twins.get(row.cells[name].strip(), ()):
            if all(
                self.by_name[name].is_same(row.cells[name], self.by_name[name].value_of(item))
                for name in touched
            ):
                text = gettext("This row exists already. To change it, give its %(key)s: %(value)s.")
                values = {"key": self.by_name[self.key].heading, "value": getattr(item, self.key)}
                row.problems.append((name, text % values))
                return

    def _find_twins(self, rows: Sequence[Row]) -> None:
        """Look up the objects that have the label of a new row without a key, at most a few of each label."""
        self.twins: dict[str, list[Any]] = {}
        name = self.label_column
        texts = [row.cells.get(name, "").strip() for row in rows if row.is_new and self._has_no_key(row)]
        found: Any = self.admin.get_queryset(self.request).order_by() if self.key else ()
        for some in portions_of(sorted(set(texts) - {""}) if self.key else ()):
            likely = list(found.filter(**{f"{name}__in": some})[: MOST_TWINS * len(some)])
            if len(likely) == MOST_TWINS * len(some):
                likely = [item for text in some for item in found.filter(**{name: text})[:MOST_TWINS]]
            for item in self.complete(likely):
                self.twins.setdefault(str(getattr(item, name)), []).append(item)

    def _has_no_key(self, row: Row) -> bool:
        return not row.cells.get(self.key, "").strip()

    @cached_property
    def label_column(self) -> str:
        """Return the column that names a new row to people."""
        name = getattr(self.add_form, "slug_source", "")
        return name if name in self.by_name else next(iter(list(self.by_name)[1:]), IDENTITY)

    def blank(self, row: Row) -> Any:
        """Return a new object with the primary key that the row was given."""
        if not row.key:
            row.key = str(uuid.uuid4())
        key: Any = self.model._meta.pk
        return self.model(pk=row.key) if isinstance(key, models.UUIDField) else self.model()

    def _touched(self, row: Row, stored: Mapping[str, Any]) -> list[str]:
        """Return the columns whose cells differ from what is stored; of a new row, all that are filled in.

        In the order of the sheet, as a database may forget the order of the cells. An empty cell of a new row leaves
        the default.
        """
        given = [column for column in self.columns if column.name in row.cells.keys() - {IDENTITY}]
        return [
            column.name
            for column in given
            if (row.cells[column.name].strip() or not row.is_new)
            and not column.is_same(row.cells[column.name], stored[column.name])
        ]

    def _parsed(self, row: Row, touched: Iterable[str]) -> dict[str, Any]:
        """Return the values of the touched cells; notes the ones that cannot be read."""
        values = {}
        for name in touched:
            column = self.by_name[name]
            try:
                values[name] = column.value(row.cells[name])
            except ValidationError as error:
                row.problems.append((name, self._advice(column, error.messages)))
        return values

    def _defaults(self, row: Row, stored: Mapping[str, Any], touched: Iterable[str]) -> dict[str, Any]:
        """Return what an empty add form shows in the required fields of a new row; nothing for a change."""
        if not row.is_new:
            return {}
        rest = [
            column
            for column in self.columns
            if column.name in self._required(self.add_form) and column.name not in touched
        ]
        return {column.name: column.value(column.text(stored[column.name])) for column in rest}

    def change_form(self, item: Any) -> Any:
        """Return the form class for a stored object; the same for all, as no form depends on the object."""
        if not hasattr(self, "_change_form"):
            self._change_form = row_form(self.admin.get_form(self.request, item, change=True))
        return self._change_form

    def bound_form(self, row: Row, item: Any, values: Mapping[str, Any]) -> Any:
        """Return the form of the row with these values."""
        data = RowData()
        for name, value in values.items():
            self.by_name[name].submit(data, value)
        form = (self.add_form if row.is_new else self.change_form(item))(data, {}, instance=item)
        form.touched = frozenset(values) | (self._required(form) if row.is_new else frozenset())
        form.is_checked, form.known = self.is_writing, self.known
        data[VERSION_TOKEN] = row.token = self.token_of(form)
        waits = {name: value for name, value in values.items() if self._is_pending(name, value)}
        row.after = list(waits.values())
        form.await_rows({name: self.model(pk=key) for name, key in waits.items() if key not in self.written})
        return form

    def _required(self, form: Any) -> frozenset[str]:
        """Return the fields that are cleaned for every new row."""
        fields = getattr(form, "fields", form.base_fields)
        return self.always | {name for name, field in fields.items() if field.required}

    def token_of(self, form: Any) -> str:
        """Return the version token of the object of a form; empty for a new one."""
        return str(form.current_version_token)

    @cached_property
    def known(self) -> Known:
        """Lookups that the rows share."""
        return Known()

    @cached_property
    def written(self) -> set[str]:
        """The primary keys of the new rows that were written."""
        return set()

    def _is_pending(self, name: str, value: Any) -> bool:
        references = getattr(self.by_name[name], "references", None)
        return references is not None and isinstance(value, str) and references.awaits(value)

    def _is_changed(self, form: Any, name: str) -> bool:
        """Return whether a touched cell makes a difference after cleaning."""
        waits = isinstance(form.fields[name], InlineForeignKeyField)
        return waits or name in form.changed_data or name in form.errors

    def unique_keys(self, row: Row, item: Any) -> list[str]:
        """Return what no other row of the file may have too; an absent value counts as a value.

        A derived key is left out: it is numbered when the row is written.
        """
        single = [(column.name,) for column in self.model._meta.concrete_fields if column.unique]
        together = [
            tuple(rule.fields)
            for rule in self.model._meta.constraints
            if isinstance(rule, models.UniqueConstraint) and rule.fields and rule.condition is None
        ]
        given = {name for name, text in row.cells.items() if text.strip()}
        sets = [
            names for names in (*single, *together) if set(names) & given and set(names) <= set(self.by_name)
        ]
        keys = [f"{'+'.join(names)}={[item.serializable_value(name) for name in names]}" for names in sets]
        if row.is_new:
            keys.append(f"cells={sorted((name, text) for name, text in row.cells.items() if text.strip())}")
        return keys

    # --- Rights and messages ---

    def _require_right(self, row: Row, touched: Sequence[str]) -> None:
        if (row.is_new or touched) and not self.may_write(row):
            text = gettext("You may not add rows.") if row.is_new else gettext("You may not change this row.")
            row.problems.append(("", text))

    def may_write(self, row: Row) -> bool:
        """Whether the user may add or change the object of a row."""
        if row.is_new:
            return bool(self.admin.has_add_permission(self.request))
        return bool(self.admin.has_change_permission(self.request, row.item))

    def _require_publishing(self, row: Row, form: Any, stored: Mapping[str, Any]) -> None:
        """Refuse a change of status to an account that may not publish."""
        if not issubclass(self.model, Publishable) or "status" not in form.cleaned_data:
            return
        before = "draft" if row.is_new else stored["status"]
        is_public = "published" in (before, form.cleaned_data["status"])
        if before != form.cleaned_data["status"] and is_public and not may_publish(self.request, self.model):
            row.problems.append(
                ("status", gettext("You may not publish or withdraw. Leave the status as it is."))
            )

    def _note_errors(self, row: Row, form: Any) -> None:
        for name, messages in form.errors.items():
            column = self.by_name.get(name)
            said = [str(message) for message in messages]
            if column is None:
                row.problems.append(("" if name == NON_FIELD_ERRORS else name, " ".join(said)))
            else:
                row.problems.append((name, self._advice(column, said)))

    @staticmethod
    def _advice(column: Column, said: Sequence[str]) -> str:
        """Return what is wrong, followed by an example of what the column takes."""
        example = "" if any(column.example and column.example in text for text in said) else column.example
        return " ".join(part for part in (*said, example) if part)

    # --- The file as a whole ---

    def check_whole(self, rows: Sequence[Row]) -> None:
        """Check what only holds for all rows together; notes problems on the rows."""

    def in_order(self, rows: Sequence[Row]) -> list[Row]:
        """Return the rows in the order in which they can be written. Raises CycleError."""
        by_key = {row.key: row for row in rows if row.key}
        graph = {row.number: [by_key[key].number for key in row.after if key in by_key] for row in rows}
        numbered = {row.number: row for row in rows}
        return [numbered[number] for number in TopologicalSorter(graph).static_order()]

    def lock(self, rows: Sequence[Row]) -> None:
        """Lock the objects that the rows change, so that nobody changes them until the transaction ends."""
        keys = sorted(row.item.pk for row in rows if row.item is not None)
        for some in portions_of(keys):
            stored = self.model._base_manager.select_for_update(no_key=True)
            list(stored.filter(pk__in=some).order_by("pk").values_list("pk"))

    def remember(self, rows: Sequence[Row]) -> None:
        """Take the state of the objects that the rows change, for their versions."""
        recorder_of(self.request).remember(row.item for row in rows if row.item is not None)

    def save(self, row: Row, form: Any) -> None:
        """Write a row as the admin writes its form, and keep what to log."""
        message = self.admin.construct_change_message(self.request, form, [], row.is_new)
        item = self.admin.save_form(self.request, form, change=not row.is_new)
        self.admin.save_model(self.request, item, form, change=not row.is_new)
        self.admin.save_related(self.request, form, [], change=not row.is_new)
        self.logged.append((item, ADDITION if row.is_new else CHANGE, message))
        self.written.add(row.key)
        self.known.note(item)

    def log(self) -> None:
        """Log everything written, and record its versions, in a few queries."""
        recorder = recorder_of(self.request)
        LogEntry.objects.bulk_create(
            LogEntry(
                user_id=recorder.user_id,
                content_type=ContentType.objects.get_for_model(item),
                object_id=item.pk,
                object_repr=str(item)[:REPR_LENGTH],
                action_flag=flag,
                change_message=json.dumps(message),
            )
            for item, flag, message in self.logged
        )
        for flag, kind in ((ADDITION, VersionKind.ADDED), (CHANGE, VersionKind.CHANGED)):
            recorder.record([item for item, own, _message in self.logged if own == flag], kind)

    def finish(self, rows: Sequence[Row]) -> None:
        """Complete an import in its transaction. Raises ValidationError to undo all of it."""

    def require_rights(self) -> None:
        """Raise PermissionDenied for an account that may not import."""
        if not self.admin.has_import_permission(self.request):
            raise PermissionDenied
