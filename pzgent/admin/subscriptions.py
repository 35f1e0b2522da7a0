"""The page on which an account asks for the weekly mail and its private calendar, and stops both."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext

from pzgent.desk.mail import week_of
from pzgent.models import DeskSubscription


def subscription_page(site: Any, request: HttpRequest) -> HttpResponse:
    """Show what the account gets, or change one of the two."""
    account: Any = request.user
    own = DeskSubscription.objects.filter(account=account).first() or DeskSubscription(account=account)
    if request.method == "POST":
        _change(request, own)
        return HttpResponseRedirect(request.path)
    address = own.get_calendar_address()
    context = {
        **site.each_context(request),
        "title": gettext("Mail and calendar"),
        "subscription": own,
        "sends_mail": settings.SENDS_MAIL,
        "calendar": request.build_absolute_uri(address) if address else "",
    }
    response = TemplateResponse(request, "admin/account/subscription.html", context)
    response.headers["Cache-Control"] = "no-store"
    return response


def _change(request: HttpRequest, own: DeskSubscription) -> None:
    if "digest" in request.POST:
        own.weekly_digest = request.POST["digest"] == "on"
        own.digest_week = week_of(timezone.now())  # the first one comes next week
        text = (
            gettext("You get the mail every Monday, if there is something to tell.")
            if own.weekly_digest
            else gettext("You get no weekly mail any more.")
        )
    elif "new_calendar" in request.POST:
        own.calendar_key = uuid.uuid4()
        text = gettext("This is the address of your calendar. An older address works no longer.")
    elif "no_calendar" in request.POST:
        own.calendar_key = None
        text = gettext("The address of your calendar works no longer.")
    else:
        return
    own.save()
    messages.success(request, text)
