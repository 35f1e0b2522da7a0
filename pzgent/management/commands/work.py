"""`manage.py work`: run the background worker in a process of its own."""

import signal
from typing import Any

from django.core.management.base import BaseCommand

from pzgent.worker import Worker


class Command(BaseCommand):
    """Run until SIGTERM or SIGINT. While it runs, the web processes leave the background work to it."""

    help = "Number the changes of the data in the background until SIGTERM; without it a process that answers does so."

    def handle(self, *args: Any, **options: Any) -> None:
        worker = Worker()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: worker.stop())
        worker.work()
