"""Model fields for text. Use these instead of Django's, so that stored text is clean whatever writes the row.

Forms, `save()`, `create()`, `update()`, `bulk_create()`, `bulk_update()` and the loader all pass through here. In
migrations they appear as Django's own fields, because their columns are the same.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.db import models
from django.utils.functional import Promise

from pzgent.kernel.cleaning import clean_address, clean_json, clean_line, clean_text


class CleanInput:
    """A form field that cleans its input before validating it."""

    rule: Callable[[str], str] = staticmethod(clean_line)

    def to_python(self, value: Any) -> Any:
        """Clean the text and convert it."""
        return super().to_python(self.rule(value) if isinstance(value, str) else value)  # type: ignore[misc]  # a mixin


class LineInput(CleanInput, forms.CharField):
    """Text of one line."""


class TextInput(CleanInput, forms.CharField):
    """Text of several lines."""

    rule = staticmethod(clean_text)


class AddressInput(CleanInput, forms.CharField):
    """A number or an address."""

    rule = staticmethod(clean_address)


class SlugInput(CleanInput, forms.SlugField):
    """The last part of a web address."""

    rule = staticmethod(clean_address)


class EmailInput(CleanInput, forms.EmailField):
    """An e-mail address."""

    rule = staticmethod(clean_address)


class URLInput(CleanInput, forms.URLField):
    """A web address."""

    rule = staticmethod(clean_address)


class CleanField(models.Field):
    """Base of the fields below: applies `rule` on every write to the database and to form input."""

    rule: Callable[[Any], Any] = staticmethod(clean_line)
    input_class: type[forms.Field] | None = LineInput
    # Path under which migrations know it; empty for a field that appears in migrations itself.
    known_as = ""

    def cleaned(self, value: Any) -> Any:
        """Return the value as it is stored; database expressions are left alone."""
        if isinstance(value, Promise):
            value = str(value)
        return self.rule(value) if isinstance(value, str) else value

    def clean(self, value: Any, model_instance: models.Model | None) -> Any:
        """Clean, then validate."""
        return super().clean(self.cleaned(value), model_instance)

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        """Clean the value just before it is written, on the instance too."""
        value = super().pre_save(model_instance, add)
        if hasattr(value, "resolve_expression"):
            return value
        cleaned = self.cleaned(value)
        setattr(model_instance, self.attname, cleaned)
        return cleaned

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        """Clean values written without an instance, as by `update()`."""
        return super().get_db_prep_save(self.cleaned(value), connection)

    def formfield(self, **kwargs: Any) -> Any:
        """Return a form field that cleans its input too."""
        if self.input_class and not self.choices:
            kwargs.setdefault("form_class", self.input_class)
        return super().formfield(**kwargs)

    def deconstruct(self) -> Any:
        """Deconstruct as Django's own field, so that migrations do not depend on this module."""
        name, path, args, kwargs = super().deconstruct()
        return name, self.known_as or path, args, kwargs


class CharField(CleanField, models.CharField):
    """Text of one line."""

    known_as = "django.db.models.CharField"


class TextField(CleanField, models.TextField):
    """Text of several lines."""

    rule = staticmethod(clean_text)
    input_class = TextInput
    known_as = "django.db.models.TextField"


class AddressField(CharField):
    """A number, e-mail address or web address, without invisible characters."""

    rule = staticmethod(clean_address)
    input_class = AddressInput


class SlugField(CleanField, models.SlugField):
    """The last part of a web address."""

    rule = staticmethod(clean_address)
    input_class = SlugInput
    known_as = "django.db.models.SlugField"


class EmailField(CleanField, models.EmailField):
    """An e-mail address."""

    rule = staticmethod(clean_address)
    input_class = EmailInput
    known_as = "django.db.models.EmailField"


class URLField(CleanField, models.URLField):
    """A web address."""

    rule = staticmethod(clean_address)
    input_class = URLInput
    known_as = "django.db.models.URLField"


class JSONField(CleanField, models.JSONField):
    """JSON data in which every text is clean."""

    input_class = None
    known_as = "django.db.models.JSONField"

    def cleaned(self, value: Any) -> Any:
        """Return the data with clean texts."""
        return clean_json(value)
