"""`manage.py doctor`: check the health of this installation, with advice for each problem."""

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from pzgent.operations.doctor import Finding, examine


class Command(BaseCommand):
    """Print a sentence per finding; exit with status 1 if there is a problem."""

    help = "Say what is well with this installation, what is not, and what to do."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="For programs.")

    def handle(self, *args: Any, **options: Any) -> None:
        findings = examine()
        if options["json"]:
            self.stdout.write(json.dumps([finding._asdict() for finding in findings], indent=1))
        else:
            for finding in findings:
                self.stdout.write(_told(finding))
        if not all(finding.is_well for finding in findings):
            sys.exit(1)


def _told(finding: Finding) -> str:
    sign = "well " if finding.is_well else "WRONG"
    advice = f"\n      -> {finding.advice}" if finding.advice else ""
    return f"{sign} {finding.subject}: {finding.sentence}{advice}"
