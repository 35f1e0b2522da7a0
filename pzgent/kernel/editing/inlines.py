"""Parts edited on the page of what they belong to."""

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
    """Gives every field named in `autocomplete_fields` a choice with telling labels."""

    admin_site: Any

    def formfield_for_foreignkey(self, db_field: ForeignKey, request: HttpRequest, **kwargs: Any) -> Any:
        """The field to choose one other item."""
        if "widget" not in kwargs and db_field.name in self.get_autocomplete_fields(request):  # type: ignore[attr-defined]  # a mixin
            kwargs["widget"] = PathSelect(db_field, self.admin_site)
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]  # a mixin
        return _with_clear_refusal(field)

    def formfield_for_manytomany(self, db_field: ManyToManyField, request: HttpRequest, **kwargs: Any) -> Any:
        """The field to choose several other items."""
        if "widget" not in kwargs and db_field.name in self.get_autocomplete_fields(request):  # type: ignore[attr-defined]  # a mixin
            kwargs["widget"] = PathSelectMultiple(db_field, self.admin_site)
        field = super().formfield_for_manytomany(db_field, request, **kwargs)  # type: ignore[misc]  # a mixin
        return _with_clear_refusal(field)


def _with_clear_refusal(field: forms.Field | None) -> forms.Field | None:
    """The field with a message that says what to do when the choice is gone."""
    if isinstance(field, forms.ModelChoiceField):
        field.error_messages["invalid_choice"] = _("This choice does not exist any more. Choose another one.")
    return field


def path_choice_of(field: forms.Field) -> PathChoice | None:
    """The autocomplete choice inside a form field, unwrapped from the admin's buttons; None when it has none."""
    widget = field.widget
    if isinstance(widget, RelatedFieldWidgetWrapper):
        widget = widget.widget
    return widget if isinstance(widget, PathChoice) else None


class PartFormSet(BaseInlineFormSet):
    """Parts of one item; the labels of all their choices are looked up at once."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.form.base_fields.items():
            choice = path_choice_of(field)
            if choice is not None:
                choice.learn({value for form in self.initial_forms if (value := form.initial.get(name))})

    def clean(self) -> None:
        """Refuse to delete rows that are public or take others along."""
        super().clean()
        for form in self.initial_forms:
            if self.can_delete and self._should_delete_form(form):  # type: ignore[attr-defined]  # missing from the stubs
                refuse_in_formset(form.instance)

    def _existing_object(self, pk: Any) -> Any:
        """The part of a row; a part that a colleague deleted meanwhile is an error in its row."""
        try:
            return super()._existing_object(pk)  # type: ignore[misc]  # missing from the stubs
        except KeyError:
            model: Any = self.model
            return model(pk=pk)

    def kept_forms(self) -> list[forms.ModelForm]:
        """The valid forms that will be there after saving: neither empty nor ticked for deletion."""
        return [
            form
            for form in self.forms
            if getattr(form, "cleaned_data", None)
            and not form.cleaned_data.get("DELETE")
            and (form.has_changed() or not form.instance._state.adding)
        ]


class PartInline(PathChoices, admin.TabularInline):
    """Parts in rows below the form, without empty rows unless asked for."""

    extra = 0
    formset = PartFormSet
    formfield_overrides = OVERRIDES
    related: tuple[str, ...] = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """The parts with what their rows name."""
        queryset = super().get_queryset(request)
        return queryset.select_related(*self.related) if self.related else queryset


class ReadOnlyInline(PartInline):
    """Parts that are only shown here, each with a link to its own page where it has one."""

    can_delete = False
    show_change_link = True

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Not here."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Not here."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Not here."""
        return False
