"""Second factors: authenticator apps and recovery codes; `passkeys` holds the third kind.

All state is in the database, so that a code is valid once however many processes there are.
"""

from __future__ import annotations

import base64
import hashlib
import io
import secrets
import time
from typing import Any

import qrcode
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from qrcode.image.svg import SvgPathImage

from pzgent.models import Factor, FactorKind

KEY_BYTES, DIGITS, STEP = 20, 6, 30
# Steps of a clock that runs ahead or behind.
TOLERANCE = 1
RECOVERY_CODES, RECOVERY_LETTERS = 10, 16
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


def is_protected(account: Any) -> bool:
    """Return whether an account has a second factor; recovery codes alone are none."""
    return Factor.objects.filter(account=account).exclude(kind=FactorKind.RECOVERY).exists()


def must_enrol(account: Any) -> bool:
    """Return whether the account has to choose a second factor before anything else."""
    return is_required() and not is_protected(account)


def is_required() -> bool:
    """Return whether every editor needs a second factor."""
    required: bool = settings.SECOND_FACTOR
    return required


# --- Authenticator apps ---------------------------------------------------------------------------
def new_key() -> str:
    """Return a new key for an authenticator app, in Base32 as these show it."""
    return base64.b32encode(secrets.token_bytes(KEY_BYTES)).decode()


def _totp(key: str) -> TOTP:
    # Every authenticator app knows SHA-1, and few know anything else.
    return TOTP(base64.b32decode(key), DIGITS, SHA1(), STEP)  # noqa: S303


def code_at(key: str, moment: float | None = None) -> str:
    """Return the code of a key at a moment (default: now)."""
    return _totp(key).generate(int(time.time() if moment is None else moment)).decode()


def step_of(key: str, code: str) -> int | None:
    """Return the time step of which this is the code, if it is a recent one."""
    now = int(time.time()) // STEP
    steps = range(now - TOLERANCE, now + TOLERANCE + 1)
    return next((step for step in steps if constant_time_compare(code_at(key, step * STEP), code)), None)


def picture_of(key: str, name: str, issuer: str) -> str:
    """Return the QR code of a key as a data URI."""
    uri = _totp(key).get_provisioning_uri(name, issuer)
    buffer = io.BytesIO()
    qrcode.make(uri, image_factory=SvgPathImage).save(buffer)
    return f"data:image/svg+xml;base64,{base64.b64encode(buffer.getvalue()).decode()}"


def add_app(account: User, key: str, code: str) -> bool:
    """Add an authenticator app that shows the right code for its key; return whether it did."""
    step = step_of(key, normalized(code))
    if step is None:
        return False
    Factor.objects.create(
        account=account, kind=FactorKind.TOTP, secret=_cipher().encrypt(key.encode()).decode(), counter=step
    )
    return True


# --- Codes ------------------------------------------------------------------------------------------
@transaction.atomic
def use_code(account: User, code: str) -> FactorKind | None:
    """Use up a code of an app or a recovery code; return which of these it was, or None for a wrong code."""
    code = normalized(code)
    rows = Factor.objects.select_for_update().filter(account=account).exclude(kind=FactorKind.PASSKEY)
    digest = _digest(code)
    for factor in rows:
        if factor.kind == FactorKind.RECOVERY:
            if secrets.compare_digest(factor.secret, digest):
                factor.delete()
                return FactorKind.RECOVERY
        elif (step := _unused_step(factor, code)) is not None:
            factor.counter, factor.used = step, timezone.now()
            factor.save(update_fields=["counter", "used"])
            return FactorKind.TOTP
    return None


def _unused_step(factor: Factor, code: str) -> int | None:
    try:
        key = _cipher().decrypt(factor.secret.encode()).decode()
    except InvalidToken:  # encrypted with a former SECRET_KEY
        return None
    step = step_of(key, code)
    return step if step is not None and step > factor.counter else None


def new_recovery_codes(account: User) -> list[str]:
    """Replace the recovery codes of an account; only their digests are stored."""
    with transaction.atomic():
        Factor.objects.filter(account=account, kind=FactorKind.RECOVERY).delete()
        codes = [
            "".join(secrets.choice(ALPHABET) for _letter in range(RECOVERY_LETTERS))
            for _code in range(RECOVERY_CODES)
        ]
        Factor.objects.bulk_create(
            Factor(account=account, kind=FactorKind.RECOVERY, secret=_digest(code)) for code in codes
        )
    return ["-".join(code[start : start + 4] for start in range(0, RECOVERY_LETTERS, 4)) for code in codes]


def recovery_codes_left(account: User) -> int:
    """Return the number of recovery codes that were not used yet."""
    return Factor.objects.filter(account=account, kind=FactorKind.RECOVERY).count()


def erase(account: User) -> int:
    """Delete every factor of an account; return their number."""
    return Factor.objects.filter(account=account).delete()[0]


def normalized(code: str) -> str:
    """Return a code as it is stored, however it was typed."""
    return "".join(code.split()).replace("-", "").lower()


def _digest(code: str) -> str:
    """Return the digest of a recovery code, whose 78 random bits need no salt."""
    return hashlib.sha256(f"recovery:{code}".encode()).hexdigest()


def _cipher() -> Fernet:
    """Return the cipher of the keys in the database, which a copy of the database alone cannot read."""
    key = hashlib.sha256(f"{settings.SECRET_KEY}:second-factor".encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))
