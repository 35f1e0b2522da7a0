"""Parts edited on the page of their owner."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.db import models
from django.db.models import ForeignKey, ManyToManyField, QuerySet
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from pzgent.kernel.editing.choices import PathChoice, PathSelect, PathSelectMultiple
from pzgent.kernel.editing.deleting import refuse_in_formset
from pzgent.kernel.editing.files import StoredFileInput
from pzgent.kernel.editing.markup import MarkupField
from pzgent.kernel.editing.moments import ClockField, DayField, DayTimeField
from pzgent.kernel.files import CheckedFileField
from pzgent.kernel.rich_text import RichTextField

OVERRIDES: dict[Any, dict[str, Any]] = {
    RichTextField: {"form_class": MarkupField, "widget": admin.widgets.AdminTextareaWidget},
    models.URLField: {"assume_scheme": "https"},
    CheckedFileField: {"widget": StoredFileInput},
    models.TimeField: {"form_class": ClockField},
    models.DateField: {"form_class": DayField},
    models.DateTimeField: {"form_class": DayTimeField},
}


class PathChoices:
    """Gives every field in `autocomplete_fields` a widget with distinctive labels."""

    admin_site: Any

    def formfield_for_foreignkey(self, db_field: ForeignKey, request: HttpRequest, **kwargs: Any) -> Any:
        """Return the form field to select one related item."""
        if "widget" not in kwargs and db_field.name in self.get_autocomplete_fields(request):  # type: ignore[attr-defined]  # a mixin
            kwargs["widget"] = PathSelect(db_field, self.admin_site)
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]  # a mixin
        return _with_clear_refusal(field)

    def formfield_for_manytomany(self, db_field: ManyToManyField, request: HttpRequest, **kwargs: Any) -> Any:
        """Return the form field to select several related items."""
        if "widget" not in kwargs and db_field.name in self.get_autocomplete_fields(request):  # type: ignore[attr-defined]  # a mixin
            kwargs["widget"] = PathSelectMultiple(db_field, self.admin_site)
        field = super().formfield_for_manytomany(db_field, request, **kwargs)  # type: ignore[misc]  # a mixin
        return _with_clear_refusal(field)


def _with_clear_refusal(field: forms.Field | None) -> forms.Field | None:
    """Give the field an error message that says what to do when the selected item no longer exists."""
    if isinstance(field, forms.ModelChoiceField):
        field.error_messages["invalid_choice"] = _("This choice does not exist any more. Choose another one.")
    return field


def path_choice_of(field: forms.Field) -> PathChoice | None:
    """Return the autocomplete widget of a form field, without the admin's wrapper; None if it has none."""
    widget = field.widget
    if isinstance(widget, RelatedFieldWidgetWrapper):
        widget = widget.widget
    return widget if isinstance(widget, PathChoice) else None


class PartFormSet(BaseInlineFormSet):
    """The parts of one item; loads the labels of all their choices at once."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.form.base_fields.items():
            choice = path_choice_of(field)
            if choice is not None:
                choice.learn({value for form in self.initial_forms if (value := form.initial.get(name))})

    def clean(self) -> None:
        """Refuse to delete rows that are public or whose deletion would cascade."""
        super().clean()
        for form in self.initial_forms:
            if self.can_delete and self._should_delete_form(form):  # type: ignore[attr-defined]  # missing from the stubs
                refuse_in_formset(form.instance)

    def _existing_object(self, pk: Any) -> Any:
        """Return the part of a row; one that a colleague deleted in the meantime becomes an error in its row."""
        try:
            return super()._existing_object(pk)  # type: ignore[misc]  # missing from the stubs
        except KeyError:
            model: Any = self.model
            return model(pk=pk)

    def kept_forms(self) -> list[forms.ModelForm]:
        """Return the valid forms that remain after saving: neither empty nor marked for deletion."""
        return [
            form
            for form in self.forms
            if getattr(form, "cleaned_data", None)
            and not form.cleaned_data.get("DELETE")
            and (form.has_changed() or not form.instance._state.adding)
        ]


class PartInline(PathChoices, admin.TabularInline):
    """Parts as rows below the form, without empty extra rows."""

    extra = 0
    formset = PartFormSet
    formfield_overrides = OVERRIDES
    related: tuple[str, ...] = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Return the parts with their related objects."""
        queryset = super().get_queryset(request)
        return queryset.select_related(*self.related) if self.related else queryset


class ReadOnlyInline(PartInline):
    """Parts that are only displayed here, each with a link to its own page if it has one."""

    can_delete = False
    show_change_link = True

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Deny adding here."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Deny changing here."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Deny deleting here."""
        return False
