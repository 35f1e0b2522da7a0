"""`manage.py remove_unused_files`: removes from disk what no row names."""

import datetime
from typing import Any

from django.core.files.storage import default_storage
from django.core.management.base import BaseCommand
from django.utils import timezone

from pzgent.kernel.files.fields import FOLDER, is_used

# Where files were kept before they had random names.
FORMER_FOLDERS = ("documents", "logos")
# A file this young may belong to a row that is being saved.
GRACE = datetime.timedelta(days=1)


class Command(BaseCommand):
    """Finds what a crash, an update in bulk or an older version left behind; safe to repeat, and while others write."""

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
