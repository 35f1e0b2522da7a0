"""Mail of the desk, sent by the background worker: a weekly digest, and failed publications at once.

It holds titles and links only. A message is claimed in the database before it is sent, so that no two workers send it;
one that the mail server refuses is given back, and sent later.
"""

from __future__ import annotations

import datetime
import logging
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.models import User
from django.core.mail import send_mail
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext

from pzgent.desk.due import REVIEW, find_due, releases, request_of
from pzgent.kernel.editing.approvals import requests_for
from pzgent.kernel.editing.second_person import PUBLISH
from pzgent.kernel.versions.models import Bundle, WorkingCopy
from pzgent.kernel.zone import get_zone
from pzgent.models import DeskSubscription

logger = logging.getLogger(__name__)
AHEAD = datetime.timedelta(days=30)
# The digest of a week is sent from this hour on Monday.
FROM_HOUR = 7
MOST = 15


def send_desk_mail(now: datetime.datetime | None = None) -> int:
    """Send everything that is due; return the number of messages. Two queries if there is nothing."""
    if not settings.SENDS_MAIL:
        return 0
    now = now or timezone.now()
    with translation.override(settings.LANGUAGE_CODE):
        return tell_of_failures() + send_digests(now)


def week_of(now: datetime.datetime) -> datetime.date:
    """Return the Monday of the last week whose digest may be sent."""
    begun = timezone.localtime(now) - datetime.timedelta(hours=FROM_HOUR)
    return begun.date() - datetime.timedelta(days=begun.weekday())


def send_digests(now: datetime.datetime) -> int:
    """Send this week's digest to each account that wants one and had none yet; return how many were sent."""
    week, sent = week_of(now), 0
    due = DeskSubscription.objects.digest_due(week).select_related("account")
    for subscription in list(due):
        before = subscription.digest_week
        if not DeskSubscription.objects.claim(subscription.pk, week):
            continue
        text = digest_for(subscription.account, timezone.localtime(now).date())
        if text and _send(_subject(gettext("what is due this week")), text, [subscription.account.email]):
            sent += 1
        elif text:
            DeskSubscription.objects.filter(pk=subscription.pk).update(digest_week=before)
    return sent


def digest_for(account: Any, today: datetime.date) -> str:
    """Return the text of a digest; empty if there is nothing to tell."""
    request = request_of(account)
    waiting, asked = requests_for(admin.site, request)
    due = find_due(request, today, today + AHEAD, with_overdue=True)
    reviews = [one for one in due if one.what == REVIEW and one.day <= today]
    coming = [one for one in due if one.what != REVIEW]
    parts = (
        (gettext("Waiting for you to approve"), [_line(one.title, one.address) for one in waiting]),
        (
            gettext("Sent back to you"),
            [_line(one.title, one.address) for one in asked if one.item.is_sent_back],
        ),
        (
            gettext("Could not be published"),
            [_line(str(item), address) for item, address in releases(request, failed=True)],
        ),
        (
            gettext("Goes live or ends within 30 days"),
            [_line(f"{date_format(one.day)}: {one.words}", one.address) for one in coming],
        ),
        (gettext("To check again"), [_line(one.title, one.address) for one in reviews]),
    )
    blocks = [_block(title, lines) for title, lines in parts if lines]
    return "\n\n".join([*blocks, _farewell()]) if blocks else ""


def tell_of_failures() -> int:
    """Mail a failed publication, once, to every account that may publish it; return how many failures were told."""
    told = 0
    for kind in (WorkingCopy, Bundle):
        failed: Any = kind.objects.filter(is_told=False, publish_at__isnull=False).exclude(problem="")
        for item in failed:
            mine = kind.objects.filter(pk=item.pk, is_told=False)
            if not mine.update(is_told=True):
                continue
            if _tell(item):
                told += 1
            else:
                kind.objects.filter(pk=item.pk).update(is_told=False)
    return told


def _tell(item: WorkingCopy | Bundle) -> bool:
    """Mail one failure; return False if the server refused it."""
    lines: dict[str, list[str]] = {}
    for account in User.objects.with_perm(PUBLISH).filter(is_staff=True).exclude(email=""):
        for failed, address in releases(request_of(account), failed=True):
            if failed == item:
                lines.setdefault(_line(str(item), address), []).append(account.email)
    intro = gettext(
        "This was to be published now, and could not be. The page says why; its plan still stands."
    )
    subject = _subject(gettext("a publication failed"))
    return all(_send(subject, f"{intro}\n\n{line}", to) for line, to in lines.items())


def _send(subject: str, text: str, to: list[str]) -> bool:
    """Send a message, each account its own; return whether the server took all."""
    try:
        for address in to:
            send_mail(subject, text, settings.DEFAULT_FROM_EMAIL, [address])
    except OSError:  # smtplib's errors are of this class too
        logger.exception("Mail of the desk was not sent")
        return False
    return True


def _subject(words: str) -> str:
    return gettext("Portal of %(police)s: %(words)s") % {**get_zone().terms, "words": words}


def _line(title: str, address: str) -> str:
    return f"- {title}\n  {settings.BASE_URL}{address}"


def _block(title: str, lines: Iterable[str]) -> str:
    shown = list(lines)
    more = len(shown) - MOST
    rest = [gettext("… and %(count)d more.") % {"count": more}] if more > 0 else []
    return "\n".join([title.upper(), *shown[:MOST], *rest])


def _farewell() -> str:
    address = f"{settings.BASE_URL}{reverse('admin:subscription')}"
    return gettext("You asked for this mail. Stop it here: %(address)s") % {"address": address}
