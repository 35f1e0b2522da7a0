"""Translations in the admin: a collapsed fieldset per language that shows missing and outdated translations."""

from collections.abc import Iterator, Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AdminTextareaWidget, AdminTextInputWidget
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pzgent.kernel.editing.area import may_write
from pzgent.kernel.editing.rich_text import RichTextarea, RichTextInput
from pzgent.kernel.editing.rights import may_translate
from pzgent.kernel.rich_text import RichTextField
from pzgent.kernel.translations import OTHER_LANGUAGES, Translated

# Attribute of a request that changes only translations: the admin of its object.
TRANSLATING = "_translating"


def input_name(name: str, language: str) -> str:
    """Return the form field name for the translation of a field."""
    return f"translated_{name}_{language}"


def checked_name(language: str) -> str:
    """Return the form field name of the checkbox that confirms outdated translations."""
    return f"translated_checked_{language}"


class TranslatingForm(forms.ModelForm):
    """Reads and saves the translations of the item; combined with a model's form by `with_translations`."""

    instance: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, language in self._places():
            self.initial[input_name(name, language)] = self.instance.translation_of(name, language)

    def _post_clean(self) -> None:
        """Save typed texts as translations of the current Dutch text; untouched ones keep their age."""
        super()._post_clean()  # type: ignore[misc]  # missing from the stubs
        for name, language in self._places():
            known = input_name(name, language)
            text = self.cleaned_data.get(known)
            is_right = self.cleaned_data.get(checked_name(language), False)
            if text is not None and (known in self.changed_data or is_right):
                self.instance.translate(name, language, text)

    def _places(self) -> Iterator[tuple[str, str]]:
        """Yield the field and the language of each translation in the form."""
        for language in OTHER_LANGUAGES:
            for name in self.instance.translated_fields:
                if input_name(name, language) in self.fields:
                    yield name, language


def with_translations(form: Any, model: type[Translated]) -> Any:
    """Return the form class extended with a field per translation of the model."""
    fields: dict[str, Any] = {}
    for language, spoken in OTHER_LANGUAGES.items():
        for name in model.translated_fields:
            fields[input_name(name, language)] = _input_for(model, name, language)
        right = _("All of these are right for the Dutch text as it is now")
        fields[checked_name(language)] = forms.BooleanField(
            label=format_lazy("{} ({})", right, spoken),
            required=False,
            help_text=_("Tick this when you read all of them again and nothing has to change."),
        )
    return type(form)(f"Translated{form.__name__}", (TranslatingForm, form), fields)


def _input_for(model: type[Translated], name: str, language: str) -> forms.Field:
    column: Any = model._meta.get_field(name)
    is_long = isinstance(column, models.TextField)
    widget: Any = AdminTextareaWidget if is_long else AdminTextInputWidget
    form_class = column.input_class
    if isinstance(column, RichTextField):
        form_class, widget = RichTextInput, RichTextarea
    # Clean as the model field does, so that an untouched text counts as unchanged.
    return form_class(
        label=format_lazy("{} ({})", column.verbose_name, OTHER_LANGUAGES[language]),
        required=False,
        max_length=None if is_long else column.max_length,
        help_text=_("Empty: the site shows the Dutch text."),
        widget=widget(attrs={"lang": language}),
    )


def translation_fieldsets(model: type[models.Model], obj: Any) -> list[tuple[Any, dict[str, Any]]]:
    """Return a collapsed fieldset per language, with counts in the heading and the field names in the description."""
    if not issubclass(model, Translated):
        return []
    groups: list[tuple[Any, dict[str, Any]]] = []
    for language, spoken in OTHER_LANGUAGES.items():
        missing = _labels(model, obj.missing_translations() if obj else (), language)
        old = _labels(model, obj.old_translations() if obj else (), language)
        parts = {"missing": len(missing), "old": len(old), "language": spoken}
        title = gettext("Translation: %(language)s") % parts
        if missing or old:
            title = (
                gettext(
                    "Translation: %(language)s (missing: %(missing)d, older than the Dutch text: %(old)d)"
                )
                % parts
            )
        lines = [gettext("Missing: %(fields)s.") % {"fields": ", ".join(missing)}] if missing else []
        if old:
            lines.append(gettext("The Dutch text changed after: %(fields)s.") % {"fields": ", ".join(old)})
        names = [input_name(name, language) for name in model.translated_fields]
        options = {"fields": [*names, checked_name(language)], "classes": ["collapse"]}
        groups.append((title, {**options, "description": " ".join(lines)}))
    return groups


def _labels(model: type[models.Model], places: Any, language: str) -> list[str]:
    columns: list[Any] = [model._meta.get_field(name) for code, name in places if code == language]
    return [str(column.verbose_name) for column in columns]


class TranslationFilter(admin.SimpleListFilter):
    """Filters items by missing translations, or by translations older than their Dutch text."""

    title = _("translation")
    parameter_name = "translation"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Sequence[tuple[str, Any]]:
        """Return the choices."""
        return [
            ("missing", _("missing in a language")),
            *(
                (code, _("missing: %(language)s") % {"language": name})
                for code, name in OTHER_LANGUAGES.items()
            ),
            ("old", _("older than the Dutch text")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """Return the items that match the choice; loads all rows, of which these lists have few."""
        asked = self.value()
        if asked is None:
            return queryset
        rows: Any = queryset.model._base_manager.all()
        return queryset.filter(pk__in=[row.pk for row in rows if _fits(row, asked)])


def _fits(row: Translated, asked: str) -> bool:
    if asked == "old":
        return any(row.old_translations())
    return any(asked in ("missing", language) for language, _name in row.missing_translations())


class TranslatingAdmin(admin.ModelAdmin):
    """An admin that shows the translations of translated models."""

    def __init__(self, model: Any, admin_site: Any) -> None:
        super().__init__(model, admin_site)
        if issubclass(model, Translated):
            self.form = with_translations(self.form, model)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the user may change objects, or in this request the translations of one."""
        return super().has_change_permission(request, obj) or (
            getattr(request, TRANSLATING, None) is self and self.has_view_permission(request, obj)
        )

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:
        """Show or save the form; of who may only translate, everything but the translations is read-only."""
        is_translated = object_id is not None and issubclass(self.model, Translated)
        if is_translated and may_translate(request) and may_write(request, self.model):
            setattr(request, TRANSLATING, None if super().has_change_permission(request) else self)
        response: HttpResponse = super().changeform_view(request, object_id, form_url, extra_context)
        return response

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Return the read-only fields: for a translator all columns but those that hold another language."""
        found = super().get_readonly_fields(request, obj)
        if getattr(request, TRANSLATING, None) is not self:
            return found
        columns = [field.name for field in (*self.opts.concrete_fields, *self.opts.many_to_many)]
        foreign = tuple(f"_{language}" for language in OTHER_LANGUAGES)
        return [*found, *(name for name in columns if name not in found and not name.endswith(foreign))]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Return the fieldsets, translations last."""
        return [*super().get_fieldsets(request, obj), *self.get_translation_fieldsets(request, obj)]

    def get_translation_fieldsets(self, request: HttpRequest, obj: Any) -> list[tuple[Any, dict[str, Any]]]:
        """Return a fieldset per language for users with write permission."""
        may_write = self.has_change_permission(request, obj) if obj else self.has_add_permission(request)
        fieldsets = translation_fieldsets(self.model, obj) if may_write else []
        if getattr(request, TRANSLATING, None) is self:
            return [(title, {**options, "classes": []}) for title, options in fieldsets]
        return fieldsets

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        """Return the filters of this model, translations last."""
        found = list(super().get_list_filter(request))
        return [*found, TranslationFilter] if issubclass(self.model, Translated) else found
