"""The contact app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ContactConfig(AppConfig):
    """App configuration: topics, channels, opening hours, locations and notices."""

    name = "contact"
    verbose_name = _("Contact")

    def ready(self) -> None:
        """Register what this app checks before an organogram is published."""
        from contact import draft_checks  # noqa: F401  # imported for its registrations
