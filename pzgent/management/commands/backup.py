"""`manage.py backup [FILE]`: back up the database and the uploaded files to one archive, while the site runs."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from pzgent.operations.backups import BackupError, next_archive, remove_old_archives, write_backup


class Command(BaseCommand):
    """Write an archive that only its owner can read."""

    help = "Back up the site while it runs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "archive",
            type=Path,
            nargs="?",
            help="The file. Left out: a file of this moment in BACKUPS_FOLDER, where the oldest are removed.",
        )

    def handle(self, *args: Any, archive: Path | None, **options: Any) -> None:
        place = archive or next_archive()
        try:
            write_backup(place)
        except BackupError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Written: {place}")
        if archive is None:
            for old in remove_old_archives():
                self.stdout.write(f"Removed: {old}")
