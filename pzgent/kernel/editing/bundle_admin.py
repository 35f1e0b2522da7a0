"""Bundles in the admin: working copies that are checked, published, called off and undone together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pzgent.kernel.editing.admin import EditingAdmin
from pzgent.kernel.editing.approvals import approval_context, ask, send_back
from pzgent.kernel.editing.copy_admin import WorkingCopyAdmin
from pzgent.kernel.editing.scheduling import ScheduleForm
from pzgent.kernel.editing.second_person import beside_live, may_release
from pzgent.kernel.editing.version_admin import log_only
from pzgent.kernel.once import new_token
from pzgent.kernel.previews import preview_address
from pzgent.kernel.versions.applying import instance_of
from pzgent.kernel.versions.copies import apply_copy, changes_of, conflicts_of, publish_bundle, stored_object
from pzgent.kernel.versions.differences import Difference, differences
from pzgent.kernel.versions.models import Bundle, WorkingCopy
from pzgent.kernel.versions.recording import recorder_of
from pzgent.kernel.versions.snapshots import model_of, take


@dataclass(frozen=True)
class Member:
    """A working copy of a bundle, as this user may see it."""

    copy: WorkingCopy
    kind: str
    address: str
    preview: str
    lines: list[Difference]
    is_conflict: bool
    may_view: bool
    may_write: bool


class BundleAdmin(EditingAdmin):
    """Admin of bundles."""

    list_display = ("title", "size", "goes_live", "published_at")
    search_fields = ("title",)
    fields = ("title",)
    ordering: ClassVar[Any] = ("-published_at", "title", "pk")

    def get_urls(self) -> list[URLPattern]:
        """Return the usual URL patterns, and that of the page that publishes a bundle."""
        view = self.admin_site.admin_view(self.release_view)
        return [path("<path:object_id>/release/", view, name="pzgent_bundle_release"), *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Return the bundles, annotated with their number of working copies."""
        return super().get_queryset(request).annotate(number=Count("copies"))

    def get_links(self, obj: Any) -> list[tuple[str, str]]:
        """Return the link to the page that publishes the bundle."""
        return [
            (
                gettext("What is in it, and publishing it"),
                reverse("admin:pzgent_bundle_release", args=[obj.pk]),
            )
        ]

    @admin.display(description=_("working copies"), ordering="number")
    def size(self, obj: Any) -> int:
        """Return the number of working copies."""
        return int(obj.number)

    @admin.display(description=_("goes live on"), ordering="publish_at")
    def goes_live(self, obj: Bundle) -> str:
        """Return the moment of publication, and whether it failed."""
        day = date_format(localtime(obj.publish_at), "SHORT_DATETIME_FORMAT") if obj.publish_at else "–"
        return gettext("%(day)s (failed)") % {"day": day} if obj.problem else day

    def release_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show what is in the bundle; publish it, schedule it or call that off."""
        if request.method != "POST":
            bundle = self._viewable(request, object_id)
            return self._release_page(request, bundle)
        with self.writing(request, unquote(object_id)):
            return self.once(request, lambda: self._act(request, object_id))

    def _act(self, request: HttpRequest, object_id: str) -> HttpResponse:
        bundle = self._viewable(request, object_id)
        members = self._members(request, bundle)
        if not self.has_change_permission(request, bundle):
            raise PermissionDenied
        for name, answer in (("ask", ask), ("send_back", send_back)):
            if name in request.POST:
                return self._approve(request, bundle, name, answer)
        if not self._may_publish(request, bundle, members):
            raise PermissionDenied
        if "call_off" in request.POST:
            bundle.call_off()
            messages.success(request, gettext("The publication was called off; the bundle is still there."))
            return HttpResponseRedirect(request.path)
        if request.POST.get("state") != bundle.state:
            text = gettext(
                "A colleague changed what is in this bundle after you opened this page. Look at it again."
            )
            return self._release_page(request, bundle, [text])
        act = self._schedule if "schedule" in request.POST else self._publish
        try:
            return act(request, bundle, members)
        except ValidationError as error:
            return self._release_page(request, self._viewable(request, object_id), error.messages)

    def _approve(self, request: HttpRequest, bundle: Bundle, name: str, answer: Any) -> HttpResponse:
        """Ask for approval of the bundle, or send it back; one that was published needs none."""
        if bundle.published_at is not None:
            raise PermissionDenied
        invalid = answer(self, request, bundle, bundle)
        if invalid is None:
            return HttpResponseRedirect(request.path)
        forms = {"ask_form" if name == "ask" else "back_form": invalid}
        return self._release_page(request, bundle, **forms)

    def _may_publish(self, request: HttpRequest, bundle: Bundle, members: list[Member]) -> bool:
        """Return whether the user may publish everything in the bundle."""
        may_write = self.has_change_permission(request, bundle) and all(item.may_write for item in members)
        return may_write and may_release(request, bundle, [item.copy.author_id for item in members])

    def _publish(self, request: HttpRequest, bundle: Bundle, members: list[Member]) -> HttpResponse:
        recorder = recorder_of(request)
        with transaction.atomic():
            published = publish_bundle(bundle, recorder)
        with beside_live(request, is_open=True):
            for obj, member in zip(published, members, strict=True):
                log_only(self, request, obj, [line.label for line in member.lines])
        messages.success(request, gettext("“%(bundle)s” was published.") % {"bundle": bundle})
        return HttpResponseRedirect(request.path)

    def _schedule(self, request: HttpRequest, bundle: Bundle, members: list[Member]) -> HttpResponse:
        """Set the moment of publication, if everything in the bundle could be published now."""
        form = ScheduleForm(request.POST)
        if not form.is_valid():
            return self._release_page(request, bundle, form=form)
        self._try(members)
        bundle.schedule(form.cleaned_data["publish_at"], request.user)
        day = date_format(localtime(bundle.publish_at), "DATETIME_FORMAT")
        messages.success(request, gettext("The bundle will be published on %(day)s.") % {"day": day})
        return HttpResponseRedirect(request.path)

    @staticmethod
    def _try(members: list[Member]) -> None:
        """Apply everything in a savepoint that is rolled back. Raises ValidationError that names what cannot be."""
        problems = [
            gettext("%(item)s: somebody else changed the same.") % {"item": member.copy.label}
            for member in members
            if member.is_conflict
        ]
        with transaction.atomic():
            for member in members:
                stored = stored_object(member.copy)
                try:
                    if stored is not None:
                        apply_copy(member.copy, stored)
                except ValidationError as error:
                    problems.extend(f"{member.copy.label}: {text}" for text in error.messages)
            transaction.set_rollback(True)
        if problems or not members:
            raise ValidationError(problems or [gettext("There are no working copies in this bundle.")])

    def _members(self, request: HttpRequest, bundle: Bundle) -> list[Member]:
        """Return the working copies of a bundle, in the order of publication."""
        copies = bundle.copies.select_related("author").order_by("pk")
        return [self._member(request, bundle, copy) for copy in copies]

    def _member(self, request: HttpRequest, bundle: Bundle, copy: WorkingCopy) -> Member:
        model_admin: Any = self.admin_site.get_model_admin(model_of(copy.snapshot))
        stored = stored_object(copy)
        is_known = stored is not None and isinstance(model_admin, WorkingCopyAdmin)
        may_view = is_known and model_admin.has_view_permission(request, stored)
        lines: list[Difference] = []
        if may_view and stored is not None:
            shown = model_admin.get_shown_names(request, stored) & changes_of(copy)
            lines = differences(
                take(stored), copy.snapshot, shown, model_admin.get_labels_of_fields(request, stored)
            )
        return Member(
            copy=copy,
            kind=str(model_admin.opts.verbose_name),
            address=model_admin.get_copy_address(copy.object_id),
            preview=self._preview_of(bundle, copy, model_admin) if may_view else "",
            lines=lines,
            is_conflict=stored is not None and bool(conflicts_of(copy, stored)),
            may_view=may_view,
            may_write=is_known and model_admin.may_write_copy(request, stored, copy),
        )

    @staticmethod
    def _preview_of(bundle: Bundle, copy: WorkingCopy, model_admin: Any) -> str:
        """Return the address of the page of a working copy in the preview of its bundle; empty if it has no page."""
        page = model_admin.get_page(instance_of(copy.snapshot))
        return f"{preview_address(bundle)}?{urlencode({'pagina': page})}" if page else ""

    def _release_page(
        self,
        request: HttpRequest,
        bundle: Bundle,
        problems: list[str] | None = None,
        form: ScheduleForm | None = None,
        ask_form: Any = None,
        back_form: Any = None,
    ) -> HttpResponse:
        members = self._members(request, bundle)
        is_viewable = bool(members) and all(item.may_view for item in members)
        is_open = bool(members) and bundle.published_at is None
        context = {
            "title": gettext("Bundle “%(bundle)s”") % {"bundle": bundle},
            "bundle": bundle,
            "members": members,
            "problems": problems or [],
            "form": form or ScheduleForm(initial={"publish_at": bundle.publish_at}),
            "preview_url": preview_address(bundle) if is_viewable else "",
            "form_once": new_token(),
            "may_publish": bool(members) and self._may_publish(request, bundle, members),
            "may_change": is_open and self.has_change_permission(request, bundle),
            "media": self.media + ScheduleForm().media,
            **approval_context(request, bundle, ask_form, back_form),
        }
        return self._page(request, bundle, "bundle", context, status=409 if problems else 200)
