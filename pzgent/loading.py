"""Writes the starting content into the database: all or nothing, and never over an editor's change.

What was loaded is remembered per entry and field (`PlanRecord`). A later run changes a value only when the file
changed it and the row still holds what was loaded; a row that an editor deleted stays deleted.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from django.core.exceptions import FieldDoesNotExist, ObjectDoesNotExist, ValidationError
from django.db import IntegrityError, models, transaction

from contact.models import Channel
from organisation.models import Document
from pzgent.content import Entry, PlanError
from pzgent.fields import CleanField
from pzgent.models import PlanRecord
from pzgent.publishing import PublicationStatus
from pzgent.translations import Translated, merge_translations
from pzgent.trees import TreeNode

# Identities follow from the key, so that every installation gives an entry the same id.
NAMESPACE = uuid.UUID("6f1f9a52-5415-4b0b-9a0e-0f5d5a6c1a01")
TRANSLATIONS = "translations"

# An entry, the row that it becomes, and the values to remember.
NewRow = tuple[Entry, models.Model, dict[str, Any]]


@dataclass
class Report:
    """What a load did, in numbers of rows."""

    created: int = 0
    updated: int = 0
    kept: int = 0


@dataclass
class Loader:
    """One load: knows the primary key of every entry written so far, by model and key."""

    pks: dict[tuple[type[models.Model], str], Any] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    report: Report = field(default_factory=Report)
    # The document that an entry comes from unless it names another: the first of all.
    main_source: str = ""

    def load(self, entries: Iterable[Entry]) -> Report:
        """Write the entries, grouped by model in the given order, in one transaction. Raises PlanError."""
        # Nested parts stand between their parents' entries: a stable sort by first appearance groups them.
        order: dict[type[models.Model], int] = {}
        listed = list(entries)
        self.main_source = next((entry.key for entry in listed if entry.model is Document), "")
        for entry in listed:
            order.setdefault(entry.model, len(order))
        listed.sort(key=lambda entry: order[entry.model])
        with transaction.atomic():
            for model, group in groupby(listed, key=lambda entry: entry.model):
                self._load_model(model, list(group))
            if self.faults:
                raise PlanError(self.faults)
            Channel.objects.share_numbers()
        return self.report

    def _load_model(self, model: type[models.Model], entries: list[Entry]) -> None:
        records = {record.key: record for record in PlanRecord.objects.filter(model=model._meta.label_lower)}
        rows = {str(row.pk): row for row in model._base_manager.all()} if records else {}
        for entry in entries:
            known = records.get(entry.key)
            pk = model._meta.pk.to_python(known.object_id) if known else self._new_pk(entry)
            self.pks[model, entry.key] = pk
        new: list[NewRow] = []
        for entry in entries:
            try:
                wanted = self._instance(entry)
                values = self._stored_values(wanted, entry, self._link_keys(entry))
                record = records.get(entry.key)
                if record is None:
                    new.append((entry, wanted, values))
                elif record.values == values or str(wanted.pk) not in rows:
                    self.report.kept += 1
                else:
                    self._merge(entry, rows[str(wanted.pk)], wanted, record, values)
            except ValidationError as error:
                self.faults.extend(_sentences(entry, error))
        if new:
            self._insert(model, new, has_rows=bool(rows))

    def _new_pk(self, entry: Entry) -> Any:
        """The derived identity, or None where the database numbers the rows."""
        if isinstance(entry.model._meta.pk, models.UUIDField):
            return uuid.uuid5(NAMESPACE, entry.identity)
        return None

    def _instance(self, entry: Entry) -> models.Model:
        """The row as the file wants it, checked field by field and against the model's own rules."""
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
        if not isinstance(instance, TreeNode):
            instance.clean()
        return instance

    def _reference(self, column: models.ForeignKey, name: str, key: Any) -> Any:
        if key in (None, ""):
            return None
        target = column.remote_field.model
        try:
            return self.pks[target, str(key)]
        except KeyError:
            raise ValidationError({name: f"there is no {target._meta.model_name} “{key}”"}) from None

    def _link_keys(self, entry: Entry) -> dict[str, list[str]]:
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

    def _merge(self, entry: Entry, row: Any, wanted: Any, record: PlanRecord, values: dict[str, Any]) -> None:
        """Take over what the file changed, except where the row no longer holds what was loaded.

        Raises ValidationError where the database would refuse what the file says, or what it makes of the row.
        """
        _check_constraints(wanted)
        current = self._stored_values(row, entry, {})
        changed = [
            name
            for name, value in values.items()
            if name not in entry.links
            and name != TRANSLATIONS
            and record.values.get(name) != value
            and current.get(name) == record.values.get(name, current.get(name))
        ]
        for name in changed:
            column: Any = entry.model._meta.get_field(name)
            setattr(row, column.attname, getattr(wanted, column.attname))
        if isinstance(row, Translated) and self._merge_translations(row, wanted, record):
            changed.append(TRANSLATIONS)
        if changed:
            _check_constraints(row)
            row.save()
        for name in entry.links:
            linked = getattr(row, name)
            if sorted(str(pk) for pk in linked.values_list("pk", flat=True)) == record.values.get(name):
                linked.set(values[name])
        record.values = values
        record.save(update_fields=["values"])
        self.report.updated += bool(changed)

    def _defaults(self, entry: Entry) -> dict[str, Any]:
        """What an entry need not repeat: it is published, and comes from the main source."""
        names = {column.name for column in entry.model._meta.get_fields()}
        defaults: dict[str, Any] = {}
        if "status" in names:
            defaults["status"] = PublicationStatus.PUBLISHED
        if "source" in names and self.main_source and entry.key != self.main_source:
            defaults["source"] = self.main_source
        return defaults

    def _stored_values(self, row: Any, entry: Entry, links: dict[str, list[str]]) -> dict[str, Any]:
        """The entry's fields as the database will hold them, as texts that can be compared later."""
        values: dict[str, Any] = dict(links)
        for name in {**self._defaults(entry), **entry.values}:
            column = row._meta.get_field(name)
            if isinstance(column, models.ForeignKey):
                key = getattr(row, column.attname)
                values[name] = None if key is None else str(key)
            else:
                values[name] = column.value_to_string(row)
        return values

    def _merge_translations(self, row: Translated, wanted: Any, record: PlanRecord) -> bool:
        """Take over the translations that the file changed, text by text; whether there were any."""
        loaded = record.values.get(TRANSLATIONS, {})
        merged = merge_translations(row.translations, loaded, wanted.translations)
        is_changed = merged != row.translations
        row.translations = merged
        return is_changed

    def _insert(self, model: type[models.Model], new: list[NewRow], has_rows: bool) -> None:
        """Write new rows. Only when the database refuses them are they checked one by one, as that takes long."""
        rows = [row for _entry, row, _values in new]
        try:
            with transaction.atomic():
                if issubclass(model, TreeNode) and has_rows:
                    for row in rows:
                        row.save(force_insert=True)
                elif issubclass(model, TreeNode):
                    model._default_manager.insert_tree(rows)
                else:
                    model._default_manager.bulk_create(rows)
        except (IntegrityError, ObjectDoesNotExist, ValueError) as error:
            for entry, row, _values in new:
                try:
                    _check_constraints(row)
                except ValidationError as refusal:
                    self.faults.extend(_sentences(entry, refusal))
            if not self.faults:
                self.faults.append(
                    f"{new[0][0].path}: {model._meta.verbose_name}: the database refuses this: {error}"
                )
            return
        for entry, row, values in new:
            self.pks[model, entry.key] = row.pk
            for name in entry.links:
                getattr(row, name).set(values[name])
        PlanRecord.objects.bulk_create(
            PlanRecord(model=model._meta.label_lower, key=entry.key, object_id=str(row.pk), values=values)
            for entry, row, values in new
        )
        self.report.created += len(new)


def _check_constraints(row: models.Model) -> None:
    """Raises ValidationError where the database would refuse the row for what it says itself."""
    for constraint in row._meta.constraints:
        if isinstance(constraint, models.CheckConstraint):
            constraint.validate(type(row), row)


def _as_text(value: Any) -> str:
    """A text, or a list of texts as one per line."""
    return "\n".join(str(item) for item in value) if isinstance(value, list) else value


def _tree_columns(model: type[models.Model]) -> set[str]:
    return {"lft", "rght", "tree_id", "level"} if issubclass(model, TreeNode) else set()


def _sentences(entry: Entry, error: ValidationError) -> list[str]:
    """One line per fault: file, entry, field and what is wrong."""
    if not hasattr(error, "error_dict"):
        return [f"{entry.place}: {message}" for message in error.messages]
    return [
        f"{entry.place}: field “{name}”: {message}"
        for name, messages in error.message_dict.items()
        for message in messages
    ]
