"""`manage.py load_plan`: load the starting content from the corporate plan."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from pzgent.operations.release import require_not_newer
from pzgent.starting_content.content import PlanError, read_content
from pzgent.starting_content.loading import Loader


class Command(BaseCommand):
    """Load changes in the content files, or propose them once the editors have taken over the content."""

    help = (
        "Load the content of */data/*.yaml; once editors keep the content, only propose what differs. "
        "Safe to repeat: editors' changes are never overwritten."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--root",
            type=Path,
            default=None,
            help="The folder that holds the apps' data folders (default: the project).",
        )

    def handle(self, *args: Any, root: Path | None = None, **options: Any) -> None:
        require_not_newer()
        try:
            report = Loader().load(read_content(root))
        except PlanError as error:
            shown = "\n".join(f"  {error}" for error in error.errors[:20])
            raise CommandError(f"Nothing was loaded; mend this first:\n{shown}") from error
        self.stdout.write(
            f"Content: {report.created} new, {report.updated} updated, {report.kept} unchanged."
        )
        if report.proposed:
            self.stdout.write(f"Waiting for the editors on the first page of the admin: {report.proposed}.")
        for sentence in report.skipped:
            self.stdout.write(f"Left out: {sentence}")
