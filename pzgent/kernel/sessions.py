"""Sessions of editors: they end after a pause and after a working day, and know when somebody proved who they are."""

import time
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase

SIGNED_IN, SEEN, CONFIRMED = "signed_in_at", "seen_at", "confirmed_at"
# A session is written at most this often to note that it is in use.
NOTED_EVERY = 60


def begin(sender: Any, request: Any, **more: Any) -> None:
    """Note when a session began; receives the signal that Django sends however somebody signs in."""
    request.session[SIGNED_IN] = request.session[SEEN] = int(time.time())


def end_if_over(session: SessionBase) -> None:
    """Empty the session of an account after a pause or a working day; otherwise note that it is in use."""
    if SESSION_KEY not in session:
        return
    now = int(time.time())
    started = session.setdefault(SIGNED_IN, now)
    seen = session.get(SEEN, now)
    if now - seen > settings.SESSION_IDLE_MINUTES * 60 or now - started > settings.SESSION_COOKIE_AGE:
        session.flush()
    elif SEEN not in session or now - seen >= NOTED_EVERY:
        session[SEEN] = now


def confirm(session: SessionBase) -> None:
    """Note that the account proved just now who it is."""
    session[CONFIRMED] = int(time.time())


def is_confirmed(session: SessionBase, within_minutes: int) -> bool:
    """Return whether the account signed in or proved who it is in the last minutes."""
    last = max(session.get(SIGNED_IN, 0), session.get(CONFIRMED, 0))
    return time.time() - last <= within_minutes * 60


def sign_out_everywhere(account_id: Any, keep: str | None = None) -> int:
    """End all sessions of an account but the one with the key `keep`; return their number."""
    sessions: Any = apps.get_model("sessions", "Session")
    own = [
        session.pk
        for session in sessions.objects.all()
        if session.pk != keep and session.get_decoded().get(SESSION_KEY) == str(account_id)
    ]
    ended: int = sessions.objects.filter(pk__in=own).delete()[0]
    return ended
