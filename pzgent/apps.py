"""App configuration of the portal."""

from django.apps import AppConfig, apps
from django.contrib.auth.signals import user_logged_in
from django.db.backends.signals import connection_created
from django.utils.translation import gettext_lazy as _

from pzgent.kernel.folding import add_function
from pzgent.kernel.sessions import begin


class PortalConfig(AppConfig):
    """The portal app, which composes the other apps: pages, search, API and commands."""

    name = "pzgent"
    verbose_name = _("Portal")

    def ready(self) -> None:
        """Register the text folding function on every new SQLite connection: such functions exist per connection.

        Register what notes the beginning of each session. Give Django's app of accounts a plain name.
        """
        apps.get_app_config("auth").verbose_name = _("Accounts and rights")
        connection_created.connect(add_function)
        user_logged_in.connect(begin, dispatch_uid="begin")
