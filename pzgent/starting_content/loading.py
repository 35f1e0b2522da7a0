"""Writes the starting content into the database, and never over an editor's change.

What was loaded is remembered per entry and field (`PlanRecord`). A later run changes a value only when the file
changed it and the row still holds what was loaded; a row that an editor deleted stays deleted. A broken file loads
nothing. What editors made impossible is skipped and listed with its reason (`ContentProposal`).

Once the editors have taken the content over, the same run is undone again, and every difference becomes a proposal.
"""

import copy
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Self

from django.core.exceptions import FieldDoesNotExist, ObjectDoesNotExist, ValidationError
from django.db import IntegrityError, connection, models, transaction
from django.utils.translation import gettext
from mptt.exceptions import InvalidMove

from contact.models import Channel
from organisation.models import Document
from pzgent.kernel.fields import CleanField
from pzgent.kernel.publishing import PublicationStatus, Sourced
from pzgent.kernel.translations import Translated, merge_translations
from pzgent.kernel.trees import TREE_COLUMNS, TreeNode
from pzgent.kernel.wholes import Whole
from pzgent.models import ContentProposal, PlanRecord
from pzgent.starting_content.content import PARENT_FIELDS, ContentEntry, PlanError
from pzgent.starting_content.takeover import is_taken_over, take_over

# Identities follow from the key, so that every installation gives an entry the same id.
NAMESPACE = uuid.UUID("6f1f9a52-5415-4b0b-9a0e-0f5d5a6c1a01")
TRANSLATIONS = "translations"
# What the database, or a check that asks the database, answers to a row that does not go with the other rows.
REFUSALS = (IntegrityError, ObjectDoesNotExist, InvalidMove, ValidationError, ValueError)

Model = type[models.Model]
# An entry, the row that it becomes, and the values to remember.
NewRow = tuple[ContentEntry, models.Model, dict[str, Any]]


class RefusedError(Exception):
    """A row is right by itself, but does not go with the rows that are stored."""


@dataclass
class Report:
    """What a load did, in numbers of rows, and what it could not do, as sentences."""

    created: int = 0
    updated: int = 0
    kept: int = 0
    proposed: int = 0
    skipped: list[str] = field(default_factory=list)


@dataclass
class Loader:
    """One load: knows the primary key of every entry so far, by model and key, and which of them have no row.

    With `only`, rows of other models are known but not written, except the new entries among `cited`.
    """

    only: frozenset[Model] | None = None
    cited: frozenset[tuple[Model, str]] = frozenset()
    pks: dict[tuple[Model, str], Any] = field(default_factory=dict)
    gone: set[tuple[Model, str]] = field(default_factory=set)
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
    # The document that an entry comes from unless it names another: the first of all.
    main_source: str = ""

    @classmethod
    def from_records(cls) -> Self:
        """Return a loader that knows all entries: those loaded before, and those refused or waiting."""
        first = PlanRecord.objects.filter(model=Document._meta.label_lower).order_by("pk").first()
        loader = cls(main_source=first.key if first else "")
        entries: list[Any] = [*ContentProposal.objects.filter(is_new=True), *PlanRecord.objects.all()]
        for known in entries:
            model = known.content_model
            if model is None:
                continue
            if known.object_id:
                loader.pks[model, known.key] = model._meta.pk.to_python(known.object_id)
            else:
                loader.pks[model, known.key] = loader._new_pk(ContentEntry(model, "", known.key, {}))
                loader.gone.add((model, known.key))
        return loader

    def load(self, entries: Iterable[ContentEntry]) -> Report:
        """Load or propose the entries, grouped by model in the given order, in one transaction. Raises PlanError."""
        # Nested parts stand between their parents' entries: a stable sort by first appearance groups them.
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
        # Nobody but a load wrote the rows that new ones do not go with: then the files contradict each other.
        refusals = [] if self.is_touched else new
        self.errors.extend(f"{proposal.path}: “{proposal.key}”: {proposal.reason}" for proposal in refusals)
        if self.errors:
            raise PlanError(self.errors)

    def _check_wholes(self) -> None:
        """Find parts in the files that contradict each other, and written ones that contradict stored ones.

        Proposals are not held against what is stored: that is checked once they are accepted.
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
        """Note what is refused as an error of the entry; without the rows that it names there is nothing to check."""
        try:
            with suppress(ObjectDoesNotExist):
                yield
        except ValidationError as error:
            self.errors.extend(_sentences(entry, error))

    def _settle(self) -> None:
        """Remember what the files say where the rows say the same already; nothing else was kept of the run."""
        for record in self.settled:
            record.save(update_fields=["values"])
        self.report = Report(kept=self.report.kept)

    def _start_new_kinds(self, listed: list[ContentEntry]) -> None:
        """Load models that this release brings, with the documents and so on that only their entries name.

        Nobody can have taken over what was never there.
        """
        if self.new_kinds:
            new = [entry for entry in listed if entry.model in self.new_kinds]
            cited = frozenset(reference for entry in new for _name, reference in self._references(entry))
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
        self.is_touched = self.is_touched or _is_touched(records, rows)
        is_left_out = self.only is not None and model not in self.only
        for entry in entries:
            known = records.get(entry.key)
            is_stored = known is not None and known.object_id != ""
            pk = model._meta.pk.to_python(known.object_id) if known and is_stored else self._new_pk(entry)
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
                self.errors.extend(_sentences(entry, error))
        # What two entries of the files claim is their error; a row may only hold out against one of them.
        self.errors.extend(
            f"{entry.place}: the database refuses this: {reason}"
            for entry, row, reason in self.unmerged
            if entry.model is model and _has_twin(row, wanted)
        )
        if model in PARENT_FIELDS and not self.is_proposing:
            self._remove_parts(model, {entry.key for entry in entries}, records, rows)
        self._insert(model, new, wanted)

    def _remove_parts(
        self, model: Model, keys: set[str], records: dict[str, PlanRecord], rows: dict[str, models.Model]
    ) -> None:
        """Delete parts that the file no longer names in a whole that it does, unless an editor changed them.

        A slot that opens at another hour is another entry: the old one would stay beside it.
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
        """Queue a new entry, merge a changed one, leave the others. Raises ValidationError for an error of the file."""
        if record is not None and (
            record.values == values or (record.object_id and record.object_id not in rows)
        ):
            self.report.kept += 1
            return
        try:
            _clean(wanted)
        except RefusedError as refusal:
            # What is stored already only has to suit the database.
            if record is None or not record.object_id:
                self._skip(entry, values, str(refusal))
                return
        if record is None or not record.object_id:
            new.append((entry, wanted, values))
        else:
            self._merge(entry, rows[record.object_id], wanted, record, values)

    def _new_pk(self, entry: ContentEntry) -> Any:
        """The derived identity, or None where the database numbers the rows."""
        if isinstance(entry.model._meta.pk, models.UUIDField):
            return uuid.uuid5(NAMESPACE, entry.identity)
        return None

    def instance(self, entry: ContentEntry) -> models.Model:
        """Return the row as the file wants it, with each field checked. Raises ValidationError."""
        values = {**self._defaults(entry), **entry.values}
        instance = entry.model(pk=self.pks[entry.model, entry.key])
        relations = []
        for name, value in values.items():
            try:
                column = entry.model._meta.get_field(name)
            except FieldDoesNotExist:
                raise ValidationError({name: "the model has no such field"}) from None
            if isinstance(column, models.ForeignKey):
                relations.append(name)
                setattr(instance, column.attname, self._reference(column, name, value))
            elif isinstance(column, models.Field) and name != TRANSLATIONS:
                value = _as_text(value) if isinstance(column, models.TextField) else value
                setattr(instance, name, column.cleaned(value) if isinstance(column, CleanField) else value)
        if isinstance(instance, Translated):
            instance.translate_all(values.get(TRANSLATIONS, {}))
        instance.clean_fields(exclude={*relations, *_tree_columns(entry.model)})
        if isinstance(instance, Sourced):
            instance.plan_review()
        return instance

    def _reference(self, column: models.ForeignKey, name: str, key: Any) -> Any:
        if key in (None, ""):
            return None
        target = column.remote_field.model
        try:
            return self.pks[target, str(key)]
        except KeyError:
            raise ValidationError({name: f"there is no {target._meta.model_name} “{key}”"}) from None

    def _link_keys(self, entry: ContentEntry) -> dict[str, list[str]]:
        """The primary keys behind each many-to-many list, as texts. Raises ValidationError."""
        found: dict[str, list[str]] = {}
        for name, keys in entry.links.items():
            relation: Any = entry.model._meta.get_field(name)
            target = relation.remote_field.model
            unknown = [key for key in keys if (target, str(key)) not in self.pks]
            if unknown:
                raise ValidationError({name: f"there is no “{unknown[0]}”"})
            found[name] = sorted(str(self.pks[target, str(key)]) for key in keys)
        return found

    def values_of(self, entry: ContentEntry, row: models.Model) -> dict[str, Any]:
        """Return the entry's fields as the row holds them, to be remembered. Raises ValidationError."""
        names = {**self._defaults(entry), **entry.values}
        return {**self._link_keys(entry), **stored_values(row, names, with_links=False)}

    def absent(self, entry: ContentEntry) -> dict[str, str]:
        """Return the references of an entry that lead to no row, as a sentence by field."""
        found: dict[str, str] = {}
        for name, (target, key) in self._references(entry):
            if (target, key) in self.gone:
                text = gettext("it belongs to “%(key)s” (%(kind)s), which is not there.")
                found[name] = text % {"key": key, "kind": target._meta.verbose_name}
        return found

    def _references(self, entry: ContentEntry) -> Iterator[tuple[str, tuple[Model, str]]]:
        """Yield the fields of an entry that name another one, with its model and key."""
        for name, key in {**self._defaults(entry), **entry.values}.items():
            column = entry.model._meta.get_field(name)
            if isinstance(column, models.ForeignKey):
                yield name, (column.remote_field.model, str(key))

    def _merge(
        self, entry: ContentEntry, row: Any, wanted: Any, record: PlanRecord, values: dict[str, Any]
    ) -> None:
        """Take over what the file changed, except where the row no longer holds what was loaded.

        Raises ValidationError where the database would refuse what the file says.
        """
        _check_constraints(wanted)
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
            # Together they are refused: then each by itself.
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
        """Give the stored row these fields; return why that was refused, and then nothing is changed."""
        if not names:
            return ""
        row = type(row)._base_manager.get(pk=row.pk)
        for name in names:
            column: Any = entry.model._meta.get_field(name)
            if name not in entry.links:
                setattr(row, column.attname, getattr(wanted, column.attname))
        try:
            with transaction.atomic():
                _check_constraints(row)
                if set(names) - set(entry.links):
                    row.save()
                self.set_links(entry, row, values, names)
        except REFUSALS as error:
            return _reason(row, error)
        return ""

    def set_links(
        self, entry: ContentEntry, row: models.Model, values: dict[str, Any], names: Iterable[str]
    ) -> None:
        """Set many-to-many lists, without what is no longer there."""
        for name in names:
            if name in entry.links:
                relation: Any = entry.model._meta.get_field(name)
                target = relation.remote_field.model
                lost = {
                    str(self.pks[target, str(key)])
                    for key in entry.links[name]
                    if (target, str(key)) in self.gone
                }
                getattr(row, name).set([key for key in values[name] if key not in lost])

    def _insert(self, model: Model, new: list[NewRow], wanted: Sequence[models.Model]) -> None:
        """Write new rows in bulk. Only when the database refuses them are they tried one by one."""
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
        """Find by trial which of the rows are refused, and why; what the file itself gets wrong becomes an error."""
        reasons: dict[str, str] = {}
        with transaction.atomic():
            for entry, row, _values in new:
                try:
                    _check_constraints(row)
                except ValidationError as error:
                    self.errors.extend(_sentences(entry, error))
                    continue
                trial = copy.deepcopy(row)
                try:
                    with transaction.atomic():
                        trial.save(force_insert=True)
                except REFUSALS as error:
                    reason = _reason(row, error)
                    if _has_twin(row, wanted):
                        self.errors.append(f"{entry.place}: the database refuses this: {reason}")
                    reasons[entry.key] = reason
            transaction.set_rollback(True)
        return reasons

    def _defaults(self, entry: ContentEntry) -> dict[str, Any]:
        """Return what an entry need not repeat: it is published, and comes from the main source."""
        names = {column.name for column in entry.model._meta.get_fields()}
        defaults: dict[str, Any] = {}
        if "status" in names:
            defaults["status"] = PublicationStatus.PUBLISHED
        if "source" in names and self.main_source and entry.key != self.main_source:
            defaults["source"] = self.main_source
        return defaults

    def _skip(self, entry: ContentEntry, values: dict[str, Any], reason: str) -> None:
        """Leave out a new entry that editors made impossible."""
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
        """Note a difference between file and row: some fields of a row, or a new entry."""
        told = {**self._defaults(entry), **entry.values, **entry.links}
        self.proposals[entry.identity] = ContentProposal(
            model=entry.model._meta.label_lower,
            key=entry.key,
            path=entry.path,
            position=len(self.proposals),
            object_id="" if current is None else str(self.pks[entry.model, entry.key]),
            entry={"values": entry.values, "links": entry.links},
            changes={
                name: {
                    "old": self._in_words(entry, name, current[name]) if current else None,
                    "new": self._in_words(entry, name, values[name]),
                    "stored": current[name] if current else None,
                }
                for name in (names or [name for name in told if told[name] not in (None, "", [], {})])
            },
            is_new=current is None,
            reason=reason,
        )

    def _in_words(self, entry: ContentEntry, name: str, value: Any) -> Any:
        """A stored value with keys of entries in place of primary keys."""
        column = entry.model._meta.get_field(name)
        if not column.is_relation or value is None:
            return value
        target = column.related_model
        keys = {str(pk): key for (model, key), pk in self.pks.items() if model is target}
        return [keys.get(pk, pk) for pk in value] if isinstance(value, list) else keys.get(value, value)


def whole_of(row: models.Model) -> Whole | None:
    """Return what a row is checked together with: itself, or what it is a part of, with its key alone."""
    if type(row) not in PARENT_FIELDS:
        return row if isinstance(row, Whole) else None
    column: Any = row._meta.get_field(PARENT_FIELDS[type(row)])
    whole = column.related_model(pk=getattr(row, column.attname))
    return whole if isinstance(whole, Whole) else None


def _is_touched(records: dict[str, PlanRecord], rows: dict[str, models.Model]) -> bool:
    """True if somebody else than a load wrote or deleted rows of a model."""
    return {record.object_id for record in records.values()} != set(rows) or any(
        stored_values(rows[record.object_id], record.values, with_links=False)
        != {name: record.values[name] for name in _columns_among(rows[record.object_id], record.values)}
        for record in records.values()
    )


def _columns_among(row: models.Model, names: Iterable[str]) -> list[str]:
    columns = {column.name for column in row._meta.concrete_fields}
    return [name for name in names if name in columns]


def _clean(row: models.Model) -> None:
    """Check a row by its model's own rules. Raises ValidationError, or RefusedError where other rows decided."""
    if isinstance(row, TreeNode):
        return  # cleans itself when it is saved
    asked: list[str] = []

    def note(execute: Callable[..., Any], sql: str, *args: Any) -> Any:
        asked.append(sql)
        return execute(sql, *args)

    try:
        with connection.execute_wrapper(note):
            row.clean()
    except ObjectDoesNotExist as error:
        raise RefusedError(str(error)) from error
    except ValidationError as error:
        if asked:
            raise RefusedError(" ".join(error.messages)) from error
        raise


def _reason(row: models.Model, error: Exception) -> str:
    """Why a row was refused, in the words of its model where there are any."""
    try:
        row.validate_unique()
        row.validate_constraints()
    except ValidationError as told:
        return " ".join(told.messages)
    except ObjectDoesNotExist:
        pass
    return " ".join(error.messages) if isinstance(error, ValidationError) else str(error)


def _has_twin(row: models.Model, others: Iterable[models.Model]) -> bool:
    """True if another row has the same values where the database wants different ones."""
    sets: list[tuple[tuple[str, ...], models.Q | None]] = [
        ((column.name,), None) for column in row._meta.concrete_fields if column.unique
    ]
    sets += [
        (tuple(constraint.fields), constraint.condition)
        for constraint in row._meta.constraints
        if isinstance(constraint, models.UniqueConstraint) and constraint.fields
    ]

    def values_of(item: models.Model, names: Sequence[str]) -> list[Any]:
        columns: list[Any] = [item._meta.get_field(name) for name in names]
        return [getattr(item, column.attname) for column in columns]

    def holds(condition: models.Q | None, item: models.Model) -> bool:
        values = {column.name: getattr(item, column.attname) for column in item._meta.concrete_fields}
        return condition is None or condition.check(values)

    return any(
        None not in values_of(row, names)
        and values_of(row, names) == values_of(other, names)
        and holds(condition, row)
        and holds(condition, other)
        for names, condition in sets
        for other in others
        if other is not row
    )


def _check_constraints(row: models.Model) -> None:
    """Raises ValidationError where the database would refuse the row for what it says itself."""
    for constraint in row._meta.constraints:
        if isinstance(constraint, models.CheckConstraint):
            constraint.validate(type(row), row)


def _as_text(value: Any) -> str:
    """A text, or a list of texts as one per line."""
    return "\n".join(str(item) for item in value) if isinstance(value, list) else value


def _tree_columns(model: Model) -> set[str]:
    return set(TREE_COLUMNS) if issubclass(model, TreeNode) else set()


def stored_values(row: Any, names: Iterable[str], with_links: bool = True) -> dict[str, Any]:
    """Return fields of a row as texts that can be compared later; many-to-many lists as primary keys."""
    values: dict[str, Any] = {}
    for name in names:
        try:
            column = row._meta.get_field(name)
        except FieldDoesNotExist:
            continue
        if isinstance(column, models.ForeignKey):
            key = getattr(row, column.attname)
            values[name] = None if key is None else str(key)
        elif isinstance(column, models.DecimalField) and getattr(row, name) is not None:
            # 7 and 7.00 are the same number.
            values[name] = f"{column.to_python(getattr(row, name)).normalize():f}"
        elif not column.many_to_many:
            values[name] = column.value_to_string(row)
        elif with_links:
            values[name] = sorted(str(pk) for pk in getattr(row, name).values_list("pk", flat=True))
    return values


def _sentences(entry: ContentEntry, error: ValidationError) -> list[str]:
    """One line per error: file, entry, field and what is wrong."""
    if not hasattr(error, "error_dict"):
        return [f"{entry.place}: {message}" for message in error.messages]
    return [
        f"{entry.place}: field “{name}”: {message}"
        for name, messages in error.message_dict.items()
        for message in messages
    ]
