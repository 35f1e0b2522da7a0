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

from pzgent.kernel.editing.area import keep_current, limit_choices, reachable
from pzgent.kernel.editing.choices import PathChoice, PathSelect, PathSelectMultiple
from pzgent.kernel.editing.files import StoredFileInput
from pzgent.kernel.editing.forms import ConstrainedForm
from pzgent.kernel.editing.moments import ClockField, DayField, DayTimeField, DayTimeInput
from pzgent.kernel.editing.problems import with_examples
from pzgent.kernel.editing.rich_text import RichTextarea, RichTextInput
from pzgent.kernel.files import CheckedFileField
from pzgent.kernel.removal import refuse_in_formset
from pzgent.kernel.rich_text import RichTextField

OVERRIDES: dict[Any, dict[str, Any]] = {
    RichTextField: {"form_class": RichTextInput, "widget": RichTextarea},
    models.URLField: {"assume_scheme": "https"},
    CheckedFileField: {"widget": StoredFileInput},
    models.TimeField: {"form_class": ClockField},
    models.DateField: {"form_class": DayField},
    models.DateTimeField: {"form_class": DayTimeField, "widget": DayTimeInput},
}


class PathChoices:
    """Gives every field in `autocomplete_fields` a widget with distinctive labels."""

    admin_site: Any

    def formfield_for_foreignkey(self, db_field: ForeignKey, request: HttpRequest, **kwargs: Any) -> Any:
        """Return the form field to select one related item."""
        if "widget" not in kwargs and db_field.name in self.get_autocomplete_fields(request):  # type: ignore[attr-defined]  # a mixin
            kwargs["widget"] = PathSelect(db_field, self.admin_site)
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]  # a mixin
        return _with_clear_refusal(limit_choices(request, field))

    def formfield_for_manytomany(self, db_field: ManyToManyField, request: HttpRequest, **kwargs: Any) -> Any:
        """Return the form field to select several related items."""
        if "widget" not in kwargs and db_field.name in self.get_autocomplete_fields(request):  # type: ignore[attr-defined]  # a mixin
            kwargs["widget"] = PathSelectMultiple(db_field, self.admin_site)
        field = super().formfield_for_manytomany(db_field, request, **kwargs)  # type: ignore[misc]  # a mixin
        return _with_clear_refusal(limit_choices(request, field))


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

    def add_fields(self, form: Any, index: int | None) -> None:
        """Name each input as its column, as a table row has no labels; let a row keep what it refers to."""
        super().add_fields(form, index)
        keep_current(form)
        for field in form.fields.values():
            widget = getattr(field.widget, "widget", field.widget)
            if field.label and not widget.is_hidden:
                widget.attrs.setdefault("aria-label", field.label)

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

    def delete_existing(self, obj: Any, commit: bool = True) -> None:
        """Delete a part; it keeps its primary key, by which its history is found."""
        key = obj.pk
        super().delete_existing(obj, commit)
        obj.pk = key

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

    template = "admin/edit_inline/part_tabular.html"
    extra = 0
    form = ConstrainedForm
    formset = PartFormSet
    formfield_overrides = OVERRIDES
    related: tuple[str, ...] = ()

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """Return the form field, with messages that say how to write the value."""
        return with_examples(super().formfield_for_dbfield(db_field, request, **kwargs))

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Return the parts that the account may reach, with their related objects."""
        queryset = reachable(request, super().get_queryset(request))
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
