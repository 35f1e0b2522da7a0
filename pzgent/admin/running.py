"""The notices on every page of the site now, for the bar on every page of the admin."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse

from contact.models import Notice
from pzgent.kernel.editing import may, may_publish


@dataclass(frozen=True)
class RunningNotice:
    """A notice in force; without an address for ending it if the editor may not do that."""

    title: str
    ends: datetime.datetime
    address: str
    end_address: str


def running_notices(request: HttpRequest) -> Iterator[RunningNotice]:
    """Yield the notices in force, for editors who may view notices. One query."""
    user = request.user
    if not (user.is_active and user.is_staff and may(request, "view", Notice)):
        return
    may_end = may_publish(request, Notice)
    for notice in Notice.objects.in_force():
        end = reverse("admin:contact_notice_end", args=[notice.pk]) if may_end else ""
        address = reverse("admin:contact_notice_change", args=[notice.pk])
        yield RunningNotice(notice.title, notice.ends, address, end)
