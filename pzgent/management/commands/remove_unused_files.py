"""`manage.py remove_unused_files`: delete uploaded files that no row refers to."""

import datetime
from typing import Any

from django.core.files.storage import default_storage
from django.core.management.base import BaseCommand
from django.utils import timezone

from pzgent.kernel.files.fields import FOLDER, is_used

# Folders of uploaded files from before they got random names.
FORMER_FOLDERS = ("documents", "logos")
# A more recent file may belong to a row that is being saved.
GRACE = datetime.timedelta(days=1)


class Command(BaseCommand):
    """Delete leftovers of crashes, bulk updates and older versions; idempotent, and safe during concurrent writes."""

    help = "Remove uploaded files that no row names and that are over a day old."

    def handle(self, *args: Any, **options: Any) -> None:
        removed = 0
        for folder in (FOLDER, *FORMER_FOLDERS):
            names = default_storage.listdir(folder)[1] if default_storage.exists(folder) else []
            for name in (f"{folder}/{file}" for file in names):
                is_old = default_storage.get_modified_time(name) < timezone.now() - GRACE
                if is_old and not is_used(name):
                    default_storage.delete(name)
                    removed += 1
        self.stdout.write(f"Removed: {removed}.")
