"""The admin under the portal's own name."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
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

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Every page names the release."""
        return {**super().each_context(request), "release": settings.RELEASE}

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """The first page, with a warning when the yearly review of the accessibility statement is late."""
        # Django makes this site before its models are there.
        from pzgent.models import AccessibilityStatement

        statement = AccessibilityStatement.objects.first()
        if statement is not None and statement.is_overdue(timezone.localdate()):
            messages.warning(
                request,
                _("The accessibility statement had to be reviewed before %(day)s.")
                % {"day": date_format(statement.review_by)},
            )
        return super().index(request, extra_context)
