"""Load the starting content into the database, without overwriting changes by editors.

The loaded values are recorded per entry and field (`PlanRecord`). A later run changes a value only if the file changed
it and the row still has the loaded value; a row that an editor deleted stays deleted. If any file has an error, nothing
is loaded. Entries that conflict with changes by editors are skipped and listed with the reason (`ContentProposal`).

Once the editors have taken over the content, the same run is rolled back, and every difference becomes a proposal.
"""

import copy
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import models, transaction

from contact.models import Channel
from organisation.models import Document
from pzgent.kernel.translations import Translated, merge_translations
from pzgent.kernel.trees import TreeNode
from pzgent.kernel.wholes import Whole
from pzgent.models import ContentProposal, PlanRecord
from pzgent.starting_content.content import PARENT_FIELDS, ContentEntry, PlanError
from pzgent.starting_content.known_entries import TRANSLATIONS, KnownEntries
from pzgent.starting_content.rows import (
    REFUSALS,
    Model,
    RefusedError,
    check_constraints,
    clean_row,
    has_twin,
    is_touched_by_others,
    reason_of,
    sentences_of,
    stored_values,
    whole_of,
)
from pzgent.starting_content.takeover import is_taken_over, take_over

# An entry, its unsaved instance, and the values to record.
NewRow = tuple[ContentEntry, models.Model, dict[str, Any]]


@dataclass
class Report:
    """The result of a load: numbers of rows, and a message for each entry that was skipped."""

    created: int = 0
    updated: int = 0
    kept: int = 0
    proposed: int = 0
    skipped: list[str] = field(default_factory=list)


@dataclass
class Loader(KnownEntries):
    """A single load.

    With `only`, rows of other models are registered but not written, except for new entries in `cited`.
    """

    only: frozenset[Model] | None = None
    cited: frozenset[tuple[Model, str]] = frozenset()
    created: set[str] = field(default_factory=set)
    errors: list[str] = field(default_factory=list)
    proposals: dict[str, ContentProposal] = field(default_factory=dict)
    settled: list[PlanRecord] = field(default_factory=list)
    unmerged: list[tuple[ContentEntry, models.Model, str]] = field(default_factory=list)
    wanted: list[tuple[ContentEntry, models.Model]] = field(default_factory=list)
    written: dict[Whole, ContentEntry] = field(default_factory=dict)
    new_kinds: set[Model] = field(default_factory=set)
    is_proposing: bool = False
    is_touched: bool = False
    report: Report = field(default_factory=Report)

    def load(self, entries: Iterable[ContentEntry]) -> Report:
        """Load or propose the entries, grouped by model in the given order, in one transaction. Raise PlanError."""
        # Nested parts come between the entries of their parents: a stable sort by first appearance groups the models.
        order: dict[Model, int] = {}
        listed = list(entries)
        self.main_source = next((entry.key for entry in listed if entry.model is Document), "")
        for entry in listed:
            order.setdefault(entry.model, len(order))
        listed.sort(key=lambda entry: order[entry.model])
        with transaction.atomic():
            self.is_proposing = self.is_touched = is_taken_over()
            if self.is_proposing:
                take_over()
            with transaction.atomic():
                self._load_models(listed)
                Channel.objects.share_numbers()
                transaction.set_rollback(self.is_proposing)
            if self.is_proposing:
                self._settle()
                self._start_new_kinds(listed)
            ContentProposal.objects.replace(self.proposals.values())
        self.report.proposed = sum(not proposal.reason for proposal in self.proposals.values())
        self.report.skipped = [
            f"{proposal.path}: “{proposal.key}”: {proposal.reason}"
            for proposal in self.proposals.values()
            if proposal.reason
        ]
        return self.report

    def _load_models(self, listed: list[ContentEntry]) -> None:
        for model, group in groupby(listed, key=lambda entry: entry.model):
            self._load_model(model, list(group))
        if not self.errors:
            self._check_wholes()
        new = [proposal for proposal in self.proposals.values() if proposal.reason and proposal.is_new]
        # If only loads wrote the existing rows, a conflict with them is a contradiction between the files.
        refusals = [] if self.is_touched else new
        self.errors.extend(f"{proposal.path}: “{proposal.key}”: {proposal.reason}" for proposal in refusals)
        if self.errors:
            raise PlanError(self.errors)

    def _check_wholes(self) -> None:
        """Collect errors for parts that contradict each other, in the files or between written and stored rows.

        Proposals are not compared with stored rows: that happens when they are accepted.
        """
        parts: dict[tuple[Model, str], dict[str, list[models.Model]]] = {}
        for entry, row in self.wanted:
            if name := PARENT_FIELDS.get(entry.model):
                relation: Any = entry.model._meta.get_field(name).remote_field
                told = parts.setdefault((relation.model, str(entry.values[name])), {})
                told.setdefault(relation.get_accessor_name(), []).append(row)
        for entry, row in self.wanted:
            if isinstance(row, Whole):
                with self._collecting_errors(entry):
                    row.check_with(**parts.get((entry.model, entry.key), {}))
        if self.is_proposing or self.errors:
            return
        for whole, entry in self.written.items():
            with self._collecting_errors(entry):
                whole.check_stored()

    @contextmanager
    def _collecting_errors(self, entry: ContentEntry) -> Iterator[None]:
        """Collect a ValidationError as errors of the entry; without its related rows there is nothing to check."""
        try:
            with suppress(ObjectDoesNotExist):
                yield
        except ValidationError as error:
            self.errors.extend(sentences_of(entry, error))

    def _settle(self) -> None:
        """Record the values of the files that the rows already have; everything else of the run was rolled back."""
        for record in self.settled:
            record.save(update_fields=["values"])
        self.report = Report(kept=self.report.kept)

    def _start_new_kinds(self, listed: list[ContentEntry]) -> None:
        """Load the models that are new in this release, with the new entries (such as documents) that these cite.

        Models without rows cannot have been taken over by editors.
        """
        if self.new_kinds:
            new = [entry for entry in listed if entry.model in self.new_kinds]
            cited = frozenset(reference for entry in new for _name, reference in self.references(entry))
            loader = Loader(
                only=frozenset(self.new_kinds), cited=cited, main_source=self.main_source, is_touched=True
            )
            loader._load_models(listed)
            self.report.created = loader.report.created
            self.proposals = {
                identity: proposal
                for identity, proposal in self.proposals.items()
                if proposal.content_model not in self.new_kinds and identity not in loader.created
            } | loader.proposals

    def _load_model(self, model: Model, entries: list[ContentEntry]) -> None:
        records = {record.key: record for record in PlanRecord.objects.filter(model=model._meta.label_lower)}
        rows = {str(row.pk): row for row in model._base_manager.all()}
        if not records and not rows:
            self.new_kinds.add(model)
        self.is_touched = self.is_touched or is_touched_by_others(records, rows)
        is_left_out = self.only is not None and model not in self.only
        for entry in entries:
            known = records.get(entry.key)
            is_stored = known is not None and known.object_id != ""
            pk = model._meta.pk.to_python(known.object_id) if known and is_stored else self.new_pk(entry)
            self.pks[model, entry.key] = pk
            if (known or is_left_out) and str(pk) not in rows:
                self.gone.add((model, entry.key))
        if is_left_out:
            entries = [
                item for item in entries if (model, item.key) in self.cited and item.key not in records
            ]
        new: list[NewRow] = []
        wanted: list[models.Model] = []
        for entry in entries:
            try:
                row = self.instance(entry)
                wanted.append(row)
                self.wanted.append((entry, row))
                values = self.values_of(entry, row)
                self._take(entry, row, values, records.get(entry.key), rows, new)
            except ValidationError as error:
                self.errors.extend(sentences_of(entry, error))
        # Two entries of the files with the same unique value are an error in the files. A conflict of one entry with a
        # stored row is not: the row stays as it is.
        self.errors.extend(
            f"{entry.place}: the database refuses this: {reason}"
            for entry, row, reason in self.unmerged
            if entry.model is model and has_twin(row, wanted)
        )
        if model in PARENT_FIELDS and not self.is_proposing:
            self._remove_parts(model, {entry.key for entry in entries}, records, rows)
        self._insert(model, new, wanted)

    def _remove_parts(
        self, model: Model, keys: set[str], records: dict[str, PlanRecord], rows: dict[str, models.Model]
    ) -> None:
        """Delete parts that are no longer in the files although their whole is, unless an editor changed them.

        A slot with another opening hour is another entry, for example: without this, the old slot would remain too.
        """
        parent: Any = model._meta.get_field(PARENT_FIELDS[model])
        if not issubclass(parent.related_model, Whole):
            return
        wholes = {str(pk) for (known, _key), pk in self.pks.items() if known is parent.related_model}
        for key in records.keys() - keys:
            record, row = records[key], rows.get(records[key].object_id)
            is_named = record.values.get(parent.name) in wholes
            if is_named and row is not None and stored_values(row, record.values) == record.values:
                row.delete()
                record.delete()
                self.report.updated += 1

    def _take(
        self,
        entry: ContentEntry,
        wanted: models.Model,
        values: dict[str, Any],
        record: PlanRecord | None,
        rows: dict[str, models.Model],
        new: list[NewRow],
    ) -> None:
        """Queue a new entry, merge a changed one, keep all others. Raise ValidationError for an error in the file."""
        if record is not None and (
            record.values == values or (record.object_id and record.object_id not in rows)
        ):
            self.report.kept += 1
            return
        try:
            clean_row(wanted)
        except RefusedError as refusal:
            # Entries that are stored already only have to satisfy the database constraints.
            if record is None or not record.object_id:
                self._skip(entry, values, str(refusal))
                return
        if record is None or not record.object_id:
            new.append((entry, wanted, values))
        else:
            self._merge(entry, rows[record.object_id], wanted, record, values)

    def _merge(
        self, entry: ContentEntry, row: Any, wanted: Any, record: PlanRecord, values: dict[str, Any]
    ) -> None:
        """Apply the changes in the file, except to fields that no longer have the loaded value.

        Raise ValidationError if the values in the file violate a check constraint.
        """
        check_constraints(wanted)
        current = stored_values(row, values)
        differing = [
            name for name, value in values.items() if record.values.get(name) != value != current.get(name)
        ]
        names = [
            name
            for name in differing
            if name == TRANSLATIONS or current.get(name) == record.values.get(name, current.get(name))
        ]
        if isinstance(row, Translated) and TRANSLATIONS in names:
            loaded = record.values.get(TRANSLATIONS, {})
            wanted.translations = merge_translations(row.translations, loaded, wanted.translations)
            if wanted.translations == row.translations:
                names.remove(TRANSLATIONS)
                differing.remove(TRANSLATIONS)
        absent = self.absent(entry)
        reasons = {name: absent[name] for name in names if name in absent}
        possible = [name for name in names if name not in absent]
        reason = self._write(entry, row, wanted, values, possible)
        if reason:
            self.unmerged.append((entry, wanted, reason))
            # Refused together: retry field by field.
            reasons |= {
                name: reason
                for name in possible
                if (reason := self._write(entry, row, wanted, values, [name]))
            }
        kept = differing if self.is_proposing else list(reasons)
        if kept:
            self._propose(entry, values, " ".join(dict.fromkeys(reasons.values())), kept, current)
        record.values = values | {name: record.values[name] for name in reasons if name in record.values}
        if not self.is_proposing:
            record.save(update_fields=["values"])
        elif not differing:
            self.settled.append(record)
        if len(names) > len(reasons):
            self.report.updated += 1
            self._note_written(entry, row)

    def _write(
        self, entry: ContentEntry, row: Any, wanted: Any, values: dict[str, Any], names: Sequence[str]
    ) -> str:
        """Write these fields to the stored row; return the reason if that is refused (nothing changes then), or ""."""
        if not names:
            return ""
        row = type(row)._base_manager.get(pk=row.pk)
        for name in names:
            column: Any = entry.model._meta.get_field(name)
            if name not in entry.links:
                setattr(row, column.attname, getattr(wanted, column.attname))
        try:
            with transaction.atomic():
                check_constraints(row)
                if set(names) - set(entry.links):
                    row.save()
                self.set_links(entry, row, values, names)
        except REFUSALS as error:
            return reason_of(row, error)
        return ""

    def _insert(self, model: Model, new: list[NewRow], wanted: Sequence[models.Model]) -> None:
        """Insert new rows in bulk, falling back to trying them one by one if the database refuses them."""
        possible: list[NewRow] = []
        for entry, row, values in new:
            if absent := self.absent(entry):
                self._skip(entry, values, " ".join(absent.values()))
            else:
                self.gone.discard((model, entry.key))
                possible.append((entry, row, values))
        if not possible:
            return
        try:
            with transaction.atomic():
                self._insert_rows(model, [row for _entry, row, _values in possible])
        except REFUSALS as error:
            refused = self._refused(possible, wanted)
            if self.errors:
                return
            if not refused:
                text = f"{model._meta.verbose_name}: the database refuses this: {error}"
                self.errors.append(f"{possible[0][0].path}: {text}")
                return
            for entry, _row, values in possible:
                if entry.key in refused:
                    self._skip(entry, values, refused[entry.key])
            self._insert(model, [item for item in possible if item[0].key not in refused], wanted)
            return
        for entry, row, values in possible:
            self.pks[model, entry.key] = row.pk
            self.created.add(entry.identity)
            self.set_links(entry, row, values, entry.links)
            self._note_written(entry, row)
            if self.is_proposing:
                self._propose(entry, values)
        PlanRecord.objects.bulk_create(
            (
                PlanRecord(model=model._meta.label_lower, key=entry.key, object_id=str(row.pk), values=values)
                for entry, row, values in possible
            ),
            update_conflicts=True,
            unique_fields=["model", "key"],
            update_fields=["object_id", "values"],
        )
        self.report.created += len(possible)

    def _note_written(self, entry: ContentEntry, row: models.Model) -> None:
        if not self.is_proposing and (whole := whole_of(row)) is not None:
            self.written.setdefault(whole, entry)

    def _insert_rows(self, model: Any, rows: list[Any]) -> None:
        if not issubclass(model, TreeNode):
            model._default_manager.bulk_create(rows)
        elif model._base_manager.exists():
            for row in rows:
                row.save(force_insert=True)
        else:
            model._default_manager.insert_tree(rows)

    def _refused(self, new: list[NewRow], wanted: Sequence[models.Model]) -> dict[str, str]:
        """Return the reason per key for rows that the database refuses, by trial; collect errors in the file itself."""
        reasons: dict[str, str] = {}
        with transaction.atomic():
            for entry, row, _values in new:
                try:
                    check_constraints(row)
                except ValidationError as error:
                    self.errors.extend(sentences_of(entry, error))
                    continue
                trial = copy.deepcopy(row)
                try:
                    with transaction.atomic():
                        trial.save(force_insert=True)
                except REFUSALS as error:
                    reason = reason_of(row, error)
                    if has_twin(row, wanted):
                        self.errors.append(f"{entry.place}: the database refuses this: {reason}")
                    reasons[entry.key] = reason
            transaction.set_rollback(True)
        return reasons

    def _skip(self, entry: ContentEntry, values: dict[str, Any], reason: str) -> None:
        """Leave out a new entry that conflicts with changes by editors."""
        self.gone.add((entry.model, entry.key))
        self._propose(entry, values, reason)

    def _propose(
        self,
        entry: ContentEntry,
        values: dict[str, Any],
        reason: str = "",
        names: Sequence[str] = (),
        current: dict[str, Any] | None = None,
    ) -> None:
        """Add a proposal for a difference between file and row: some fields of a row, or a new entry."""
        told = {**self.defaults(entry), **entry.values, **entry.links}
        self.proposals[entry.identity] = ContentProposal(
            model=entry.model._meta.label_lower,
            key=entry.key,
            path=entry.path,
            position=len(self.proposals),
            object_id="" if current is None else str(self.pks[entry.model, entry.key]),
            entry={"values": entry.values, "links": entry.links},
            changes={
                name: {
                    "old": self.in_words(entry, name, current[name]) if current else None,
                    "new": self.in_words(entry, name, values[name]),
                    "stored": current[name] if current else None,
                }
                for name in (names or [name for name in told if told[name] not in (None, "", [], {})])
            },
            is_new=current is None,
            reason=reason,
        )
