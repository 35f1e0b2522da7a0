"""`manage.py migrate`: brings the tables up to date, installs the triggers and records the release."""

from typing import Any

from django.conf import settings
from django.core.management.commands.migrate import Command as Migrate

from pzgent.folding import install_function
from pzgent.private_files import database_files, keep_private
from pzgent.release import record_release, require_not_newer
from pzgent.triggers import install_triggers


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
        super().handle(*args, **options)
        if not (options["plan"] or options["check_unapplied"]):
            install_triggers(options["database"])
            install_function(options["database"])
            record_release(options["database"])
