"""Names of changed fields in the history, as the form shows them."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.forms import BaseForm
from django.http import HttpRequest
from django.utils.translation import override


class LabelledHistory(admin.ModelAdmin):
    """Stores the labels of changed fields in the language of the editors.

    Django stores the English label with a capital, which no catalogue knows: the history would show it in English.
    """

    def construct_change_message(
        self, request: HttpRequest, form: Any, formsets: Any, add: bool = False
    ) -> list[dict[str, Any]]:
        """Return what changed, with the labels that the editor saw."""
        changes: Any = super().construct_change_message(request, form, formsets, add)
        parts = [part for formset in formsets or () for part in formset.forms]
        labels = _labels_of([form, *parts])
        for change in changes:
            for said in change.values():
                if "fields" in said:
                    said["fields"] = [labels.get(label, label) for label in said["fields"]]
        return list(changes)


def _labels_of(forms: Iterable[BaseForm]) -> dict[str, str]:
    """Map the English label of each changed field, as Django stores it, to the one in the active language."""
    fields = [(name, form.fields[name]) for form in forms for name in form.changed_data]
    with override(None):
        english = [str(field.label or name) for name, field in fields]
    return {stored: str(field.label or name) for stored, (name, field) in zip(english, fields, strict=True)}
