"""The form of one imported row: the form of the admin, limited to the cells that say something else than is stored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django import forms
from django.db.models import CheckConstraint, Model, Q, Value
from django.forms.models import InlineForeignKeyField, ModelChoiceField, ModelMultipleChoiceField
from django.utils.functional import cached_property

from pzgent.kernel.editing.forms import OVERWRITE, VERSION_TOKEN
from pzgent.kernel.trees import TreeNode

HIDDEN = frozenset({VERSION_TOKEN, OVERWRITE})
SLUG = "slug"


@dataclass
class Known:
    """Lookups that the rows of a file share, so that each of them costs few queries.

    `passed` holds the check constraints with the values that meet them; `slugs` the address names that are taken.
    """

    passed: set[str] = field(default_factory=set)
    slugs: set[str] | None = None

    def note(self, item: Model) -> None:
        """Note that a row was written."""
        if self.slugs is not None:
            self.slugs.add(getattr(item, SLUG))


class RowData(dict[str, Any]):
    """Data of a form, as a browser submits it: a list for each name."""

    def getlist(self, name: str) -> list[Any]:
        """Return the values of a name."""
        value = self.get(name)
        return list(value) if isinstance(value, list) else [] if value is None else [value]


class RememberedChoice:
    """A choice of one object that reads each object once for all rows."""

    found: dict[str, Any]

    def to_python(self, value: Any) -> Any:
        """Return the chosen object. Raises ValidationError if it may not be chosen."""
        key = str(value)
        if key not in self.found:
            self.found[key] = super().to_python(value)  # type: ignore[misc]  # a mixin
        return self.found[key]


class RowForm(forms.ModelForm):
    """Cleans and saves only the touched fields; the others keep what is stored, to the last digit."""

    touched: frozenset[str] | None = None
    # Whether the dry run checked the row: the database enforces every constraint when it is written.
    is_checked = False
    known: Known

    @contextmanager
    def _only_touched(self) -> Iterator[None]:
        every = self.fields
        if self.touched is not None:
            kept = self.touched | HIDDEN
            self.fields = {name: field for name, field in every.items() if name in kept}
        try:
            yield
        finally:
            self.fields = every

    def _clean_fields(self) -> None:
        with self._only_touched():
            super()._clean_fields()  # type: ignore[misc]  # missing from the stubs

    @cached_property
    def changed_data(self) -> list[str]:
        """Return the touched fields that differ from what is stored."""
        with self._only_touched():
            return [name for name, bound in self._bound_items() if bound._has_changed()]  # type: ignore[attr-defined]  # Django's own

    def _post_clean(self) -> None:
        if self.is_checked:
            self._validate_unique, self.checks_constraints = False, False
        chosen = {name for name, value in self.fields.items() if isinstance(value, RememberedChoice)}
        instance: Any = self.instance
        clean_fields = instance.clean_fields
        # The form has just read the chosen objects.
        instance.clean_fields = lambda exclude=None: clean_fields({*(exclude or ()), *chosen})
        try:
            super()._post_clean()  # type: ignore[misc]  # missing from the stubs
        finally:
            del instance.clean_fields

    def _check_constraints(self) -> None:
        """Check the constraints; those on values alone together, unless other rows met them with the same values."""
        instance: Any = self.instance
        of_models = instance.get_constraints()
        checks = [rule for _model, found in of_models for rule in found if isinstance(rule, CheckConstraint)]
        new = {rule.name: rule for rule in checks if self._known_as(rule) not in self.known.passed}
        if not self.errors and self._meets(list(new.values())):
            self.known.passed.update(map(self._known_as, new.values()))
            of_models = [
                (model, [rule for rule in found if rule not in checks]) for model, found in of_models
            ]
        instance.get_constraints = lambda: of_models
        try:
            super()._check_constraints()  # type: ignore[misc]  # of ConstrainedForm
        finally:
            del instance.get_constraints

    def _values_of(self, rule: CheckConstraint) -> dict[str, Any]:
        """Return the values of the fields that a constraint is about."""
        names: set[str] = rule.condition.referenced_base_fields  # type: ignore[union-attr]  # always a Q
        return {name: self.instance.serializable_value(name) for name in sorted(names)}

    def _known_as(self, rule: CheckConstraint) -> str:
        """Return a text that is the same for rows with the same values."""
        return f"{rule.name} {self._values_of(rule)!r}"

    def _meets(self, rules: Sequence[CheckConstraint]) -> bool:
        """True if the row meets all of these constraints. At most one query."""
        values = {name: value for rule in rules for name, value in self._values_of(rule).items()}
        fields = {name: Value(value, self.instance._meta.get_field(name)) for name, value in values.items()}
        return not rules or Q(*(rule.condition for rule in rules)).check(fields)

    def validate_unique(self) -> None:
        """Check what must be unique, but for an address name that the form has just derived."""
        if self.touched is None or SLUG in self.touched or self.known.slugs is None:
            super().validate_unique()
            return
        exempt: set[str] = self._get_validation_exclusions()  # type: ignore[attr-defined]  # missing from the stubs
        try:
            self.instance.validate_unique(exclude={*exempt, SLUG})
        except forms.ValidationError as error:
            self._update_errors(error)  # type: ignore[attr-defined]  # missing from the stubs

    def is_taken(self, slug: str) -> bool:
        """Return whether another item has this slug; all slugs are read once."""
        if self.known.slugs is None:
            self.known.slugs = self.get_taken_slugs()  # type: ignore[attr-defined]  # of PublishableForm
        return slug in self.known.slugs

    def await_rows(self, pending: Mapping[str, Model]) -> None:
        """Let fields refer to rows that are not stored yet."""
        for name, item in pending.items():
            self.fields[name] = InlineForeignKeyField(item, label=self.fields[name].label)


def row_form(form: Any) -> Any:
    """Return the form class for one row."""
    made = type(form)(f"Row{form.__name__}", (RowForm, form), {})
    for choice in made.base_fields.values():
        is_single = isinstance(choice, ModelChoiceField) and not isinstance(choice, ModelMultipleChoiceField)
        # Nodes of a tree change while rows are written.
        if is_single and not issubclass(choice.queryset.model, TreeNode):
            choice.__class__, choice.found = _remembering(type(choice)), {}  # type: ignore[arg-type]  # classes are hashable
    return made


@cache
def _remembering(kind: Any) -> Any:
    return type(f"Remembered{kind.__name__}", (RememberedChoice, kind), {})
