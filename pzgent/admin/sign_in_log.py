"""The sign-in log: who signed in or tried to, when, how, and with which result."""

from __future__ import annotations

import datetime
from ipaddress import ip_address, ip_network
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.mail import send_mail
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone, translation
from django.utils.translation import gettext

from pzgent.kernel.rest.throttling import client_of
from pzgent.models import SignInEvent, SignInEventKind

# How much of an address is kept, by IP version: the network, not the device.
PREFIXES = {4: 16, 6: 32}
REPEATED = datetime.timedelta(minutes=15)


def record(request: HttpRequest | None, account: User, kind: SignInEventKind, how: str = "") -> None:
    """Add an event to the log of an account."""
    now = timezone.now()
    if kind == SignInEventKind.THROTTLED and _is_repeated(account, now):
        return
    SignInEvent.objects.create(account=account, kind=kind, how=how, network=network_of(request))


def _is_repeated(account: User, now: datetime.datetime) -> bool:
    """Return True if a refusal was logged in the last few minutes: a program that keeps trying is logged once."""
    recent = SignInEvent.objects.filter(
        account=account, kind=SignInEventKind.THROTTLED, at__gt=now - REPEATED
    )
    return recent.exists()


def record_for_name(request: HttpRequest, name: str, kind: SignInEventKind) -> None:
    """Add an event to the log of the account with this user name, if there is one."""
    account = User.objects.filter(username=name).first()
    if account is not None:
        record(request, account, kind)


def network_of(request: HttpRequest | None) -> str:
    """Return the network that a request came from; empty if unknown."""
    try:
        address = ip_address(client_of(request)) if request is not None else None
    except ValueError:
        return ""
    return str(ip_network(f"{address}/{PREFIXES[address.version]}", strict=False)) if address else ""


def tell(account: Any, subject: str, text: str) -> None:
    """Mail the owner of an account after the transaction; nothing without an address, and no error without a server."""
    if not account.email:
        return

    def send() -> None:
        send_mail(subject, text, settings.DEFAULT_FROM_EMAIL, [account.email], fail_silently=True)

    transaction.on_commit(send)


def tell_of_reset(account: Any, by: Any) -> None:
    """Mail the owner of an account that a colleague erased its second step."""
    with translation.override(settings.LANGUAGE_CODE):
        text = gettext(
            "%(who)s erased the second step with which you sign in as “%(account)s”. You choose a new one when you "
            "sign in again. Did you not ask for this? Then call your administrator at once."
        )
        tell(
            account,
            gettext("Your second step was erased"),
            text % {"who": by.get_username(), "account": account},
        )
