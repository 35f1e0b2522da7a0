"""The admin under the portal's own name."""

from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from pzgent.editing.choices import LabelledAutocompleteView


class PortalAdminSite(AdminSite):
    """The editors' desk."""

    site_header = _("Editing the Ghent police portal")
    site_title = _("Ghent police portal")
    index_title = _("What do you want to edit?")
    empty_value_display = "–"

    def autocomplete_view(self, request: HttpRequest) -> Any:
        """The answer to a search in a choice, with paths that tell namesakes apart."""
        return LabelledAutocompleteView.as_view(admin_site=self)(request)
