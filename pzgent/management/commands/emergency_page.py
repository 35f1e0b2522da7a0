"""`manage.py emergency_page`: the page that the proxy shows when no process of the site answers."""

from typing import Any

from django.core.management.base import BaseCommand

from pzgent.operations.emergency import write_pages


class Command(BaseCommand):
    """Writes the page in each language with the emergency numbers of today's data; works without the database."""

    help = "Write the page that nginx shows when no process of the site answers."

    def handle(self, *args: Any, **options: Any) -> None:
        for path in write_pages():
            self.stdout.write(f"Written: {path}")
