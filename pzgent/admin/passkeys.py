"""Passkeys (WebAuthn): registration and use; the state of each ceremony is in the session."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from fido2.server import Fido2Server
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from pzgent.models import Factor, FactorKind

STATE = "passkey_state"
# Raised for what a browser may send.
UNUSABLE = (ValueError, TypeError, KeyError, AttributeError, IndexError)


def _origin(request: HttpRequest) -> str:
    return settings.BASE_URL or f"{request.scheme}://{request.get_host()}"


def _server(request: HttpRequest) -> Fido2Server:
    origin = _origin(request)
    site = PublicKeyCredentialRpEntity(name=urlsplit(origin).netloc, id=urlsplit(origin).hostname or "")
    return Fido2Server(site, verify_origin=lambda asked: asked == origin)


def _of(account: User) -> dict[bytes, Factor]:
    rows = Factor.objects.filter(account=account, kind=FactorKind.PASSKEY)
    return {_credential(row).credential_id: row for row in rows}


def _credential(factor: Factor) -> AttestedCredentialData:
    return AttestedCredentialData(base64.b64decode(factor.secret))


def has_passkey(account: User) -> bool:
    """Return whether an account has a passkey."""
    return Factor.objects.filter(account=account, kind=FactorKind.PASSKEY).exists()


def begin_registration(request: HttpRequest, account: User) -> dict[str, Any]:
    """Return the options with which the browser makes a passkey."""
    name = account.get_username()
    user = PublicKeyCredentialUserEntity(name=name, id=str(account.pk).encode(), display_name=name)
    options, state = _server(request).register_begin(
        user,
        [_credential(row) for row in _of(account).values()],
        resident_key_requirement=ResidentKeyRequirement.DISCOURAGED,
        user_verification=UserVerificationRequirement.PREFERRED,
    )
    request.session[STATE] = state
    return dict(options)


def add_passkey(request: HttpRequest, account: User, name: str, answer: str) -> bool:
    """Add the passkey that the browser made; return whether its answer was right."""
    state = request.session.pop(STATE, None)
    try:
        made = _server(request).register_complete(state, _parsed(answer)).credential_data
    except UNUSABLE:
        return False
    if made is None or made.credential_id in _of(account):
        return False
    secret = base64.b64encode(bytes(made)).decode()
    Factor.objects.create(account=account, kind=FactorKind.PASSKEY, name=name[:60], secret=secret)
    return True


def begin_use(request: HttpRequest, account: User) -> dict[str, Any]:
    """Return the options with which the browser asks for one of the passkeys of an account."""
    options, state = _server(request).authenticate_begin(
        [_credential(row) for row in _of(account).values()],
        user_verification=UserVerificationRequirement.PREFERRED,
    )
    request.session[STATE] = state
    return dict(options)


@transaction.atomic
def use_passkey(request: HttpRequest, account: User, answer: str) -> bool:
    """Return whether the browser answered with a passkey of the account, for the challenge in this session.

    A signature count that does not increase tells of a copied key, which is refused.
    """
    state, known = request.session.pop(STATE, None), _of(account)
    try:
        parsed = _parsed(answer)
        used = _server(request).authenticate_complete(
            state, [_credential(row) for row in known.values()], parsed
        )
        count = AuthenticationResponse.from_dict(parsed).response.authenticator_data.counter
    except UNUSABLE:
        return False
    factor = Factor.objects.select_for_update().get(pk=known[used.credential_id].pk)
    if count and count <= factor.counter:
        return False
    factor.counter, factor.used = count, timezone.now()
    factor.save(update_fields=["counter", "used"])
    return True


def _parsed(answer: str) -> Mapping[str, Any]:
    """Return the answer of the browser. Raises ValueError if it is none."""
    parsed = json.loads(answer)
    if not isinstance(parsed, dict):
        raise ValueError
    return parsed
