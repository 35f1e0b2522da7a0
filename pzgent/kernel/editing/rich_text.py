"""Form field and widget for texts with formatting.

The widget is a textarea, which takes plain text or HTML; the script `static/js/rich-text.js` puts an editor in its
place.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib.admin.widgets import AdminTextareaWidget
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from pzgent.kernel.editing.linking import fault_of, with_references
from pzgent.kernel.links import links_in
from pzgent.kernel.rich_text import clean_rich_text, is_html, normalise, to_html


class RichTextarea(AdminTextareaWidget):
    """A textarea with a toolbar, which stays hidden without JavaScript."""

    template_name = "admin/widgets/rich_text.html"

    class Media:
        css: ClassVar[dict[str, list[str]]] = {"all": ["css/rich-text.css"]}
        js: ClassVar[list[str]] = ["js/rich-text.js"]

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Return the context of the template, with plain text as HTML for the editor."""
        context = super().get_context(name, value, attrs)
        text = context["widget"]["value"] or ""
        if text and not is_html(text):
            context["widget"]["attrs"]["data-html"] = to_html(text)
        addresses = {"links": reverse("admin:find_links"), "jargon": reverse("admin:jargon")}
        return {**context, "addresses": addresses}

    def use_required_attribute(self, initial: Any) -> bool:
        """Return False: a browser cannot ask to fill in a textarea that the editor hides."""
        return False

    def _render(self, template_name: str, context: dict[str, Any], renderer: Any = None) -> SafeString:
        """Render with the templates of the project, where form renderers do not look."""
        return render_to_string(template_name, context)


class RichTextInput(forms.CharField):
    """A text with formatting: plain text with blank lines, or HTML."""

    widget = RichTextarea

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.help_text = self.help_text or _(
            "The public reads this text. The buttons above it make headings, lists, tables and links."
        )
        self.stored = ""

    def get_bound_field(self, form: Any, field_name: str) -> Any:
        """Return the bound field, and remember the stored text, whose links are not checked again."""
        bound = super().get_bound_field(form, field_name)
        self.stored = bound.initial if isinstance(bound.initial, str) else ""
        return bound

    def to_python(self, value: Any) -> str:
        """Return the text as it is stored."""
        return with_references(clean_rich_text(super().to_python(value) or ""))

    def clean(self, value: Any) -> str:
        """Return the text; the stored one if only invisible differences were sent."""
        if not self.has_changed(self.stored, value):
            value = self.stored
        typed, text = bool(str(value or "").strip()), super().clean(value)
        if typed and not text:
            raise ValidationError(_("Nothing of this can be shown as text. Type the text itself."))
        faults = [
            fault for link in set(links_in(text)) - set(links_in(self.stored)) if (fault := fault_of(link))
        ]
        if "<a>" in text and "<a>" not in self.stored:
            faults.append(str(_("A link in this text has no address that can be used.")))
        if faults:
            raise ValidationError(sorted(faults))
        return text

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Return whether the text differs from the stored one in what a reader sees."""
        return normalise(str(data or "").strip()) != normalise(str(initial or "").strip())
