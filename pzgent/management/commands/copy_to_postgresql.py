"""`manage.py copy_to_postgresql URL`: move a site that has outgrown SQLite to PostgreSQL."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from pzgent.operations.database_copy import CopyError, copy_to


class Command(BaseCommand):
    """Copy users, history, feed numbers and content, and compare every row; all or nothing."""

    help = "Copy the SQLite database of this site into an empty PostgreSQL database and prove that it is the same."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("url", help="postgres://user:password@host:5432/database")

    def handle(self, *args: Any, url: str, **options: Any) -> None:
        try:
            counts = copy_to(url)
        except CopyError as error:
            raise CommandError(str(error)) from error
        except DatabaseError as error:
            raise CommandError(f"Nothing was copied; PostgreSQL says: {error}") from error
        self.stdout.write(
            f"{sum(counts.values())} rows in {len(counts)} tables are the same in both databases."
        )
        self.stdout.write(
            "Uploaded files stay in MEDIA_ROOT. Set DATABASE_URL to the new database and start the site."
        )
