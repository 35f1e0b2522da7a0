"""Working copies in the admin: the form is saved beside the stored object, which the site goes on showing.

The form of a working copy is the form of the object itself, in a savepoint in which the copy has been applied, and that
is rolled back once the page is rendered or the new copy is taken.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import SimpleTemplateResponse
from django.urls import URLPattern, path
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.timezone import localtime
from django.utils.translation import gettext

from pzgent.kernel.editing.approvals import approval_context, ask, call_off_unless_solo, send_back
from pzgent.kernel.editing.forms import COPY_TOKEN
from pzgent.kernel.editing.guarding import REFUSAL, queued_messages
from pzgent.kernel.editing.rights import may, may_publish
from pzgent.kernel.editing.scheduling import PlanForm, ScheduleForm, writable_bundles
from pzgent.kernel.editing.second_person import beside_live, is_public, may_release, works_solo
from pzgent.kernel.editing.version_admin import VersionAdmin, log_only, state_of
from pzgent.kernel.once import new_token
from pzgent.kernel.previews import preview_address
from pzgent.kernel.versions.copies import (
    apply_copy,
    changes_of,
    conflicts_of,
    copy_of,
    publish_copy,
    save_copy,
)
from pzgent.kernel.versions.differences import differences
from pzgent.kernel.versions.models import Bundle, WorkingCopy
from pzgent.kernel.versions.parts import parts_of
from pzgent.kernel.versions.recording import Recorder, recorder_of
from pzgent.kernel.versions.snapshots import Snapshot, files_in, take

SAVE_COPY, EDIT_COPY = "_working_copy", "working_copy"
SAVE_BUTTONS = ("show_save", "show_save_and_continue", "show_save_and_add_another")


class WorkingCopyAdmin(VersionAdmin):
    """An admin whose form can be saved as a working copy."""

    def get_urls(self) -> list[URLPattern]:
        """Return the usual URL patterns, and that of the working copy of an object."""
        name = f"{self.opts.app_label}_{self.opts.model_name}_working_copy"
        view = self.admin_site.admin_view(self.working_copy_view)
        return [path("<path:object_id>/working-copy/", view, name=name), *super().get_urls()]

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:
        """Show or save the form, of the stored object or of its working copy."""
        view: Callable[..., HttpResponse] = super().changeform_view
        is_edited = EDIT_COPY in request.GET
        # Whoever fills in when it goes live does not mean at once, with whatever button or key the form is sent.
        is_copy = is_edited or SAVE_COPY in request.POST or PlanForm.is_used(request)
        if object_id is None or not is_copy:
            return view(request, object_id, form_url, extra_context)
        with self.writing(request, unquote(object_id)):  # type: ignore[attr-defined]  # of EditingAdmin
            return self._copy_form(
                request, object_id, is_edited, lambda: view(request, object_id, form_url, extra_context)
            )

    def _copy_form(
        self, request: HttpRequest, object_id: str, is_edited: bool, view: Callable[[], HttpResponse]
    ) -> HttpResponse:
        """Show the form of the working copy, or save it as the working copy."""
        obj = self.get_object(request, unquote(object_id))
        if obj is None:
            return view()
        if not self.has_change_permission(request, obj):
            raise PermissionDenied
        copy = copy_of(obj)
        if is_edited and copy is None:
            messages.info(request, gettext("There is no working copy of this any more."))
            return HttpResponseRedirect(self._address("change", obj.pk))
        if not is_edited and copy is not None:
            text = gettext("Not saved: %(who)s has a working copy of this already. Go on in that one.")
            setattr(request, REFUSAL, text % {"who": copy.by})
        try:
            with beside_live(request, is_open=is_edited):
                response, taken = self._in_savepoint(request, obj, copy if is_edited else None, view)
        except ValidationError as error:
            for text in error.messages:
                messages.error(request, text)
            return HttpResponseRedirect(self.get_copy_address(obj.pk))
        return response if taken is None else self._keep_copy(request, obj.pk, taken)

    def _in_savepoint(
        self, request: HttpRequest, obj: Any, copy: WorkingCopy | None, view: Callable[[], HttpResponse]
    ) -> tuple[HttpResponse, Snapshot | None]:
        """Run the form in a savepoint that is rolled back; return the page, and the snapshot of what was saved."""
        queued = len(queued_messages(request))
        known = set(files_in(take(obj)))
        request.working_copy, request.copy_taken = copy or True, None  # type: ignore[attr-defined]  # read below
        with transaction.atomic():
            if copy is not None:
                apply_copy(copy, obj)
            response = view()
            if isinstance(response, SimpleTemplateResponse):
                response.render()
            taken: Snapshot | None = request.copy_taken  # type: ignore[attr-defined]
            files = _read_files(set(files_in(taken) if taken else ()) - known)
            transaction.set_rollback(True)
        refusal = self._writes_more(request, obj) if taken is not None else ""
        request._versions = Recorder(request.user.pk)  # type: ignore[attr-defined]  # what it recorded is rolled back
        if taken is not None:
            del queued_messages(request)[queued:]  # they tell of a save
        if refusal and not getattr(request, REFUSAL, ""):
            setattr(request, REFUSAL, refusal)
            return self._in_savepoint(request, self._stored(obj), copy, view)
        for name, content in files.items():
            default_storage.save(name, ContentFile(content))
        return response, taken

    def _stored(self, obj: Any) -> Any:
        return self.model._base_manager.get(pk=obj.pk)

    def _writes_more(self, request: HttpRequest, obj: Any) -> str:
        """Return why the form cannot be kept as a working copy: it also changes other objects."""
        own = {obj._meta.label_lower, *(part.model._meta.label_lower for part in parts_of(self.model))}
        if all(label in own for label, _key in recorder_of(request).written):
            return ""
        return gettext(
            "Not saved: this also changes the place or the name in an organogram, which a working copy cannot hold. "
            "Change that in a draft of the organogram, and leave it here as it was."
        )

    def _keep_copy(self, request: HttpRequest, key: Any, taken: Snapshot) -> HttpResponse:
        """Store the working copy, plan its publication if the form says when, and show it."""
        obj = self.model._base_manager.get(pk=key)
        copy = save_copy(obj, taken, request.user.pk)
        text = gettext(
            "Saved as a working copy of “%(item)s”. What is stored, and the site, stay as they are."
        )
        messages.success(request, text % {"item": obj})
        call_off_unless_solo(request, copy)
        call_off_unless_solo(request, copy.bundle)
        if PlanForm.is_used(request):
            self._plan(request, obj, copy)
        return HttpResponseRedirect(self.get_copy_address(key))

    def _plan(self, request: HttpRequest, obj: Any, copy: WorkingCopy) -> None:
        """Put the working copy in a bundle, or set its moment, as the form asks; otherwise say why not."""
        form = PlanForm(request, request.POST, may_publish=self.may_publish_copy(request, obj, copy))
        if not form.is_valid():
            for text in [str(text) for texts in form.errors.values() for text in texts]:
                messages.error(request, text)
        elif chosen := form.cleaned_data.get("bundle"):
            self._put(request, copy, chosen)
        elif moment := form.cleaned_data.get("publish_at"):
            self._set_moment(request, copy, moment)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """Return the object; while its working copy is edited, saving checks the revision of that copy too."""
        obj = super().get_object(request, object_id, from_field)
        copy = getattr(request, "working_copy", None)
        if obj is not None and isinstance(copy, WorkingCopy):
            setattr(obj, COPY_TOKEN, f"-copy{copy.revision}")
        return obj

    def response_change(self, request: HttpRequest, obj: Any) -> Any:
        """Respond to a saved form; of a working copy, take what the savepoint holds."""
        if getattr(request, "working_copy", None):
            request.copy_taken = take(self.model._base_manager.get(pk=obj.pk))  # type: ignore[attr-defined]  # read above
            return HttpResponseRedirect(self.get_copy_address(obj.pk))
        return super().response_change(request, obj)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Any:
        """Render the form, with what there is to know about the working copy."""
        obj = kwargs.get("obj")
        if obj is not None and self.has_change_permission(request, obj):
            edited = getattr(request, "working_copy", None)
            context["copy_edited"] = edited if isinstance(edited, WorkingCopy) else None
            context["copy"] = context["copy_edited"] or copy_of(obj)
            context["copy_url"] = self.get_copy_address(obj.pk)
            context["copy_form"] = f"{self._address('change', obj.pk)}?{EDIT_COPY}=1"
            context["needs_copy"] = not works_solo(request) and is_public(obj)
            if context["needs_copy"]:
                context |= dict.fromkeys(SAVE_BUTTONS, False)
            context["plan_form"] = PlanForm(request, may_publish=may_publish(request))
        return super().render_change_form(request, context, *args, **kwargs)

    def working_copy_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show what the working copy changes; publish it, schedule it, call that off, or throw it away."""
        if request.method != "POST":
            obj = self._viewable(request, object_id)
            copy = copy_of(obj)
            if copy is None:
                messages.info(request, gettext("There is no working copy of this any more."))
                return HttpResponseRedirect(self._address("change", obj.pk))
            return self._copy_page(request, obj, copy)
        with self.writing(request, unquote(object_id)):  # type: ignore[attr-defined]  # of EditingAdmin
            return self.once(request, lambda: self._act_on_copy(request, object_id))  # type: ignore[attr-defined]  # as above

    def _act_on_copy(self, request: HttpRequest, object_id: str) -> HttpResponse:
        obj = self._viewable(request, object_id)
        if not self.has_change_permission(request, obj):
            raise PermissionDenied
        found = WorkingCopy.objects.select_for_update().filter(
            model=obj._meta.label_lower, object_id=str(obj.pk)
        )
        copy = found.first()
        if copy is None:
            messages.info(request, gettext("There is no working copy of this any more."))
            return HttpResponseRedirect(self._address("change", obj.pk))
        if request.POST.get("revision") != str(copy.revision):
            text = gettext(
                "A colleague changed this working copy after you opened this page. Look at it again."
            )
            return self._copy_page(request, obj, copy, problems=[text])
        acts = {
            "discard": self._discard,
            "call_off": self._call_off,
            "schedule": self._schedule,
            "put": self._put_in_bundle,
            "ask": self._ask,
            "send_back": self._send_back,
        }
        for name, act in acts.items():
            if name in request.POST:
                return act(request, obj, copy)
        return self._publish(request, obj, copy)

    def _discard(self, request: HttpRequest, obj: Any, copy: WorkingCopy) -> HttpResponse:
        call_off_unless_solo(request, copy.bundle)
        copy.delete()
        messages.success(request, gettext("The working copy of “%(item)s” was thrown away.") % {"item": obj})
        return HttpResponseRedirect(self._address("change", obj.pk))

    def _ask(self, request: HttpRequest, obj: Any, copy: WorkingCopy) -> HttpResponse:
        """Ask a second person for approval; one in a bundle is approved with the bundle."""
        if copy.bundle is not None:
            raise PermissionDenied
        invalid = ask(self, request, obj, copy)
        back = HttpResponseRedirect(self.get_copy_address(obj.pk))
        return back if invalid is None else self._copy_page(request, obj, copy, ask_form=invalid)

    def _send_back(self, request: HttpRequest, obj: Any, copy: WorkingCopy) -> HttpResponse:
        """Send the working copy back to who asked for approval."""
        invalid = send_back(self, request, obj, copy)
        back = HttpResponseRedirect(self.get_copy_address(obj.pk))
        return back if invalid is None else self._copy_page(request, obj, copy, back_form=invalid)

    def _call_off(self, request: HttpRequest, obj: Any, copy: WorkingCopy) -> HttpResponse:
        self._require_publishing(request, obj, copy)
        copy.call_off()
        messages.success(request, gettext("The publication was called off; the working copy is still there."))
        return HttpResponseRedirect(self.get_copy_address(obj.pk))

    def _schedule(self, request: HttpRequest, obj: Any, copy: WorkingCopy) -> HttpResponse:
        """Set the moment of publication, if the copy could be published now."""
        self._require_publishing(request, obj, copy)
        form = ScheduleForm(request.POST)
        if not form.is_valid():
            return self._copy_page(request, obj, copy, form=form)
        if conflicts_of(copy, obj):
            text = gettext(
                "Somebody else changed the same. Go on in the working copy first, or publish it now."
            )
            return self._copy_page(request, obj, copy, problems=[text], form=form)
        try:
            with transaction.atomic():
                apply_copy(copy, self._stored(obj))
                transaction.set_rollback(True)
        except ValidationError as error:
            return self._copy_page(request, obj, copy, problems=error.messages, form=form)
        self._set_moment(request, copy, form.cleaned_data["publish_at"])
        return HttpResponseRedirect(self.get_copy_address(obj.pk))

    @staticmethod
    def _set_moment(request: HttpRequest, copy: WorkingCopy, moment: datetime.datetime) -> None:
        copy.schedule(moment, request.user)
        day = date_format(localtime(moment), "DATETIME_FORMAT")
        messages.success(request, gettext("The working copy will be published on %(day)s.") % {"day": day})

    def _put_in_bundle(self, request: HttpRequest, obj: Any, copy: WorkingCopy) -> HttpResponse:
        key = request.POST.get("bundle", "")
        chosen = writable_bundles(request).filter(pk=key).first() if key.isdecimal() else None
        if not may(request, "change", Bundle) or (key and chosen is None):
            raise PermissionDenied
        self._put(request, copy, chosen)
        return HttpResponseRedirect(self.get_copy_address(obj.pk))

    @staticmethod
    def _put(request: HttpRequest, copy: WorkingCopy, bundle: Bundle | None) -> None:
        """Put the working copy in a bundle, or take it out; one in a bundle has no moment of its own."""
        for changed in (copy.bundle, bundle):
            call_off_unless_solo(request, changed)
        copy.bundle = bundle
        copy.call_off()
        text = gettext("The working copy is in the bundle “%(bundle)s” now.") % {"bundle": bundle}
        messages.success(request, text if bundle else gettext("The working copy is in no bundle now."))

    def _publish(self, request: HttpRequest, obj: Any, copy: WorkingCopy) -> HttpResponse:
        self._require_publishing(request, obj, copy)
        lines = differences(
            take(obj), copy.snapshot, changes_of(copy), self.get_labels_of_fields(request, obj)
        )
        may_overwrite = request.POST.get("overwrite") == state_of(take(obj))
        try:
            with transaction.atomic():
                published = publish_copy(copy, recorder_of(request), may_overwrite=may_overwrite)
        except ValidationError as error:
            return self._copy_page(request, self._stored(obj), copy, problems=error.messages)
        with beside_live(request, is_open=True):
            log_only(self, request, published, [line.label for line in lines])
        text = gettext("The working copy of “%(item)s” was published.")
        messages.success(request, text % {"item": published})
        return HttpResponseRedirect(self._address("change", obj.pk))

    def _require_publishing(self, request: HttpRequest, obj: Any, copy: WorkingCopy) -> None:
        """Raise PermissionDenied for a copy in a bundle, or one that changes what the user may not write."""
        if copy.bundle is not None or not self.may_publish_copy(request, obj, copy):
            raise PermissionDenied

    def may_publish_copy(self, request: HttpRequest, obj: Any, copy: WorkingCopy) -> bool:
        """Return whether the user may publish it, and write everything that the working copy changes."""
        return may_release(request, copy, [copy.author_id]) and self.may_write_copy(request, obj, copy)

    def may_write_copy(self, request: HttpRequest, obj: Any, copy: WorkingCopy) -> bool:
        """Return whether the user may write everything that the working copy changes."""
        with beside_live(request, is_open=True):
            return self.may_write(request, obj, take(obj), copy.snapshot, changes_of(copy))

    def _copy_page(
        self,
        request: HttpRequest,
        obj: Any,
        copy: WorkingCopy,
        problems: list[str] | None = None,
        form: forms.Form | None = None,
        ask_form: forms.Form | None = None,
        back_form: forms.Form | None = None,
    ) -> HttpResponse:
        """Render the page of a working copy."""
        now, shown = take(obj), self.get_shown_names(request, obj)
        labels, conflicts = self.get_labels_of_fields(request, obj), conflicts_of(copy, obj)
        may_change = self.has_change_permission(request, obj)
        can_publish = copy.bundle is None and self.may_publish_copy(request, obj, copy)
        context = {
            "title": gettext("Working copy of %(item)s") % {"item": copy.label},
            "copy": copy,
            "lines": differences(now, copy.snapshot, shown & changes_of(copy), labels),
            "conflicts": differences(copy.base, now, shown & conflicts, labels),
            "seen": state_of(now),
            "problems": problems or [],
            "form": form or ScheduleForm(initial={"publish_at": copy.publish_at}),
            "form_once": new_token(),
            "bundles": writable_bundles(request),
            "may_add_bundle": may(request, "add", Bundle),
            "may_change": may_change,
            "may_publish": can_publish,
            "edit_url": f"{self._address('change', obj.pk)}?{EDIT_COPY}=1",
            "preview_url": preview_address(copy) if self.get_page(obj) else "",  # type: ignore[attr-defined]  # of PublishableAdmin
            "media": self.media + ScheduleForm().media,
            **approval_context(request, copy, ask_form, back_form),
        }
        return self._page(request, obj, "working_copy", context, status=409 if problems else 200)

    def get_copy_address(self, key: Any) -> str:
        """Return the address of the page of a working copy."""
        return self._address("working_copy", key)

    def get_copy_badge(self, obj: Any) -> str:
        """Return the link from a row of the list to its working copy; empty if there is none."""
        copy: WorkingCopy | None = getattr(obj, "working_copy", None)
        if copy is None:
            return ""
        text = gettext("working copy by %(who)s") % {"who": copy.by}
        if copy.is_waiting and copy.publish_at is None:
            text = gettext("%(copy)s, waits for approval") % {"copy": text}
        if copy.publish_at is not None:
            day = date_format(localtime(copy.publish_at), "SHORT_DATETIME_FORMAT")
            text = gettext("%(copy)s, goes live on %(day)s") % {"copy": text, "day": day}
        address = self.get_copy_address(obj.pk)
        return format_html(' <a class="state state-copy" href="{}">{}</a>', address, text)

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        """Log the deletions; the working copies of what is deleted go along."""
        rows = list(queryset)
        keys = [str(row.pk) for row in rows]
        WorkingCopy.objects.filter(model=self.opts.label_lower, object_id__in=keys).delete()
        return super().log_deletions(request, rows)


def _read_files(names: set[str]) -> dict[str, bytes]:
    """Return the content of files that the savepoint wrote; rolling it back deletes them from disk."""
    found = {}
    for name in names:
        with default_storage.open(name) as file:
            found[name] = file.read()
    return found
