"""The portal itself, and Django's admin under the portal's own site."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.db.backends.signals import connection_created
from django.utils.translation import gettext_lazy as _

from pzgent.kernel.folding import add_function


class PortalConfig(AppConfig):
    """Composes the apps: pages, search, the API and the commands."""

    name = "pzgent"
    verbose_name = _("Portal")

    def ready(self) -> None:
        """Register the system checks, and let SQLite fold texts: only a connection can be told how."""
        # The URL configuration, which imports the check too, is read too late for it.
        from pzgent.pages import accessibility  # noqa: F401  # imported for its check

        connection_created.connect(add_function)


class PortalAdminConfig(AdminConfig):
    """The admin with the portal's name and look."""

    default_site = "pzgent.admin.site.PortalAdminSite"

    def ready(self) -> None:
        """Find the admin of each app; that of the portal stands beside its site, which must be there first."""
        super().ready()
        from pzgent.admin import registered  # noqa: F401  # imported for what it registers
