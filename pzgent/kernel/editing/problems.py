"""What is wrong with a submitted form: a list with links to its fields, and messages that give an example."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

# Messages in place of Django's, by kind of form field and error code; subclasses come before their bases.
EXAMPLES: list[tuple[type[forms.Field], dict[str, Any]]] = [
    (forms.IntegerField, {"invalid": _("This is not a whole number. Write it in digits, for example 12.")}),
    (forms.DecimalField, {"invalid": _("This is not a number. Write it in digits, for example 12,5.")}),
    (
        forms.URLField,
        {
            "invalid": _(
                "This is not a web address. Write it in full, for example https://www.politie.be/5415."
            )
        },
    ),
    (
        forms.EmailField,
        {
            "invalid": _(
                "This is not an e-mail address. Write it in full, for example naam@police.belgium.eu."
            )
        },
    ),
    (forms.ModelChoiceField, {"required": _("Choose one: type a part of the name.")}),
    (forms.ChoiceField, {"required": _("Choose one from the list.")}),
    (forms.Field, {"required": _("This cannot stay empty: fill it in.")}),
]


@dataclass(frozen=True)
class Problem:
    """One error, with the name of its field and the fragment that leads there; both empty for the form as a whole."""

    message: str
    label: str = ""
    anchor: str = ""


def with_examples(field: Any) -> Any:
    """Give a form field the messages of its kind, unless it has its own."""
    if field is None:
        return None
    for kind, texts in EXAMPLES:
        if isinstance(field, kind):
            for code, text in texts.items():
                if field.error_messages.get(code) == _django_message(kind, code):
                    field.error_messages[code] = text
    return field


class ExplainingForm(forms.Form):
    """A form of no model, with messages that say what to do."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            with_examples(field)


def _django_message(kind: type[forms.Field], code: str) -> Any:
    """Return the message that Django gives a kind of form field."""
    found = (base.__dict__.get("default_error_messages", {}).get(code) for base in kind.__mro__)
    return next((text for text in found if text is not None), None)


def problems_of(form: Any, formsets: Any) -> list[Problem]:
    """Return the errors of a submitted form and of its inlines, in the order of the page."""
    found = list(_of_form(form))
    for formset in formsets:
        found += [Problem(message, anchor=f"{formset.prefix}-group") for message in formset.non_form_errors()]
        for number, part in enumerate(formset.forms, 1):
            name = capfirst(str(formset.model._meta.verbose_name))
            found += _of_form(part, f"{name} {number}: ") if part.errors else ()
    return found


def _of_form(form: Any, prefix: str = "") -> Iterator[Problem]:
    for name, errors in form.errors.items():
        for message in errors:
            if name == NON_FIELD_ERRORS or name not in form.fields:
                yield Problem(str(message), prefix.removesuffix(": "))
                continue
            bound = form[name]
            yield Problem(str(message), f"{prefix}{bound.label}", bound.id_for_label or bound.auto_id)
