"""Django's admin under the portal's own site."""

from django.contrib.admin.apps import AdminConfig


class PortalAdminConfig(AdminConfig):
    """The admin with the portal's name and look."""

    default_site = "pzgent.admin.site.PortalAdminSite"

    def ready(self) -> None:
        """Find the admin of each app; that of the portal stands beside its site, which must be there first."""
        super().ready()
        from pzgent.admin import registered  # noqa: F401  # imported for what it registers
