"""`manage.py erase_second_step NAME`: let somebody who lost every factor, and has no colleague, sign in again."""

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError

from pzgent.admin.factors import erase
from pzgent.admin.sign_in_log import record
from pzgent.kernel.sessions import sign_out_everywhere
from pzgent.models import SignInEventKind


class Command(BaseCommand):
    """Erase the second step of one account and end its sessions; the sign-in log tells."""

    help = "Erase the second step of an account, whose owner chooses a new one after signing in."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the user name."""
        parser.add_argument("name", help="user name of the account")

    def handle(self, *args: Any, name: str, **options: Any) -> None:
        """Erase it. Raise CommandError for an unknown account."""
        account = User.objects.filter(username=name).first()
        if account is None:
            raise CommandError(f"There is no account “{name}”.")
        erase(account)
        sign_out_everywhere(account.pk)
        record(None, account, SignInEventKind.FACTORS_RESET, "command")
        self.stdout.write(f"“{name}” chooses a new second step after signing in.")
