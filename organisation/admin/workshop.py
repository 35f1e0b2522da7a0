"""The workshop: one organogram as a tree, with a form for each step of a reorganisation, and the last step undone.

Every form carries the token of the tree that the editor sees; a step on a tree that changed in the meantime is not
taken, and what was typed is shown again beside the fresh tree.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.admin.models import CHANGE
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext

from organisation.admin.board import MOST_FOUND, Board, read_board
from organisation.admin.headings import as_uuid, list_of, workshop_of
from organisation.admin.step_forms import DATALIST, STEP_FORMS, StepForm
from organisation.models import Organogram, Placement, StructureStep, Unit
from organisation.steps import Recording, StepRefused, recording, undo
from pzgent.kernel.editing import EditionAdmin, may
from pzgent.kernel.editing.rights import log
from pzgent.kernel.editing.second_person import beside_live
from pzgent.kernel.editing.version_admin import undo_on_page
from pzgent.kernel.once import new_token
from pzgent.kernel.publishing import PublicationStatus
from pzgent.kernel.trees import WHOLE_TABLE, tree_locks

STATE, STEP, UNDO = "tree_state", "step", "undo"


class WorkshopAdmin(EditionAdmin):
    """Admin of an organogram with the workshop for its tree."""

    def get_urls(self) -> list[URLPattern]:
        """Return the usual URL patterns, and the one of the workshop."""
        view = self.admin_site.admin_view(self.workshop_view)
        own = path("<path:object_id>/workshop/", view, name="organisation_organogram_workshop")
        return [own, *super().get_urls()]

    @contextmanager
    def writing(self, request: HttpRequest, object_id: str | None) -> Iterator[None]:
        """Open a transaction that holds the locks of all trees that the request may change."""
        sent = request.POST
        named = [key for name in sent if name.endswith("applies_in") for key in sent.getlist(name)]
        step = sent.get("step_id", "")
        group = (
            StructureStep.objects.filter(pk=int(step)) if step.isdecimal() else StructureStep.objects.none()
        )
        others = StructureStep.objects.filter(group__in=group.values("group")).values_list(
            "organogram", flat=True
        )
        keys = [*filter(None, [object_id]), *sent.getlist("_selected_action"), *named, *map(str, others)]
        with tree_locks(Placement, {WHOLE_TABLE, *keys}):
            yield

    def has_workshop_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """True if the editor may see the organogram and its placements."""
        return self.has_view_permission(request, obj) and may(request, "view", Placement)

    def workshop_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show the workshop, or take or undo a step in it, for which the workshop itself has the only button."""
        if not self.has_workshop_permission(request):
            raise PermissionDenied
        undo_on_page(request)
        if request.method != "POST":
            return self.with_organogram(request, object_id, self._get_workshop)
        with self.writing(request, object_id):
            return self.once(request, lambda: self.with_organogram(request, object_id, self._post_step))

    def with_organogram(self, request: HttpRequest, object_id: str, view: Any) -> HttpResponse:
        """Call a view with the tree of the organogram; redirect with a message if that does not exist."""
        organogram = self.get_object(request, object_id)
        if organogram is None:
            missing: HttpResponse = self._get_obj_does_not_exist_redirect(request, self.opts, object_id)  # type: ignore[attr-defined]  # missing from the stubs
            return missing
        response: HttpResponse = view(request, read_board(organogram))
        return response

    # --- Showing --------------------------------------------------------------------------------
    def _get_workshop(self, request: HttpRequest, board: Board) -> HttpResponse:
        """Show the tree, the forms of the chosen unit, and what a search found."""
        question = request.GET.get("find", "").strip()
        found = board.find(question) if question else []
        if len(found) == 1:
            return HttpResponseRedirect(workshop_of(board.organogram, found[0].key))
        place = self._get_place(board, request.GET.get("at", ""))
        if "panel" in request.GET:
            return self._show_panel(request, board, place)
        more = {
            "question": question,
            "found": [(row, board.path(row)) for row in found[:MOST_FOUND]],
            "found_more": max(0, len(found) - MOST_FOUND),
        }
        return self._show(request, board, place, more)

    def _get_place(self, board: Board, key: str) -> Placement | None:
        """Return the placement with this key, if it is in the organogram."""
        found = as_uuid(key)
        if found not in board.rows:
            return None
        # A colleague may have removed it since the tree was read.
        return Placement.objects.select_related("unit", "parent", "organogram").filter(pk=found).first()

    def _show_panel(self, request: HttpRequest, board: Board, place: Placement | None) -> HttpResponse:
        """Show the forms of a unit alone, for a page whose tree is as it was; 409 if it is not."""
        is_fresh = place is not None and request.GET.get(STATE) == board.token
        context = {
            "is_fresh": is_fresh,
            **(self._panel(request, board, place) if is_fresh else {}),
            # Without a fragment: the address of the page may be the same, and a fragment would not load it anew.
            "workshop_url": workshop_of(board.organogram, place.pk if place else None).split("#")[0],
        }
        template = "admin/organisation/organogram/_panel.html"
        return TemplateResponse(request, template, context, status=200 if is_fresh else 409)

    def _show(
        self,
        request: HttpRequest,
        board: Board,
        place: Placement | None,
        more: dict[str, Any],
        form: StepForm | None = None,
        status: int = 200,
    ) -> HttpResponse:
        """Show the whole workshop; `form` is one that was refused."""
        organogram = board.organogram
        last = StructureStep.objects.get_last(organogram)
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Workshop of “%(organogram)s”") % {"organogram": organogram},
            "opts": self.opts,
            "original": organogram,
            "edition_heading": board.heading,
            "rows": board.rows.values(),
            "datalist": DATALIST,
            "last": last,
            "may_undo": last is not None and self.may_undo(request, last),
            "addresses": self.get_workshop_links(request, organogram),
            "media": self.media,
            **self._panel(request, board, place, form),
            **more,
        }
        template = "admin/organisation/organogram/workshop.html"
        return TemplateResponse(request, template, context, status=status)

    def get_workshop_links(self, request: HttpRequest, organogram: Organogram) -> list[tuple[str, str]]:
        """Return the links of the workshop, as (text, address)."""
        change = reverse("admin:organisation_organogram_change", args=[organogram.pk])
        links = [(gettext("Properties of the organogram"), change)]
        return [*links, (gettext("List of the places, to delete several"), list_of(organogram))]

    def _panel(
        self, request: HttpRequest, board: Board, place: Placement | None, form: StepForm | None = None
    ) -> dict[str, Any]:
        """Return the context of the forms of a unit."""
        tokens = {"state": board.token, "form_once": new_token()}
        if place is None:
            return {**tokens, "place": None}
        options = self._options(place)
        forms = [
            form
            if form is not None and form.code == code
            else kind(None, board=board, place=place, options=options)
            for code, kind in STEP_FORMS.items()
            if code != "shift" and self._may_take(request, kind, board.organogram, [place])
        ]
        row = board.rows[place.pk]
        return {
            **tokens,
            "place": place,
            "row": row,
            "path": board.path(row),
            "refused": form,
            "step_forms": forms,
            "is_first": place.parent is None or place.lft == place.parent.lft + 1,
            "is_last": place.parent is None or place.rght == place.parent.rght - 1,
            "may_move": self._may_take(request, STEP_FORMS["shift"], board.organogram, [place]),
            "ends_elsewhere": board.organogram.status != PublicationStatus.DRAFT,
            "unit_url": _page(request, "unit", place.unit_id, board),
            "place_url": _page(request, "placement", place.pk, board),
            "existing_url": f"{reverse('admin:organisation_placement_add')}?organogram={board.organogram.pk}"
            f"&parent={place.pk}",
        }

    def _options(self, place: Placement) -> list[Organogram]:
        """Return the organograms in play that hold the unit, that of the placement among them."""
        placed = Placement.objects.filter(unit=place.unit_id).order_by()
        found = Organogram.objects.filter(pk__in=placed.values("organogram")).get_in_play()
        return found if place.organogram in found else [place.organogram]

    # --- Taking a step --------------------------------------------------------------------------
    def _post_step(self, request: HttpRequest, board: Board) -> HttpResponse:
        """Take or undo a step, unless the tree is not the one that the editor saw."""
        place = self._get_place(board, request.POST.get("at", ""))
        code = request.POST.get(STEP, "")
        if code == UNDO:
            return self._undo(request, board)
        kind = STEP_FORMS.get(code)
        if kind is None or place is None:
            messages.error(request, gettext("This unit is not in this organogram any more; nothing changed."))
            return self._show(request, board, None, {}, status=409)
        if not self._may_take(request, kind, board.organogram, [place]):
            raise PermissionDenied
        form = kind(request.POST, board=board, place=place, options=self._options(place))
        if request.POST.get(STATE) != board.token:
            messages.error(request, changed_meanwhile(board))
            return self._show(request, board, place, {}, form, status=409)
        if not form.is_valid():
            return self._show(request, board, place, {}, form)
        if not self._may_take(request, kind, board.organogram, form.places()):
            raise PermissionDenied
        return self._take(request, board, place, form)

    def _take(self, request: HttpRequest, board: Board, place: Placement, form: StepForm) -> HttpResponse:
        """Take the step, record it, and return to the unit that it leaves."""
        try:
            with transaction.atomic(), recording(form.organograms, request.user) as record:
                taken = form.take()
                record.text, record.at = taken.text, place.pk
                record.units = [unit.pk for unit in taken.units]
        except StepRefused as refused:
            form.add_error(None, str(refused))
            return self._show(request, board, place, {}, form)
        if not record.steps:
            messages.info(request, gettext("Nothing changed: it was like that already."))
            return HttpResponseRedirect(workshop_of(board.organogram, place.pk))
        self._log(request, record)
        messages.success(request, record.text)
        return HttpResponseRedirect(workshop_of(board.organogram, taken.place.pk if taken.place else None))

    def _undo(self, request: HttpRequest, board: Board) -> HttpResponse:
        """Undo the step that the form names; a colleague's later step is never undone instead."""
        key = request.POST.get("step_id", "")
        steps = StructureStep.objects.filter(organogram=board.organogram)
        step = steps.filter(pk=int(key)).first() if key.isdecimal() else None
        if step is None:
            messages.error(request, gettext("This step is not known any more; nothing was undone."))
            return HttpResponseRedirect(workshop_of(board.organogram))
        if not self.may_undo(request, step):
            raise PermissionDenied
        try:
            undone = undo(step)
        except StepRefused as refused:
            messages.error(request, str(refused))
            return HttpResponseRedirect(workshop_of(board.organogram))
        text = gettext("Undone: %(step)s") % {"step": step.text}
        log(request, [item.organogram for item in undone], CHANGE, text)
        messages.success(request, text)
        at = as_uuid(str(step.replaced["at"]))
        is_there = Placement.objects.filter(pk=at, organogram=board.organogram).exists()
        return HttpResponseRedirect(workshop_of(board.organogram, at if is_there else None))

    def may_undo(self, request: HttpRequest, step: StructureStep) -> bool:
        """True if the editor took the step, or may change, add and delete the placements that it touched."""
        if step.user_id == request.user.pk:
            return may(request, "change", Placement)
        if not all(may(request, action, Placement) for action in ("add", "change", "delete")):
            return False
        model_admin: Any = self.admin_site.get_model_admin(Placement)
        keys = [row[0] for row in step.replaced["replaced"]] + step.replaced["added"]
        return all(
            model_admin.has_change_permission(request, place)
            for place in Placement.objects.filter(pk__in=keys).select_related("unit", "organogram")
        )

    def _may_take(
        self, request: HttpRequest, kind: type[StepForm], organogram: Organogram, places: Iterable[Placement]
    ) -> bool:
        """True if the editor may take such a step at these placements, and the organogram allows it."""
        if kind.drafts_only and organogram.status != PublicationStatus.DRAFT:
            return False
        if not all(may(request, action, model) for action, model in kind.needs):
            return False
        model_admin: Any = self.admin_site.get_model_admin(Placement)
        return all(model_admin.has_change_permission(request, place) for place in places)

    def _log(self, request: HttpRequest, record: Recording) -> None:
        """Write the step in the history of the organograms, and of the placements and units that it touched.

        Raises SecondPersonError if the public sees one of the organograms and the account needs a second person.
        """
        keys = {row.key for row in record.touched} | {record.at}
        items: list[Model] = [step.organogram for step in record.steps]
        items += Placement.objects.filter(pk__in=[key for key in keys if key])
        log(request, items, CHANGE, record.text)
        # Of organograms that the public does not see: its view of the units stays the same.
        with beside_live(request, is_open=False):
            log(
                request, Unit.objects.filter(pk__in={row.unit for row in record.touched}), CHANGE, record.text
            )


def _page(request: HttpRequest, model: str, key: UUID, board: Board) -> str:
    """Return the address of the page of a unit or placement, within the organogram."""
    address = reverse(f"admin:organisation_{model}_change", args=[key])
    return f"{address}?organogram={board.organogram.pk}"


def changed_meanwhile(board: Board) -> str:
    """Return the message for a step on a tree that is no longer the one that the editor saw."""
    last = StructureStep.objects.get_last(board.organogram)
    if last is None or last.state_after != board.state.digest:
        return gettext(
            "Not done: this organogram changed while you were busy. You see it as it is now. Do you still want your "
            "step? Then take it again."
        )
    values = {
        "who": last.by or "–",
        "when": date_format(localtime(last.at), "TIME_FORMAT"),
        "last": last.text,
    }
    return (
        gettext(
            "Not done: %(who)s changed this organogram at %(when)s while you were busy (%(last)s). You see it as it is "
            "now. Do you still want your step? Then take it again."
        )
        % values
    )
