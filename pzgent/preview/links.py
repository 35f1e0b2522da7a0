"""Previews on a signed link, for people without an account."""

from __future__ import annotations

import logging

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from pzgent.kernel.problems import refuse
from pzgent.kernel.rest.throttling import asks_too_often
from pzgent.models import PreviewLink
from pzgent.preview.rendering import HEADERS, Preview, show
from pzgent.preview.subjects import Subject, Viewer, find_subject

# Requests of one client per minute: for pages, and with tokens that do not exist.
MOST_PAGES, MOST_GUESSES = 60, 10
logger = logging.getLogger(__name__)


@require_safe
def page(request: HttpRequest, token: str, page: str = "") -> HttpResponse:
    """Show a page of the preview that a link was made for; 410 if it works no longer, 429 for too many requests."""
    if asks_too_often(request, "preview", MOST_PAGES):
        return _sealed(refuse(request, 429))
    link = PreviewLink.objects.get_by_token(token)
    if link is None:
        is_guessing = asks_too_often(request, "preview-guess", MOST_GUESSES)
        return _sealed(refuse(request, 429 if is_guessing else 404))
    try:
        return _sealed(_shown(request, link, token, page))
    except ValidationError:  # a change of it can no longer be made
        return _sealed(_ended(request))
    except Exception:
        # Handled here: Django's own report would name the address, which is all that somebody needs to see this.
        logger.exception("The preview on link %s cannot be shown", link.pk)
        return _sealed(refuse(request, 500))


def _shown(request: HttpRequest, link: PreviewLink, token: str, page: str) -> HttpResponse:
    viewer = Viewer.of_account(request, link.made_by)
    subject = find_subject(viewer, link.model, link.key) if link.is_working else None
    if subject is None or not viewer.may_change(subject.item):
        return _ended(request)
    root = reverse("preview-link", args=[token])
    if not page and subject.page != "/":
        return HttpResponseRedirect(root + subject.page.removeprefix("/"))
    return show(request, _preview_of(link, subject, viewer, root), f"/{page}")


def _ended(request: HttpRequest) -> HttpResponse:
    context = {"title": _("This link works no longer"), "status": 410}
    return render(request, "preview/ended.html", context, status=410)


def _preview_of(link: PreviewLink, subject: Subject, viewer: Viewer, root: str) -> Preview:
    changes = subject.get_changes(viewer, link.moment, with_drafts=link.with_drafts, reveals=False)
    banner = {
        "start": root + subject.page.removeprefix("/"),
        "title": str(subject.item),
        "until": link.ends_at,
    }
    return Preview(link.moment, changes, root, banner)


def _sealed(response: HttpResponse) -> HttpResponse:
    """Return a response that nothing may keep, index or tell others about."""
    for name, value in HEADERS.items():
        response.headers[name] = value
    # Django logs the address of a refusal or fault unless it takes it for logged.
    response._has_been_logged = True  # type: ignore[attr-defined]  # as in django.utils.log
    return response
