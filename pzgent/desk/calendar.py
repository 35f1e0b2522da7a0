"""The private calendar of what is due for an account, at a secret address."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterator

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from contact.downloads import Line, calendar, escaped, ical_datetime
from pzgent.desk.due import Due, find_due, request_of
from pzgent.kernel.translations import DUTCH
from pzgent.kernel.zone import get_zone
from pzgent.models import DeskSubscription

BEHIND, AHEAD = datetime.timedelta(days=30), datetime.timedelta(days=365)
HEADERS = {
    "Cache-Control": "private, no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
}


@require_safe
def desk_calendar(request: HttpRequest, token: str) -> HttpResponse:
    """Return the calendar of the account that this secret address belongs to; 404 if there is none."""
    subscription = DeskSubscription.objects.get_by_token(token)
    if subscription is None:
        raise Http404
    today = timezone.localdate()
    base = settings.BASE_URL or request.build_absolute_uri("/").rstrip("/")
    with translation.override(DUTCH):
        due = find_due(request_of(subscription.account), today - BEHIND, today + AHEAD)
        name = gettext("Due on the portal of %(police)s") % get_zone().terms
        text = calendar(name, (line for one in due for line in _event(one, base)))
    return HttpResponse(text, content_type="text/calendar; charset=utf-8", headers=HEADERS)


def _event(due: Due, base: str) -> Iterator[Line]:
    """Yield the lines of one event: at its moment, or all day."""
    identity = uuid.uuid5(uuid.NAMESPACE_URL, f"{base}/{due.key}")
    yield from (("BEGIN", "VEVENT"), ("UID", str(identity)), ("DTSTAMP", ical_datetime(timezone.now())))
    if isinstance(due.when, datetime.datetime):
        yield ("DTSTART", ical_datetime(due.when))
    else:
        yield ("DTSTART;VALUE=DATE", f"{due.when:%Y%m%d}")
    yield from (
        ("SUMMARY", escaped(due.words)),
        ("URL", f"{base}{due.address}"),
        ("TRANSP", "TRANSPARENT"),
        ("END", "VEVENT"),
    )
