"""The portal itself, and Django's admin under the portal's own site."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.utils.translation import gettext_lazy as _


class PortalConfig(AppConfig):
    """Composes the apps: pages, search, the API and the commands."""

    name = "pzgent"
    verbose_name = _("Portal")

    def ready(self) -> None:
        """Register the system checks; the URL configuration that imports them is read too late for that."""
        from pzgent import accessibility  # noqa: F401  # imported for its check


class PortalAdminConfig(AdminConfig):
    """The admin with the portal's name and look."""

    default_site = "pzgent.admin_site.PortalAdminSite"
