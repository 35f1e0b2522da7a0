"""Approval by a second person: asked for a copy or a bundle, and answered by publishing it or sending it back."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pzgent.kernel.editing.problems import ExplainingForm
from pzgent.kernel.editing.rights import may, may_publish
from pzgent.kernel.editing.second_person import PUBLISH, beside_live, works_solo
from pzgent.kernel.editing.version_admin import log_text
from pzgent.kernel.versions.copies import stored_object
from pzgent.kernel.versions.models import Approvable, ApprovalState, Bundle, WorkingCopy

LONGEST = 2000
MOST = 20


def name_of(account: Any) -> str:
    """Return the name of an account as colleagues read it; empty for none."""
    return "" if account is None else account.get_full_name() or account.get_username()


class _Colleagues(forms.ModelChoiceField):
    """A choice of accounts by name."""

    def label_from_instance(self, obj: Any) -> str:
        """Return the name of the account."""
        return name_of(obj)


class AskForm(ExplainingForm):
    """The request for approval: to whom, and what to look at."""

    prefix = "ask"

    colleague = _Colleagues(
        User.objects.none(),
        label=_("To whom"),
        required=False,
        empty_label=_("whoever may publish"),
        help_text=_("Empty: everybody who may publish sees it on the first page."),
    )
    note = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}),
        help_text=_("What to look at, for example “The hours are from the service itself, 12 November”."),
    )

    def __init__(self, *args: Any, editor: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        publishers = User.objects.with_perm(PUBLISH).filter(is_staff=True).exclude(pk=editor.pk)
        self.fields["colleague"].queryset = publishers.order_by("first_name", "last_name", "username")  # type: ignore[attr-defined]  # a choice


class SendBackForm(ExplainingForm):
    """The remark with which a copy or a bundle is sent back."""

    prefix = "back"

    remark = forms.CharField(
        label=_("Remark"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}),
        help_text=_("What has to change, for example “The number of the desk is 09 266 61 30”."),
    )


def words_about(item: Approvable) -> str:
    """Return how far the approval has come, as a sentence; empty if it was not asked."""
    asked = {"who": name_of(item.asked_by), "when": _day(item.asked_at)}
    if item.is_sent_back:
        said = {"who": name_of(item.answered_by), "when": _day(item.answered_at), "remark": item.remark}
        return gettext("Sent back by %(who)s on %(when)s: %(remark)s") % said
    if item.is_stale:
        return (
            gettext(
                "Changed after %(who)s asked for approval on %(when)s: what was asked no longer counts. Ask again."
            )
            % asked
        )
    if not item.is_waiting:
        return ""
    if item.asked_of is not None:
        said = {**asked, "colleague": name_of(item.asked_of)}
        return gettext("%(who)s asked %(colleague)s for approval on %(when)s.") % said
    return gettext("%(who)s asked for approval on %(when)s.") % asked


def _day(moment: datetime.datetime | None) -> str:
    return date_format(localtime(moment), "DATETIME_FORMAT") if moment is not None else ""


def may_answer(request: HttpRequest, item: Approvable) -> bool:
    """Return whether the account may send the copy or bundle back: somebody else asked, and it may publish."""
    is_asked = item.approval == ApprovalState.ASKED
    return is_asked and item.asked_by_id != request.user.pk and request.user.has_perm(PUBLISH)


def approval_context(request: HttpRequest, item: Approvable, ask_form: Any, back_form: Any) -> dict[str, Any]:
    """Return what the page of a copy or a bundle shows of its approval."""
    return {
        "approval": words_about(item),
        "approval_note": item.note if item.approval else "",
        "ask_form": ask_form or AskForm(editor=request.user),
        "back_form": back_form or SendBackForm(),
        "may_answer": may_answer(request, item),
        "must_ask": not works_solo(request) or not request.user.has_perm(PUBLISH),
    }


def ask(model_admin: Any, request: HttpRequest, obj: Any, item: Approvable) -> AskForm | None:
    """Ask for the approval that a form requests, and log it; return the form if it is invalid."""
    form = AskForm(request.POST, editor=request.user)
    if not form.is_valid():
        return form
    colleague, note = form.cleaned_data["colleague"], form.cleaned_data["note"]
    item.ask_approval(request.user, note, colleague)
    _log(model_admin, request, obj, gettext("Asked for approval."), note)
    messages.success(request, gettext("You asked for approval. The answer will be on your first page."))
    return None


def send_back(model_admin: Any, request: HttpRequest, obj: Any, item: Approvable) -> SendBackForm | None:
    """Send a copy or a bundle back, and log it; return the form if it is invalid. Raises PermissionDenied."""
    if not may_answer(request, item):
        raise PermissionDenied
    form = SendBackForm(request.POST)
    if not form.is_valid():
        return form
    item.send_back(request.user, form.cleaned_data["remark"])
    call_off_unless_solo(request, item, by_answer=True)
    _log(model_admin, request, obj, gettext("Sent back."), form.cleaned_data["remark"])
    messages.success(request, gettext("It was sent back to %(who)s.") % {"who": name_of(item.asked_by)})
    return None


def _log(model_admin: Any, request: HttpRequest, obj: Any, text: str, words: str) -> None:
    with beside_live(request, is_open=True):
        log_text(model_admin, request, obj, f"{text} {words}".strip())


def call_off_unless_solo(request: HttpRequest, item: Any, *, by_answer: bool = False) -> None:
    """Call off the planned publication of a copy or a bundle whose content this account changed or refused.

    It stays if the account could plan it itself.
    """
    if item is None or item.publish_at is None or (may_publish(request) and not by_answer):
        return
    item.call_off()
    text = gettext("The planned publication of “%(item)s” was called off: ask for approval again.")
    messages.warning(request, text % {"item": item})


@dataclass(frozen=True)
class Request:
    """A copy or a bundle with its approval, as the first page of the admin shows it."""

    item: Any
    title: str
    kind: str
    address: str
    words: str
    is_for_me: bool = False


def requests_for(site: AdminSite, request: HttpRequest) -> tuple[list[Request], list[Request]]:
    """Return what waits for this account to approve, asked of it by name first, and what it asked. Two queries."""
    own, waiting = [], []
    for one in _requests(site, request):
        if one.item.asked_by_id == request.user.pk:
            own.append(one)
        elif one.item.is_waiting and one.item.publish_at is None:
            waiting.append(one)
    may_answer_any = request.user.has_perm(PUBLISH)
    waiting.sort(key=lambda one: (not one.is_for_me, one.item.asked_at))
    return (waiting[:MOST] if may_answer_any else []), own[:MOST]


def _requests(site: AdminSite, request: HttpRequest) -> Iterator[Request]:
    """Yield every request about something that this account may change, newest first."""
    from pzgent.kernel.editing.copy_admin import WorkingCopyAdmin

    people = ("asked_by", "asked_of", "answered_by")
    admins = {
        model._meta.label_lower: model_admin
        for model, model_admin in site._registry.items()
        if isinstance(model_admin, WorkingCopyAdmin) and model_admin.has_change_permission(request)
    }
    copies = WorkingCopy.objects.filter(model__in=admins, bundle=None).exclude(approval="")
    for copy in copies.select_related(*people).order_by("-asked_at")[: 5 * MOST]:
        model_admin = admins[copy.model]
        if model_admin.has_change_permission(request, stored_object(copy)):
            address = model_admin.get_copy_address(copy.object_id)
            yield _request(request, copy, str(model_admin.opts.verbose_name), address)
    bundles = Bundle.objects.filter(published_at=None).exclude(approval="").select_related(*people)
    for bundle in bundles.order_by("-asked_at")[:MOST] if may(request, "view", Bundle) else ():
        address = reverse("admin:pzgent_bundle_release", args=[bundle.pk])
        yield _request(request, bundle, str(Bundle._meta.verbose_name), address)


def _request(request: HttpRequest, item: Any, kind: str, address: str) -> Request:
    is_for_me = item.asked_of_id is not None and item.asked_of_id == request.user.pk
    return Request(item, str(item), kind, address, words_about(item), is_for_me)
