"""Versions in the admin: every save makes one; the history shows, compares and restores them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.options import ModelAdmin
from django.contrib.admin.utils import flatten_fieldsets, quote, unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db import models, transaction
from django.forms.models import _get_foreign_key
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext

from pzgent.kernel.editing.area import require_logged_in_area
from pzgent.kernel.editing.guarding import queued_messages
from pzgent.kernel.editing.inlines import ReadOnlyInline
from pzgent.kernel.editing.second_person import require_second_person
from pzgent.kernel.editing.translating import input_name
from pzgent.kernel.once import new_token
from pzgent.kernel.translations import OTHER_LANGUAGES, Translated
from pzgent.kernel.trees import TreeNode
from pzgent.kernel.versions.applying import apply
from pzgent.kernel.versions.differences import TRANSLATIONS, contents, differences, unknown_fields
from pzgent.kernel.versions.models import Version, VersionKind
from pzgent.kernel.versions.parts import Part, has_versions, keep_versions, parts_of
from pzgent.kernel.versions.recording import Recorder, recorder_of
from pzgent.kernel.versions.snapshots import Snapshot, changed_names, digest_of, take

PER_PAGE = 50
SEEN = "seen"
OWN_UNDO = "_has_own_undo"


def state_of(snapshot: Snapshot) -> str:
    """Return a text that changes with the content or the place of an object."""
    return f"{digest_of(snapshot)}:{snapshot.get('after') or ''}"


def undo_on_page(request: HttpRequest) -> None:
    """Offer no undo in the message of this request: the page that it leads to has an undo of its own."""
    setattr(request, OWN_UNDO, True)


def offer_undo(request: HttpRequest, response: Any) -> None:
    """Add a link that undoes what this request wrote to its last message, if it wrote anything that can be undone."""
    if getattr(request, OWN_UNDO, False):
        return
    recorder: Recorder = recorder_of(request)
    queued = queued_messages(request)
    is_done = isinstance(response, HttpResponseRedirect)
    if is_done and recorder.can_be_undone and queued and queued[-1].level == messages.SUCCESS:
        address = reverse("admin:undo", args=[recorder.batch])
        text = format_html('{} <a href="{}">{}</a>', queued[-1].message, address, gettext("Undo"))
        queued[-1].message = text


class VersionAdmin(admin.ModelAdmin):
    """An admin that keeps versions of its objects."""

    def __init__(self, model: Any, admin_site: Any) -> None:
        super().__init__(model, admin_site)
        keep_versions(model, self.get_version_parts())

    def get_version_parts(self) -> list[Part]:
        """Return the parts of an object: the rows that its page edits."""
        edited = [inline for inline in self.inlines if not issubclass(inline, ReadOnlyInline)]
        return [
            Part(inline.model, _get_foreign_key(self.model, inline.model, fk_name=inline.fk_name).name)
            for inline in edited
        ]

    def get_urls(self) -> list[URLPattern]:
        """Return the usual URL patterns, and those of the versions of an object."""
        known = f"{self.opts.app_label}_{self.opts.model_name}"
        history = "<path:object_id>/history/"
        pages: tuple[tuple[str, Any, str], ...] = (
            (f"{history}compare/", self.compare_view, "compare"),
            (f"{history}<int:number>/", self.version_view, "version"),
            (f"{history}<int:number>/restore/", self.restore_view, "restore"),
        )
        own = [
            path(route, self.admin_site.admin_view(view), name=f"{known}_{name}")
            for route, view, name in pages
        ]
        return [*own, *super().get_urls()]

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Log the addition, and record the first version."""
        entry = super().log_addition(request, obj, message)
        recorder_of(request).record([obj], VersionKind.ADDED)
        return entry

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Log the change, and record a version."""
        entry = super().log_change(request, obj, message)
        recorder_of(request).record([obj])
        return entry

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        """Log the deletions, and keep what is deleted in the bin."""
        rows = list(queryset)
        require_second_person(request, rows)
        recorder_of(request).record_deletions(rows)
        return super().log_deletions(request, rows)  # type: ignore[arg-type]  # any iterable

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """Return the object; before a submitted form changes it, take its state and that of its parts."""
        obj = super().get_object(request, object_id, from_field)
        if obj is not None and request.method == "POST" and transaction.get_connection().in_atomic_block:
            recorder_of(request).remember([obj])
            for part in parts_of(self.model):
                if has_versions(part.model):
                    rows = part.model._base_manager.filter(**{part.owner: obj})
                    recorder_of(request).remember(rows)
        return obj

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> Any:
        """Show the versions of the object, each with what it changed, above the log."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        obj = self.get_object(request, unquote(object_id))
        versions = self._history(request, obj) if obj is not None else None
        extra = {"versions": versions, "may_restore": self.has_change_permission(request, obj)}
        return super().history_view(request, object_id, {**extra, **(extra_context or {})})

    def _history(self, request: HttpRequest, obj: models.Model) -> Any:
        """Return one page of versions, with the labels of what each changed. Three queries."""
        found = Version.objects.of(obj).select_related("user").defer("along")
        page = Paginator(found, PER_PAGE).get_page(request.GET.get("v", 1))
        rows = list(page.object_list)
        older = list(found.filter(pk__lt=rows[-1].pk)[:1]) if rows else []
        shown, labels = self.get_shown_names(request, obj), self.get_labels_of_fields(request, obj)
        for version, before in zip(rows, [*rows[1:], *older, None], strict=False):
            if before is not None and version.kind != VersionKind.ADDED:
                lines = differences(before.snapshot, version.snapshot, shown, labels)
                version.changed = list(dict.fromkeys(line.label for line in lines))
        page.object_list = rows
        return page

    def get_shown_names(self, request: HttpRequest, obj: Any) -> set[str]:
        """Return the names of the fields, relations and parts that this user may see on the page of the object."""
        shown = set(flatten_fieldsets(self.get_fieldsets(request, obj)))
        inlines = {type(inline) for inline in self.get_inline_instances(request, obj)}
        visible = {inline.model for inline in inlines}
        shown |= {part.key for part in parts_of(self.model) if part.model in visible}
        return shown | {"after"} | ({TRANSLATIONS} if issubclass(self.model, Translated) else set())

    def get_writable_names(self, request: HttpRequest, obj: Any) -> set[str]:
        """Return the names of the fields, relations and parts that the form of this user can change."""
        if not self.has_change_permission(request, obj):
            return set()
        fields = set(self.get_form(request, obj, change=True).base_fields)
        is_translated = issubclass(self.model, Translated) and any(
            input_name(name, language) in fields
            for name in self.model.translated_fields
            for language in OTHER_LANGUAGES
        )
        parts = {part.key for part in parts_of(self.model)}
        place = {"after"} if issubclass(self.model, TreeNode) else set()
        return fields | parts | place | ({TRANSLATIONS} if is_translated else set())

    def get_labels_of_fields(self, request: HttpRequest, obj: Any) -> dict[str, str]:
        """Return the labels of the form, by name."""
        fields = self.get_form(request, obj, change=True).base_fields
        return {name: str(field.label) for name, field in fields.items() if field.label}

    def may_write(
        self, request: HttpRequest, obj: Any, now: Snapshot, snapshot: Snapshot, names: set[str]
    ) -> bool:
        """Return whether the user may turn the current state into a snapshot: parts require their own rights."""
        if not self.has_change_permission(request, obj) or names - self.get_writable_names(request, obj):
            return False
        inlines = {inline.model: inline for inline in self.get_inline_instances(request, obj)}
        for part in parts_of(self.model):
            if part.key not in names:
                continue
            before, after = (
                {row["pk"]: row for row in item["parts"].get(part.key, ())} for item in (now, snapshot)
            )
            inline = inlines.get(part.model)
            needed = {
                "add": after.keys() - before.keys(),
                "delete": before.keys() - after.keys(),
                "change": {key for key in before.keys() & after.keys() if before[key] != after[key]},
            }
            if inline is None or not all(
                getattr(inline, f"has_{action}_permission")(request, obj)
                for action, keys in needed.items()
                if keys
            ):
                return False
        return True

    def restore(self, request: HttpRequest, obj: Any, snapshot: Snapshot, names: set[str]) -> None:
        """Give an object these values of a snapshot, and record that. Raises ValidationError."""
        recorder_of(request).remember([obj])
        labels = [line.label for line in differences(take(obj), snapshot, names)]
        apply(snapshot, obj, only=names)
        log_only(self, request, obj, labels)
        recorder_of(request).record([obj], VersionKind.RESTORED)
        self.after_restoring(request, obj, names)

    def after_restoring(self, request: HttpRequest, obj: Any, names: set[str]) -> None:
        """Record what restoring these values changed in other objects."""

    def version_view(self, request: HttpRequest, object_id: str, number: int) -> HttpResponse:
        """Show one version in full, and how it differs from what is stored now."""
        obj, version = self._version(request, object_id, number)
        shown, labels = self.get_shown_names(request, obj), self.get_labels_of_fields(request, obj)
        gone, new = unknown_fields(version.snapshot)
        context = {
            "history": self._address("history", obj.pk),
            "title": gettext("Version of %(item)s") % {"item": version.label},
            "version": version,
            "rows": contents(version.snapshot, shown, labels),
            "lines": differences(take(obj), version.snapshot, shown, labels),
            "gone": gone,
            "new": new,
            "may_restore": self.has_change_permission(request, obj),
        }
        return self._page(request, obj, "version", context)

    def compare_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Compare two versions, given by `old` and `new` in the query string; the older one comes first."""
        numbers = sorted(
            {int(text) for name in ("old", "new") if (text := request.GET.get(name, "")).isdecimal()}
        )
        if len(numbers) != 2:
            obj = self._viewable(request, object_id)
            messages.warning(request, gettext("Choose two different versions to compare."))
            return HttpResponseRedirect(self._address("history", obj.pk))
        obj, old = self._version(request, object_id, numbers[0])
        new = self._version(request, object_id, numbers[1])[1]
        shown, labels = self.get_shown_names(request, obj), self.get_labels_of_fields(request, obj)
        context = {
            "history": self._address("history", obj.pk),
            "title": gettext("Two versions of %(item)s") % {"item": new.label},
            "old": old,
            "new": new,
            "lines": differences(old.snapshot, new.snapshot, shown, labels),
        }
        return self._page(request, obj, "compare", context)

    def restore_view(self, request: HttpRequest, object_id: str, number: int) -> HttpResponse:
        """Ask whether to restore a version, with the difference from what is stored now; or do it."""
        if request.method != "POST":
            return self._ask_to_restore(request, object_id, number)
        with self.writing(request, unquote(object_id)):  # type: ignore[attr-defined]  # of EditingAdmin
            return self.once(request, lambda: self._restore(request, object_id, number))  # type: ignore[attr-defined]  # as above

    def _restore(self, request: HttpRequest, object_id: str, number: int) -> HttpResponse:
        obj, version = self._version(request, object_id, number)
        now = take(obj)
        names = self._restorable(request, obj, now, version.snapshot)
        if not self.may_write(request, obj, now, version.snapshot, names):
            raise PermissionDenied
        if request.POST.get(SEEN) != state_of(now):
            text = gettext("Somebody changed this after you opened this page. Look at the difference again.")
            return self._ask_to_restore(request, object_id, number, [text])
        recorder_of(request).reason = request.POST.get("reason", "")[:200]
        try:
            with transaction.atomic():
                self.restore(request, obj, version.snapshot, names)
        except ValidationError as error:
            return self._ask_to_restore(request, object_id, number, error.messages)
        messages.success(request, gettext("“%(item)s” is as it was in that version again.") % {"item": obj})
        return HttpResponseRedirect(self._address("change", obj.pk))

    def _ask_to_restore(
        self, request: HttpRequest, object_id: str, number: int, problems: Sequence[str] = ()
    ) -> HttpResponse:
        obj, version = self._version(request, object_id, number)
        if not self.has_change_permission(request, obj):
            raise PermissionDenied
        obj = self.model._base_manager.get(pk=obj.pk)
        now = take(obj)
        names = self._restorable(request, obj, now, version.snapshot)
        gone, new = unknown_fields(version.snapshot)
        lines = differences(now, version.snapshot, names, self.get_labels_of_fields(request, obj))
        context = {
            "history": self._address("history", obj.pk),
            "title": gettext("Restore a version of %(item)s") % {"item": version.label},
            "version": version,
            "lines": lines,
            "problems": problems,
            "seen": state_of(now),
            "form_once": new_token(),
            "gone": gone,
            "new": new,
            "may_write": bool(lines) and self.may_write(request, obj, now, version.snapshot, names),
        }
        return self._page(request, obj, "restore", context, status=409 if problems else 200)

    def _restorable(self, request: HttpRequest, obj: Any, now: Snapshot, snapshot: Snapshot) -> set[str]:
        """Return the names of what restoring a snapshot would change, of all that this user may change."""
        return changed_names(now, snapshot) & self.get_writable_names(request, obj)

    def _viewable(self, request: HttpRequest, object_id: str) -> Any:
        """Return an object that the user may view. Raises PermissionDenied, and Http404 if there is none."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        obj = self.get_object(request, unquote(object_id))
        if obj is None:
            raise Http404
        if not self.has_view_or_change_permission(request, obj):
            raise PermissionDenied
        return obj

    def _version(self, request: HttpRequest, object_id: str, number: int) -> tuple[Any, Version]:
        """Return an object that the user may view, and one of its versions. Raises Http404 if there is none."""
        obj = self._viewable(request, object_id)
        version = Version.objects.of(obj).select_related("user").filter(pk=number).first()
        if version is None:
            raise Http404
        return obj, version

    def _address(self, page: str, *args: Any) -> str:
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_{page}"
        return reverse(name, args=[quote(arg) for arg in args])

    def _page(
        self, request: HttpRequest, obj: Any, name: str, context: dict[str, Any], status: int = 200
    ) -> HttpResponse:
        known = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "object": obj,
            "back": self._address("changelist") if obj is None else self._address("change", obj.pk),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, f"admin/versions/{name}.html", {**known, **context}, status=status)


def log_only(model_admin: ModelAdmin, request: HttpRequest, obj: Any, labels: Sequence[str]) -> None:
    """Log the change of these fields, for a change whose version is recorded in another way."""
    log_text(model_admin, request, obj, [{"changed": {"fields": list(dict.fromkeys(labels))}}])


def log_text(model_admin: ModelAdmin, request: HttpRequest, obj: Any, message: Any) -> None:
    """Log a message about an object, without a version."""
    require_logged_in_area(request, [obj])
    require_second_person(request, [obj])
    ModelAdmin.log_change(model_admin, request, obj, message)
