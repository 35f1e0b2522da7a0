"""Registry of the known entries, and conversion of entries into model instances."""

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Self

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import models
from django.utils.translation import gettext

from organisation.models import Document
from pzgent.kernel.fields import CleanField
from pzgent.kernel.publishing import PublicationStatus, Sourced
from pzgent.kernel.translations import Translated
from pzgent.models import ContentProposal, PlanRecord
from pzgent.starting_content.content import ContentEntry
from pzgent.starting_content.rows import Model, as_text, stored_values, tree_columns

# Namespace of the UUIDs, which are derived from the keys: an entry has the same id in every installation.
NAMESPACE = uuid.UUID("6f1f9a52-5415-4b0b-9a0e-0f5d5a6c1a01")
TRANSLATIONS = "translations"


@dataclass
class KnownEntries:
    """The primary key of every known entry, by model and key, and the entries that have no row."""

    pks: dict[tuple[Model, str], Any] = field(default_factory=dict)
    gone: set[tuple[Model, str]] = field(default_factory=set)
    # Key of the default source of the entries: the first document.
    main_source: str = ""

    @classmethod
    def from_records(cls) -> Self:
        """Return all known entries: those loaded before, and those that were refused or await a decision."""
        first = PlanRecord.objects.filter(model=Document._meta.label_lower).order_by("pk").first()
        known = cls(main_source=first.key if first else "")
        entries: list[Any] = [*ContentProposal.objects.filter(is_new=True), *PlanRecord.objects.all()]
        for record in entries:
            model = record.content_model
            if model is None:
                continue
            if record.object_id:
                known.pks[model, record.key] = model._meta.pk.to_python(record.object_id)
            else:
                known.pks[model, record.key] = known.new_pk(ContentEntry(model, "", record.key, {}))
                known.gone.add((model, record.key))
        return known

    def new_pk(self, entry: ContentEntry) -> Any:
        """Return a UUID derived from the key, or None for models with an automatic primary key."""
        if isinstance(entry.model._meta.pk, models.UUIDField):
            return uuid.uuid5(NAMESPACE, entry.identity)
        return None

    def instance(self, entry: ContentEntry) -> models.Model:
        """Return an unsaved instance with the values of the file, with its fields cleaned. Raise ValidationError."""
        values = {**self.defaults(entry), **entry.values}
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
                value = as_text(value) if isinstance(column, models.TextField) else value
                setattr(instance, name, column.cleaned(value) if isinstance(column, CleanField) else value)
        if isinstance(instance, Translated):
            instance.translate_all(values.get(TRANSLATIONS, {}))
        instance.clean_fields(exclude={*relations, *tree_columns(entry.model)})
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
        """Return the sorted primary keys of each many-to-many list, as strings. Raise ValidationError."""
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
        """Return the entry's fields as stored in the row, for the `PlanRecord`. Raise ValidationError."""
        names = {**self.defaults(entry), **entry.values}
        return {**self._link_keys(entry), **stored_values(row, names, with_links=False)}

    def absent(self, entry: ContentEntry) -> dict[str, str]:
        """Return an error message for each field that refers to an entry without a row."""
        found: dict[str, str] = {}
        for name, (target, key) in self.references(entry):
            if (target, key) in self.gone:
                text = gettext("it belongs to “%(key)s” (%(kind)s), which is not there.")
                found[name] = text % {"key": key, "kind": target._meta.verbose_name}
        return found

    def references(self, entry: ContentEntry) -> Iterator[tuple[str, tuple[Model, str]]]:
        """Yield the foreign keys of an entry, as (field, (model, key))."""
        for name, key in {**self.defaults(entry), **entry.values}.items():
            column = entry.model._meta.get_field(name)
            if isinstance(column, models.ForeignKey):
                yield name, (column.remote_field.model, str(key))

    def set_links(
        self, entry: ContentEntry, row: models.Model, values: dict[str, Any], names: Iterable[str]
    ) -> None:
        """Set these many-to-many lists, without entries that no longer have a row."""
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

    def defaults(self, entry: ContentEntry) -> dict[str, Any]:
        """Return the values that an entry may omit: the status published, and the main source."""
        names = {column.name for column in entry.model._meta.get_fields()}
        defaults: dict[str, Any] = {}
        if "status" in names:
            defaults["status"] = PublicationStatus.PUBLISHED
        if "source" in names and self.main_source and entry.key != self.main_source:
            defaults["source"] = self.main_source
        return defaults

    def in_words(self, entry: ContentEntry, name: str, value: Any) -> Any:
        """Return a stored value with primary keys replaced by the keys of entries."""
        column = entry.model._meta.get_field(name)
        if not column.is_relation or value is None:
            return value
        target = column.related_model
        keys = {str(pk): key for (model, key), pk in self.pks.items() if model is target}
        return [keys.get(pk, pk) for pk in value] if isinstance(value, list) else keys.get(value, value)
