"""Views around a draft organogram: copying, comparing with the one in force, publishing and taking back."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext

from organisation.admin.board import Board
from organisation.admin.draft_forms import CopyForm, PublishForm, WithdrawForm
from organisation.admin.headings import workshop_of
from organisation.admin.workshop import STATE, WorkshopAdmin, changed_meanwhile
from organisation.comparison import Comparison, grouped, remark_on
from organisation.copying import copy_organogram, models_to_copy
from organisation.draft_checks import Finding, Reorganisation, check_draft
from organisation.models import FunctionalLine, Organogram, Placement, Unit
from organisation.structure import changes_between, get_structure
from pzgent.kernel.editing import after_withdrawal, log_addition, log_change, may, may_open
from pzgent.kernel.once import new_token
from pzgent.kernel.previews import preview_address
from pzgent.kernel.publishing import PublicationStatus

TEMPLATES = "admin/organisation/organogram"
View = Callable[[HttpRequest, Board], HttpResponse]


class DraftAdmin(WorkshopAdmin):
    """Admin of an organogram with the pages that a reorganisation goes through."""

    def get_urls(self) -> list[URLPattern]:
        """Return the usual URL patterns, and those of the pages around a draft."""
        views: dict[str, tuple[View, View]] = {
            "duplicate": (self._show_copy, self._copy),
            "changes": (self._show_changes, self._publish_draft),
            "withdraw": (self._show_withdrawal, self._withdraw),
        }
        own = [
            path(
                f"<path:object_id>/{name}/",
                self.admin_site.admin_view(self._view_of_draft(*pair)),
                name=f"organisation_organogram_{name}",
            )
            for name, pair in views.items()
        ]
        return [*own, *super().get_urls()]

    def _view_of_draft(self, show: View, act: View) -> Callable[..., HttpResponse]:
        """Return a view that shows a page about an organogram, and acts once on its form, under the tree's lock."""

        def view(request: HttpRequest, object_id: str) -> HttpResponse:
            if not self.has_workshop_permission(request):
                raise PermissionDenied
            if request.method != "POST":
                return self.with_organogram(request, object_id, show)
            with self.writing(request, object_id):
                return self.once(request, lambda: self.with_organogram(request, object_id, act))

        return view

    def get_workshop_links(self, request: HttpRequest, organogram: Organogram) -> list[tuple[str, str]]:
        """Add the links to the pages that the editor may use."""
        links = [(gettext("What this organogram changes"), "changes", True)]
        links.append(
            (gettext("Copy to a draft"), "duplicate", may(request, "add", *models_to_copy(organogram)))
        )
        is_public = organogram.status == PublicationStatus.PUBLISHED
        links.append((gettext("Take back"), "withdraw", is_public and self._may_decide(request, organogram)))
        own = [(text, _address(name, organogram)) for text, name, is_allowed in links if is_allowed]
        if not is_public:
            own.append((gettext("Preview"), preview_address(organogram)))
        return [*own, *super().get_workshop_links(request, organogram)]

    def has_copy_permission(self, request: HttpRequest) -> bool:
        """True if the editor may make copies at all."""
        return may(request, "add", Organogram, Placement, FunctionalLine)

    def _may_decide(self, request: HttpRequest, organogram: Organogram) -> bool:
        return bool(self.has_publish_permission(request, organogram))

    def _render(
        self, request: HttpRequest, board: Board, page: str, title: str, more: dict[str, Any]
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": title % {"organogram": board.organogram},
            "opts": self.opts,
            "original": board.organogram,
            "edition_heading": board.heading,
            "state": board.token,
            "form_once": request.POST.get("form_once") or new_token(),
            "workshop_url": workshop_of(board.organogram),
            "media": self.media,
            **more,
        }
        return TemplateResponse(request, f"{TEMPLATES}/{page}.html", context)

    # --- A copy ---------------------------------------------------------------------------------
    def _show_copy(self, request: HttpRequest, board: Board, form: CopyForm | None = None) -> HttpResponse:
        """Ask for the title and the first day of a copy."""
        if not may(request, "add", *models_to_copy(board.organogram)):
            raise PermissionDenied
        form = form or CopyForm(initial=CopyForm.proposal(board.organogram, timezone.localdate()))
        title = gettext("Copy “%(organogram)s” to a draft")
        return self._render(request, board, "duplicate", title, {"form": form, "count": len(board.rows)})

    def _copy(self, request: HttpRequest, board: Board) -> HttpResponse:
        """Make the copy, and open its workshop."""
        if not may(request, "add", *models_to_copy(board.organogram)):
            raise PermissionDenied
        form = CopyForm(request.POST)
        if not form.is_valid():
            return self._show_copy(request, board, form)
        values = form.cleaned_data
        draft = copy_organogram(board.organogram, values["valid_from"], values["title"])
        log_addition(request, [draft, *draft.placements.all()])
        text = gettext("“%(draft)s” is ready. Nobody sees it until you publish it. Change its tree here.")
        messages.success(request, text % {"draft": draft})
        return HttpResponseRedirect(workshop_of(draft))

    # --- What it changes, and publishing ----------------------------------------------------------
    def _show_changes(
        self, request: HttpRequest, board: Board, form: PublishForm | None = None
    ) -> HttpResponse:
        """Show the differences with the organogram before it, what the checks found, and the form to publish."""
        change = Reorganisation(board.organogram, _replaced_by(board.organogram))
        findings = check_draft(change)
        may_publish = (
            self._may_decide(request, board.organogram)
            and board.organogram.status != PublicationStatus.PUBLISHED
            and not any(finding.level == "error" for finding in findings)
        )
        if form is None and may_publish:
            form = PublishForm(instance=board.organogram, units=self._count_publishable(request, change))
        more = {
            "old": change.old,
            "groups": _groups(change),
            "findings": [(finding, self._solution(request, finding)) for finding in findings],
            "form": form if may_publish else None,
            "unpublished": change.unpublished,
        }
        return self._render(request, board, "changes", gettext("What “%(organogram)s” changes"), more)

    def _solution(self, request: HttpRequest, finding: Finding) -> str:
        """Return the address of what an editor opens to solve a finding; empty if they may not open it."""
        item = finding.item
        if item is None:
            return ""
        if isinstance(item, Organogram):
            return workshop_of(item)
        name = f"admin:{item._meta.app_label}_{item._meta.model_name}_change"
        address = reverse(name, args=[item.pk])
        return address if may_open(self.admin_site, request, address) else ""

    def _count_publishable(self, request: HttpRequest, change: Reorganisation) -> int:
        return len(change.unpublished) if may(request, "change", Unit) else 0

    def _publish_draft(self, request: HttpRequest, board: Board) -> HttpResponse:
        """Publish the organogram, and its new units if the editor wants that."""
        organogram = board.organogram
        if not self._may_decide(request, organogram):
            raise PermissionDenied
        if request.POST.get(STATE) != board.token:
            messages.error(request, changed_meanwhile(board))
            return self._show_changes(request, board)
        change = Reorganisation(organogram, _replaced_by(organogram))
        if any(finding.level == "error" for finding in check_draft(change)):
            return self._show_changes(request, board)
        units = self._count_publishable(request, change)
        form = PublishForm(request.POST, instance=organogram, units=units)
        if not form.is_valid():
            organogram.refresh_from_db(fields=["status"])
            return self._show_changes(request, board, form)
        if form.cleaned_data.get("publish_units"):
            self._publish_units(request, change.unpublished)
        form.save()
        log_change(request, [organogram], gettext("status"), *form.changed_data)
        messages.success(request, _published_text(organogram))
        return HttpResponseRedirect(_address("changes", organogram))

    def _publish_units(self, request: HttpRequest, units: list[Unit]) -> None:
        """Publish draft units; name those that their own checks refuse."""
        published = []
        for unit in Unit.objects.select_for_update(no_key=True).filter(pk__in=[unit.pk for unit in units]):
            unit.status = PublicationStatus.PUBLISHED
            try:
                unit.validate_constraints()
            except ValidationError as error:
                values = {"item": unit, "reasons": " ".join(error.messages)}
                messages.error(request, gettext("“%(item)s” was not changed. %(reasons)s") % values)
                continue
            unit.save(update_fields=["status"])
            published.append(unit)
        log_change(request, published, gettext("status"))
        count = len(published)
        text = ngettext("%(count)d new unit published.", "%(count)d new units published.", count)
        messages.success(request, text % {"count": count})

    # --- Taking it back -------------------------------------------------------------------------
    def _show_withdrawal(
        self, request: HttpRequest, board: Board, form: WithdrawForm | None = None
    ) -> HttpResponse:
        """Ask whether to take a published organogram back, and say what is in force then."""
        organogram = board.organogram
        if not self._may_decide(request, organogram):
            raise PermissionDenied
        if organogram.status != PublicationStatus.PUBLISHED:
            messages.info(request, gettext("“%(organogram)s” is not published.") % {"organogram": organogram})
            return HttpResponseRedirect(workshop_of(organogram))
        more = {
            "form": form or WithdrawForm(instance=organogram),
            "consequence": after_withdrawal(organogram) or _never_starts(organogram),
        }
        return self._render(request, board, "withdraw", gettext("Take back “%(organogram)s”"), more)

    def _withdraw(self, request: HttpRequest, board: Board) -> HttpResponse:
        """Take the organogram back."""
        organogram = board.organogram
        if not self._may_decide(request, organogram):
            raise PermissionDenied
        if organogram.status != PublicationStatus.PUBLISHED:
            return self._show_withdrawal(request, board)
        form = WithdrawForm(request.POST, instance=organogram)
        if not form.is_valid():
            organogram.refresh_from_db(fields=["status"])
            return self._show_withdrawal(request, board, form)
        form.save()
        log_change(request, [organogram], gettext("status"))
        status = PublicationStatus(organogram.status).label
        text = gettext("“%(organogram)s” now has the status “%(status)s”.")
        messages.success(request, text % {"organogram": organogram, "status": status})
        return HttpResponseRedirect(workshop_of(organogram))


def _address(page: str, organogram: Organogram) -> str:
    return reverse(f"admin:organisation_organogram_{page}", args=[organogram.pk])


def _replaced_by(organogram: Organogram) -> Organogram | None:
    """Return the organogram in force on the day before one starts."""
    before: Organogram | None = Organogram.objects.exclude(pk=organogram.pk).get_in_force(
        organogram.valid_from - datetime.timedelta(days=1)
    )
    return before


def _groups(change: Reorganisation) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the changes by kind, as (heading, [(unit, remark)]), with units that the public does not see."""
    if change.old is None:
        return []
    tops = [get_structure(edition, with_hidden=True) for edition in (change.old, change.new)]
    changes = changes_between(change.old, tops[0], change.new, tops[1])
    comparison = Comparison(change.old, change.new, tops[0], tops[1], changes)
    return [
        (str(label), [(item.name, remark_on(item, comparison)) for item in items])
        for _code, label, items in grouped(changes)
    ]


def _published_text(organogram: Organogram) -> str:
    values = {"organogram": organogram, "day": date_format(organogram.valid_from, "j F Y")}
    if organogram.has_started:
        return gettext("“%(organogram)s” is published, and in force since %(day)s.") % values
    return (
        gettext("“%(organogram)s” is published. It applies from %(day)s; you need not do anything then.")
        % values
    )


def _never_starts(organogram: Organogram) -> str:
    """Return what stays in force if an organogram that has not started is taken back."""
    in_force = Organogram.objects.get_in_force()
    if in_force is None or organogram.has_started:
        return ""
    values = {"day": date_format(organogram.valid_from, "j F Y"), "other": in_force}
    return gettext("On %(day)s nothing changes then: “%(other)s” stays in force.") % values
