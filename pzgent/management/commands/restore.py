"""`manage.py restore FILE`: restore the database and the uploaded files from a backup."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from pzgent.operations.backups import BackupError, restore_backup


class Command(BaseCommand):
    """Replace the content of the site by that of an archive."""

    help = "Restore a backup of the site."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "archive", type=Path, help="The file, for example /var/backups/pzgent-2026-11-29.tar.gz"
        )

    def handle(self, *args: Any, archive: Path, **options: Any) -> None:
        try:
            restore_backup(archive)
        except BackupError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Restored: {archive}. Run migrate when the backup comes from an older release.")
