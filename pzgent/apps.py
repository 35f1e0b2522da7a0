"""The portal itself."""

from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.utils.translation import gettext_lazy as _

from pzgent.kernel.folding import add_function


class PortalConfig(AppConfig):
    """Composes the apps: pages, search, the API and the commands."""

    name = "pzgent"
    verbose_name = _("Portal")

    def ready(self) -> None:
        """Let SQLite fold texts: only a connection can be told how."""
        connection_created.connect(add_function)
