"""`manage.py migrate`: brings the tables up to date, installs the triggers and records the release."""

from typing import Any

from django.conf import settings
from django.core.management.commands.migrate import Command as Migrate
from django.db import connections
from django.db.migrations.executor import MigrationExecutor

from pzgent.change_feed.triggers import install_triggers, remove_triggers
from pzgent.kernel.folding import install_function
from pzgent.kernel.private_files import database_files, keep_private
from pzgent.operations.release import record_release, require_not_newer


class Command(Migrate):
    """Django's own command, with files that others cannot read, then the triggers and the function that folds texts.

    The triggers cannot be part of a migration alone: SQLite makes a table anew for most changes of it and drops its
    triggers.
    """

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate, then put a trigger on each table that has none, and the function as it is now.

        Older code than the database's is refused.
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
            record_release(options["database"])


def _is_behind(options: dict[str, Any]) -> bool:
    """Whether there are migrations to apply, or to undo."""
    executor = MigrationExecutor(connections[options["database"]])
    return bool(options["app_label"] or executor.migration_plan(executor.loader.graph.leaf_nodes()))
