"""`manage.py migrate`: apply the migrations, install the triggers and record the release."""

from typing import Any

from django.conf import settings
from django.core.management.commands.migrate import Command as Migrate
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations.executor import MigrationExecutor

from pzgent.admin.roles import make_roles
from pzgent.change_feed.triggers import install_triggers, remove_triggers
from pzgent.kernel.folding import install_function
from pzgent.kernel.private_files import database_files, keep_private
from pzgent.operations.release import record_release, require_not_newer


class Command(Migrate):
    """Django's command, which also makes the files private and installs the triggers and the text folding function.

    Migrations alone cannot install the triggers: for most schema changes, Django rebuilds the table on SQLite, which
    drops its triggers.
    """

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate, then install missing triggers and the current version of the function, and make the roles.

        Raise CommandError if a newer release has used the database.
        """
        require_not_newer(options["database"])
        keep_private(settings.VAR_DIR, *database_files(settings.DATABASES[options["database"]]))
        only_asks = options["plan"] or options["check_unapplied"]
        if not only_asks and connections[options["database"]].vendor == "sqlite" and _is_behind(options):
            remove_triggers(options["database"])
        super().handle(*args, **options)
        if not only_asks:
            install_triggers(options["database"])
            install_function(options["database"])
            if options["database"] == DEFAULT_DB_ALIAS and not _is_behind({**options, "app_label": None}):
                make_roles()
            record_release(options["database"])


def _is_behind(options: dict[str, Any]) -> bool:
    """Return whether there are migrations to apply or to reverse."""
    executor = MigrationExecutor(connections[options["database"]])
    return bool(options["app_label"] or executor.migration_plan(executor.loader.graph.leaf_nodes()))
