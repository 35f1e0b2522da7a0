"""`manage.py reset_feed`: make all followers of the change feed start again."""

from typing import Any

from django.core.management.base import BaseCommand

from pzgent.change_feed.witness import reset_identity


class Command(BaseCommand):
    """Give the change feed a new identity; required after restoring an older database on another machine."""

    help = "Give the change feed another identity: who keeps a copy of the open data begins again."

    def handle(self, *args: Any, **options: Any) -> None:
        reset_identity()
        self.stdout.write("The change feed has another identity. Copies of the open data begin again.")
