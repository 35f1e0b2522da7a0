"""Remembers the newest number of each change feed outside the database, to detect a restored database.

A restore brings back the feed's identity with an older number. Numbers handed out after the backup would then be
reused for other changes, and a client's copy of the feed would stay wrong without any error.
"""

from __future__ import annotations

import json
import logging
from pathlib import Path

from django.conf import settings

from pzgent.kernel.shared_files import write_whole
from pzgent.models import FeedState, new_feed_identity

logger = logging.getLogger(__name__)


def was_restored(state: FeedState) -> bool:
    """Return whether this machine has served a higher number of the feed than its database knows."""
    return _read().get(state.identity, 0) > state.number


def witness(state: FeedState) -> None:
    """Remember the newest number of the feed. On a read-only disk only this protection is lost."""
    known = _read()
    if known.get(state.identity, -1) >= state.number:
        return
    path = Path(settings.FEED_WITNESS)
    try:
        write_whole(path, json.dumps({**known, state.identity: state.number}).encode())
    except OSError as error:
        logger.warning("The newest number of the change feed cannot be remembered: %s", error)


def _read() -> dict[str, int]:
    try:
        known = json.loads(Path(settings.FEED_WITNESS).read_bytes())
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}


def reset_identity() -> None:
    """Give the feed a new identity, so that clients with a copy start again."""
    FeedState.objects.update(identity=new_feed_identity())
