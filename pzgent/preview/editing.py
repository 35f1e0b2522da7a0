"""Previews for signed-in editors; the admin site serves these."""

from __future__ import annotations

import datetime
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from pzgent.kernel.once import claim, new_token
from pzgent.models import PreviewLink
from pzgent.preview.forms import DayForm, LinkForm, moment_of, own_path, when_of
from pzgent.preview.rendering import Preview, show
from pzgent.preview.subjects import Subject, Viewer, find_subject


@require_safe
def enter(request: HttpRequest, label: str, key: str) -> HttpResponse:
    """Redirect to the preview of an item at the chosen moment, by default the first at which it is on the site."""
    viewer = Viewer(request)
    subject = _subject(viewer, label, key)
    form = DayForm(request.GET if "dag" in request.GET else None)
    if form.is_bound and not form.is_valid():
        return _show(viewer, subject, subject.get_first_moment(), False, subject.page, form)
    if form.is_bound:
        when, page = when_of(form.moment, with_drafts=form.with_drafts), form.cleaned_data["pagina"]
    else:
        when = when_of(subject.get_first_moment(), with_drafts=False)
        page = own_path(request.GET.get("pagina", ""))
    return HttpResponseRedirect(_root(subject, when) + (page or subject.page).removeprefix("/"))


@require_safe
def page(request: HttpRequest, label: str, key: str, when: str, page: str = "") -> HttpResponse:
    """Show a page of the site as of a moment, with the item as if it were published."""
    viewer = Viewer(request)
    subject = _subject(viewer, label, key)
    try:
        moment, with_drafts = moment_of(when)
    except ValueError:
        raise Http404 from None
    return _show(viewer, subject, moment, with_drafts, f"/{page}")


def _subject(viewer: Viewer, label: str, key: str) -> Subject:
    subject = find_subject(viewer, label, key)
    if subject is None:
        raise Http404
    return subject


def _root(subject: Subject, when: str) -> str:
    return reverse("admin:preview_page", args=[subject.label, subject.key, when])


def _show(
    viewer: Viewer,
    subject: Subject,
    moment: datetime.datetime,
    with_drafts: bool,
    path: str,
    form: DayForm | None = None,
) -> HttpResponse:
    """Show a page of the preview, with a form for another moment in its banner."""
    changes = subject.get_changes(viewer, moment, with_drafts=with_drafts, reveals=True)
    root, local = _root(subject, when_of(moment, with_drafts=with_drafts)), timezone.localtime(moment)
    initial = {"dag": local.date(), "uur": local.time(), "concepten": with_drafts}
    back_words, back = subject.get_way_back()
    banner: dict[str, Any] = {
        "form": form or DayForm(initial=initial, has_drafts=with_drafts or subject.has_drafts(viewer)),
        "enter": reverse("admin:preview", args=[subject.label, subject.key]),
        "back": back,
        "back_words": back_words,
        "links": reverse("admin:preview_links", args=[subject.label, subject.key])
        if viewer.may_change(subject.item)
        else "",
        "when": when_of(moment, with_drafts=with_drafts),
        "start": root + subject.page.removeprefix("/"),
        "title": str(subject.item),
    }
    try:
        return show(viewer.request, Preview(moment, changes, root, banner), path)
    except ValidationError as error:
        text = gettext("There is no preview of “%(item)s”. %(reasons)s")
        messages.error(viewer.request, text % {"item": subject.item, "reasons": " ".join(error.messages)})
        return HttpResponseRedirect(back)


@require_http_methods(["GET", "HEAD", "POST"])
def links(request: HttpRequest, label: str, key: str) -> HttpResponse:
    """Show the links to the preview of an item, make one, or withdraw one; for who may change the item."""
    viewer = Viewer(request)
    subject = _subject(viewer, label, key)
    if not viewer.may_change(subject.item):
        raise PermissionDenied
    has_drafts = subject.has_drafts(viewer)
    form = LinkForm(request.POST if "make" in request.POST else None, has_drafts=has_drafts)
    if request.method == "POST":
        with transaction.atomic():
            if _write(request, subject, form):
                return HttpResponseRedirect(request.path)
    if not form.is_bound:
        form = LinkForm(initial=_initial(request, subject), has_drafts=has_drafts)
    found = PreviewLink.objects.about(subject.label, subject.key)
    context = {
        **admin.site.each_context(request),
        "title": gettext("Links to the preview of “%(item)s”") % {"item": subject.item},
        "opts": subject.item._meta,
        "original": subject.item,
        "form": form,
        "form_once": new_token(),
        "links": [(link, request.build_absolute_uri(link.get_address())) for link in found],
        "preview": reverse("admin:preview", args=[subject.label, subject.key]),
    }
    return TemplateResponse(request, "admin/preview_links.html", context)


def _initial(request: HttpRequest, subject: Subject) -> dict[str, Any]:
    """Return the moment of the preview that the editor comes from, or else the first one."""
    try:
        moment, with_drafts = moment_of(request.GET.get("moment", ""))
    except ValueError:
        moment, with_drafts = subject.get_first_moment(), False
    local = timezone.localtime(moment)
    return {"dag": local.date(), "uur": local.time(), "concepten": with_drafts}


def _write(request: HttpRequest, subject: Subject, form: LinkForm) -> bool:
    """Make or withdraw a link; return False if the form has errors. A second click on the same form does nothing."""
    used, was_used = claim(request)
    if "make" in request.POST:
        if not form.is_valid():
            if used is not None and not was_used:
                used.delete()
            return False
        if used is None or was_used:
            messages.info(request, gettext("This was done already; the second click changed nothing."))
            return True
        _make(request, subject, form)
        used.note(request, location=request.path)
        return True
    found = PreviewLink.objects.about(subject.label, subject.key)
    link = next((link for link in found if str(link.pk) == request.POST.get("withdraw")), None)
    if link is not None and link.withdraw():
        messages.success(request, gettext("The link was withdrawn. Whoever opens it now sees that it ended."))
    return True


def _make(request: HttpRequest, subject: Subject, form: LinkForm) -> None:
    account: Any = request.user
    now = timezone.now()
    PreviewLink.objects.create(
        model=subject.label,
        key=subject.key,
        title=Truncator(str(subject.item)).chars(300),
        moment=form.moment,
        with_drafts=form.with_drafts,
        for_whom=form.cleaned_data["voor"],
        made_by=account,
        made_at=now,
        ends_at=now + datetime.timedelta(days=form.cleaned_data["dagen"]),
    )
    messages.success(
        request, gettext("The link was made. Copy it below and send it to whoever may see the preview.")
    )
