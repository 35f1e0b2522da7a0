"""The words of the scripts of the admin that Django does not translate into Dutch."""

from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _
from django.views.i18n import JavaScriptCatalog

WORDS = (
    _('Choose %s by selecting them and then select the "Choose" arrow button.'),
    _('Remove %s by selecting them and then select the "Remove" arrow button.'),
    _("Choose all %s"),
    _("Remove all %s"),
    _("Choose selected %s"),
    _("Remove selected %s"),
    _("Type into this box to filter down the list of available %s."),
    _("Type into this box to filter down the list of selected %s."),
    _("(click to clear)"),
)


class ScriptWords(JavaScriptCatalog):
    """The catalogue of Django, with the words that it lacks."""

    def get_catalog(self) -> dict[str, Any]:
        """Return the translations by English text."""
        return {**super().get_catalog(), **{word: gettext(word) for word in WORDS}}
