"""Forms that never overwrite a colleague's work and never ask for what they can derive."""

import hashlib
from collections.abc import Callable
from typing import Any, ClassVar

from django import forms
from django.contrib.admin.models import LogEntry
from django.contrib.admin.utils import display_for_value
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models
from django.forms.models import InlineForeignKeyField
from django.utils.formats import date_format
from django.utils.text import capfirst, slugify
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from pzgent.kernel.editing.area import keep_current
from pzgent.kernel.editing.problems import with_examples
from pzgent.kernel.editing.rich_text import RichTextInput
from pzgent.kernel.files import StoredFile
from pzgent.kernel.rich_text import to_text
from pzgent.kernel.trees import TREE_COLUMNS

VERSION_TOKEN, OVERWRITE = "form_stamp", "form_overwrite"
# Attribute of an instance whose working copy is being edited: a text to add to its version token.
COPY_TOKEN = "_copy_token"  # noqa: S105  # no secret


def version_token_of(instance: models.Model) -> str:
    """Return a text that changes whenever the stored item changes: its version, or a digest of its values."""
    version = getattr(instance, "version", None)
    if version is not None:
        return f"{version}{getattr(instance, COPY_TOKEN, '')}"
    fields = (field for field in instance._meta.concrete_fields if field.name not in TREE_COLUMNS)
    values = repr([field.value_from_object(instance) for field in fields])
    return hashlib.sha256(values.encode()).hexdigest()[:20]


class ConstrainedForm(forms.ModelForm):
    """A form that checks every constraint of its model, also on fields that it does not show.

    Django leaves a constraint out if the form hides one of its fields; the database would then refuse the row without
    saying why.
    """

    # False where the database alone enforces the constraints.
    checks_constraints = True

    def _post_clean(self) -> None:
        self.instance.validate_constraints = _leave_to_the_form
        try:
            super()._post_clean()  # type: ignore[misc]  # missing from the stubs
        finally:
            del self.instance.validate_constraints
        if self.checks_constraints:
            self._check_constraints()

    def _check_constraints(self) -> None:
        """Check the constraints, but those on fields of the form that are wrong or exempt from validation.

        A row that is unique within its owner is checked by the formset, which knows the rows that go away.
        """
        exempt: set[str] = self._get_validation_exclusions()  # type: ignore[attr-defined]  # missing from the stubs
        own = {
            name
            for name, field in self.fields.items()
            if name in exempt or name in self.errors or isinstance(field, InlineForeignKeyField)
        }
        try:
            self.instance.validate_constraints(exclude=own)
        except ValidationError as error:
            for name, found in error.error_dict.items():
                self.add_error(name if name in self.fields else None, found)


def _leave_to_the_form(exclude: Any = None) -> None:
    """Check nothing: the form checks the constraints after the fields."""


class SafeForm(ConstrainedForm):
    """A form that is refused, keeping its input, if somebody else saved in the meantime.

    `conflict` then lists the fields that differ from the stored values, as (label, stored text).
    """

    # True if this is a resubmitted add form, now bound to the object that it created.
    is_reused: ClassVar[bool] = False

    form_stamp = forms.CharField(required=False, widget=forms.HiddenInput)
    form_overwrite = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.conflict: list[tuple[str, str]] = []
        self.is_new = self.instance._state.adding
        self.current_version_token = "" if self.is_new else self.get_version_token()
        self.initial[VERSION_TOKEN] = self.current_version_token
        keep_current(self)
        for field in self.fields.values():
            field.label = capfirst(field.label) if field.label else field.label
            with_examples(field)

    def get_version_token(self) -> str:
        """Return the version token of the stored object."""
        return version_token_of(self.instance)

    def clean(self) -> dict[str, Any]:
        """Refuse a form that was opened before the last change, unless the editor chose to overwrite that change."""
        cleaned = super().clean() or self.cleaned_data
        if not self.is_new and self.current_version_token not in (
            cleaned.get(VERSION_TOKEN),
            cleaned.get(OVERWRITE),
        ):
            self.conflict = [
                (str(self[name].label), self._stored_text(name))
                for name in self.changed_data
                if name not in (VERSION_TOKEN, OVERWRITE)
            ]
            raise ValidationError(self._conflict_message(), code="conflict")
        return cleaned

    @property
    def is_conflict(self) -> bool:
        """Whether this form was refused because somebody else saved in the meantime."""
        return self.has_error(NON_FIELD_ERRORS, "conflict")

    def _conflict_message(self) -> str:
        if self.is_reused:
            return _(
                "Not saved: this form was used already and made “%(item)s”. What you typed now is still below. "
                "Compare it with what is stored, then tick “save my version” and save again."
            ) % {"item": str(type(self.instance)._base_manager.get(pk=self.instance.pk))}
        entry = (
            LogEntry.objects.filter(
                content_type=ContentType.objects.get_for_model(self.instance), object_id=str(self.instance.pk)
            )
            .select_related("user")
            .order_by("-action_time")
            .first()
        )
        if entry is None:
            who, when = _("Somebody"), "–"
        else:
            who = entry.user.get_full_name() or entry.user.get_username()
            when = date_format(localtime(entry.action_time), "DATETIME_FORMAT")
        return _(
            "Not saved: %(who)s changed this after you opened it (last change: %(when)s). What you typed is still "
            "below. Compare it with what is stored now, then tick “save my version” and save again, or open the "
            "page anew to keep the other version."
        ) % {"who": who, "when": when}

    def _stored_text(self, name: str) -> str:
        """Return the stored value of a field in readable form."""
        field, value = self.fields[name], self.initial.get(name)
        if isinstance(field, RichTextInput):
            return to_text(value or "") or "–"
        if isinstance(value, StoredFile):
            return value.description if value else "–"
        if isinstance(field, forms.ModelMultipleChoiceField):
            return ", ".join(str(item) for item in value or []) or "–"
        if isinstance(field, forms.ModelChoiceField):
            return str(field.queryset.filter(pk=value).first() or "–") if field.queryset is not None else "–"
        if isinstance(field, forms.ChoiceField):
            return str(dict(field.choices).get(value, value) or "–")  # type: ignore[arg-type]  # pairs, here
        return str(display_for_value(field.prepare_value(value), "–")) or "–"


class PublishableForm(SafeForm):
    """The form of an item with a slug; if left empty, the slug is derived from `slug_source`."""

    slug_source: ClassVar[str] = "title"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.is_new and "slug" in self.fields:
            self.fields["slug"].required = False
            self.fields["slug"].help_text = _(
                "Leave it empty: it follows from the name. It stays the same for ever."
            )
        if "review_by" in self.fields:
            self.fields["review_by"].help_text = _(
                "The day on which somebody must check this again. Left as it is or empty, it follows from the day it "
                "was verified."
            )

    def clean(self) -> dict[str, Any]:
        """Fill in an empty slug; number a proposed slug that is taken; reset the review date after a new check."""
        cleaned = super().clean()
        if "verified_on" in self.changed_data and "review_by" not in self.changed_data:
            # If empty, the model computes it from the new date.
            cleaned["review_by"] = None
        if self.is_new and "slug" in self.fields and "slug" not in self.errors:
            text = str(cleaned.get(self.slug_source) or "")
            if cleaned.get("slug") in ("", None, slugify(text)):
                cleaned["slug"] = free_slug(type(self.instance), text, self.is_taken)
        return cleaned

    def is_taken(self, slug: str) -> bool:
        """Whether another item already has this slug."""
        return type(self.instance)._base_manager.filter(slug=slug).exists()

    def get_taken_slugs(self) -> set[str]:
        """Return all slugs that are taken, for forms of many items at once."""
        return set(type(self.instance)._base_manager.order_by().values_list("slug", flat=True))


def free_slug(model: type[models.Model], text: str, is_taken: Callable[[str], bool] | None = None) -> str:
    """Return a slug for the text that no row of the model has yet, numbered if it was taken."""
    taken = is_taken or (lambda name: model._base_manager.filter(slug=name).exists())
    base = slugify(text)[:100].strip("-") or str(model._meta.model_name)
    slug, number = base, 2
    while taken(slug):
        slug, number = f"{base}-{number}", number + 1
    return slug
