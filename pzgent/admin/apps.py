"""App configuration of Django's admin, with the portal's own admin site."""

from django.contrib.admin.apps import AdminConfig


class PortalAdminConfig(AdminConfig):
    """The admin app with the portal's admin site as default."""

    default_site = "pzgent.admin.site.PortalAdminSite"

    def ready(self) -> None:
        """Discover the admin of each app, then import that of the portal, which requires the site to exist."""
        super().ready()
        from pzgent.admin import registered  # noqa: F401  # imported for its registrations
        from pzgent.admin.words import name_icons

        name_icons()
