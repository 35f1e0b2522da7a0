"""`manage.py backup FILE`: the database and the uploaded files in one archive, while the site runs."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from pzgent.backups import BackupError, write_backup


class Command(BaseCommand):
    """Writes an archive that only its owner can read."""

    help = "Back up a site on SQLite while it runs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "archive", type=Path, help="The file, for example /var/backups/pzgent-2026-11-29.tar.gz"
        )

    def handle(self, *args: Any, archive: Path, **options: Any) -> None:
        try:
            write_backup(archive)
        except BackupError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Written: {archive}")
