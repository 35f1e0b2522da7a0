"""Sign-in to the admin, throttled against password guessing.

Failed attempts are counted in three ways, each within a sliding window of 15 minutes:

- per account and address: a strict limit;
- per account, over all addresses from which it never signed in: past the limit, each such address has one attempt left.
  Knowing a user name is not enough to lock out its owner, who signs in from a known address or, elsewhere, has one
  attempt;
- per address, over all accounts: a generous limit, because many colleagues may share a router. It does not apply to
  accounts that signed in from that address before.

The counters are database rows, which all processes share even without a cache server. An attempt is written before its
password is checked, and is included in the counts: concurrent attempts count each other. Unknown user names are counted
like existing ones, case-insensitively.
"""

from __future__ import annotations

import datetime
import hashlib
import hmac
import unicodedata
from typing import Any

from django.conf import settings
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from pzgent.admin.factors import is_protected
from pzgent.admin.sign_in_log import record_for_name
from pzgent.kernel.rest.throttling import client_of
from pzgent.models import SignIn, SignInEventKind

WINDOW = datetime.timedelta(minutes=15)
MOST_PER_PAIR = 5
MOST_PER_ACCOUNT = 20
MOST_PER_ADDRESS = 100
# How long an address remains known for an account after a successful sign-in.
TRUSTED_FOR = datetime.timedelta(days=90)
THROTTLED, NEEDS_CODE = "throttled", "needs_code"


class SignInForm(AdminAuthenticationForm):
    """Sign-in form, refused without checking the password after too many failed attempts."""

    wait = 0  # seconds to wait if the attempt was throttled
    # The account whose password was right, and whose second step is still to come.
    half_signed_in: User | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        text = gettext("This user name and this password do not go together. Mind upper and lower case.")
        self.error_messages = {**self.error_messages, "invalid_login": text}

    def clean(self) -> dict[str, Any]:
        """Count the attempt, then check the password."""
        name, password = self.cleaned_data.get("username"), self.cleaned_data.get("password")
        if name is None or not password or self.request is None:
            return super().clean()
        attempt = Attempt(name, client_of(self.request))
        self.wait = attempt.begin()
        if self.wait:
            record_for_name(self.request, name, SignInEventKind.THROTTLED)
            raise too_many(self.wait)
        try:
            cleaned = super().clean()
        except ValidationError:
            if self.half_signed_in is None:
                record_for_name(self.request, name, SignInEventKind.WRONG_PASSWORD)
            else:
                attempt.withdraw()
            raise
        attempt.succeed()
        return cleaned

    def confirm_login_allowed(self, user: Any) -> None:
        """Refuse who may not sign in; stop who has a second step before the session begins."""
        super().confirm_login_allowed(user)
        if is_protected(user):
            self.half_signed_in = user
            raise ValidationError("", code=NEEDS_CODE)


def too_many(wait: int) -> ValidationError:
    """Return the error for too many attempts, with the time to wait."""
    minutes = -(-wait // 60)
    text = ngettext(
        "Too many failed attempts to sign in. Try again in %(count)d minute.",
        "Too many failed attempts to sign in. Try again in %(count)d minutes.",
        minutes,
    )
    return ValidationError(text % {"count": minutes}, code=THROTTLED)


class Attempt:
    """An attempt to sign in to an account from an address; `kind` has counters of its own.

    Codes of a second step are counted apart. As who tries these knows the password, and a code has six digits only,
    unknown addresses together have no attempt left past the limit.
    """

    def __init__(self, name: str, address: str, kind: str = "account") -> None:
        self.account, self.address = _hash(kind, _folded(name)), _hash("address", address)
        self.left_elsewhere = 1 if kind == "account" else 0
        self.row: SignIn | None = None

    def begin(self) -> int:
        """Count this attempt as failed until it succeeds; return the seconds to wait if it exceeds a limit, or 0.

        A throttled attempt does not count, so that the wait is no longer than announced.
        """
        now = timezone.now()
        _forget(now)
        self.row = SignIn.objects.create(account=self.account, address=self.address, at=now)
        wait = self._wait(now)
        if wait:
            self.row.delete()
        return wait

    def withdraw(self) -> None:
        """Forget this attempt, which neither failed nor succeeded."""
        if self.row is not None:
            self.row.delete()

    def succeed(self) -> None:
        """Delete the failures of this account from this address, and record the address as known for the account."""
        with transaction.atomic():
            self._pair(SignIn.objects.all()).delete()
            SignIn.objects.create(
                account=self.account, address=self.address, at=timezone.now(), succeeded=True
            )

    def _wait(self, now: datetime.datetime) -> int:
        failed = SignIn.objects.filter(succeeded=False, at__gt=now - WINDOW)
        waits = [_wait_for(self._pair(failed), MOST_PER_PAIR, now)]
        own = SignIn.objects.filter(account=self.account, succeeded=True)
        if not self._pair(own).exists():
            elsewhere = failed.filter(account=self.account).exclude(address__in=own.values("address"))
            if elsewhere.count() > MOST_PER_ACCOUNT:
                waits.append(
                    _wait_for(self._pair(failed), 1, now)
                    if self.left_elsewhere
                    else _wait_for(elsewhere, MOST_PER_ACCOUNT, now)
                )
            waits.append(_wait_for(failed.filter(address=self.address), MOST_PER_ADDRESS, now))
        return max(waits)

    def _pair(self, rows: QuerySet[SignIn]) -> QuerySet[SignIn]:
        return rows.filter(account=self.account, address=self.address)


def _wait_for(failed: QuerySet[SignIn], limit: int, now: datetime.datetime) -> int:
    """Return the seconds until fewer than `limit` of these attempts, without the current one, are in the window."""
    times = list(failed.order_by("-at", "-pk").values_list("at", flat=True)[: limit + 1])
    if len(times) <= limit:
        return 0
    return max(1, int((times[-1] + WINDOW - now).total_seconds()) + 1)


def _forget(now: datetime.datetime) -> None:
    """Delete expired rows."""
    SignIn.objects.filter(succeeded=False, at__lte=now - WINDOW).delete()
    SignIn.objects.filter(at__lte=now - TRUSTED_FOR).delete()


def _folded(name: str) -> str:
    """Return the name in a canonical form, independent of case and Unicode normalization."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold()).strip()


def _hash(kind: str, text: str) -> str:
    """Return a keyed hash of a name or an address, from which it cannot be recovered."""
    key = f"{settings.SECRET_KEY}:sign-in:{kind}".encode()
    return hmac.new(key, text.encode(errors="replace"), hashlib.sha256).hexdigest()
