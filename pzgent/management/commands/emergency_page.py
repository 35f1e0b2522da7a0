"""`manage.py emergency_page`: write the page that the proxy serves when no process of the site answers."""

from typing import Any

from django.core.management.base import BaseCommand

from pzgent.operations.emergency import write_pages


class Command(BaseCommand):
    """Write the page in each language, with the current emergency numbers; works without the database."""

    help = "Write the page that nginx shows when no process of the site answers."

    def handle(self, *args: Any, **options: Any) -> None:
        for path in write_pages():
            self.stdout.write(f"Written: {path}")
