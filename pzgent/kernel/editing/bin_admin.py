"""The bin in the admin: what was deleted, by whom, and its return with everything that was deleted along."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.contrib import messages
from django.contrib.admin.sites import AdminSite
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext

from pzgent.kernel.editing.area import area_of
from pzgent.kernel.editing.rights import log_addition, may
from pzgent.kernel.editing.version_admin import PER_PAGE, VersionAdmin
from pzgent.kernel.once import new_token
from pzgent.kernel.versions.applying import instance_of
from pzgent.kernel.versions.bin import in_bin, models_deleted, recreate
from pzgent.kernel.versions.differences import contents
from pzgent.kernel.versions.models import Version, VersionKind
from pzgent.kernel.versions.snapshots import model_of


class BinAdmin(VersionAdmin):
    """An admin whose deleted objects can come back."""

    def get_urls(self) -> list[URLPattern]:
        """Return the usual URL patterns, and those of the bin of this model."""
        known = f"{self.opts.app_label}_{self.opts.model_name}"
        wrap = self.admin_site.admin_view
        return [
            path("bin/", wrap(self.bin_view), name=f"{known}_bin"),
            path("bin/<int:number>/", wrap(self.bin_restore_view), name=f"{known}_bin_restore"),
            *super().get_urls(),
        ]

    def bin_view(self, request: HttpRequest) -> HttpResponse:
        """List what was deleted of this model."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return bin_page(self.admin_site, request, [self.model])

    def bin_restore_view(self, request: HttpRequest, number: int) -> HttpResponse:
        """Ask whether to bring something back, with all that hung on it; or do it."""
        if request.method != "POST":
            return self._ask_to_recreate(request, self._deleted(request, number))
        with self.writing(request, None):  # type: ignore[attr-defined]  # of EditingAdmin
            return self.once(request, lambda: self._recreate(request, number))  # type: ignore[attr-defined]  # as above

    def _deleted(self, request: HttpRequest, number: int) -> Version:
        """Return something deleted that the user may view. Raises PermissionDenied, and Http404 if it is not there."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        version = Version.objects.filter(
            pk=number, model=self.opts.label_lower, kind=VersionKind.DELETED
        ).first()
        if version is None:
            raise Http404
        may_view = self.has_view_permission(request, instance_of(version.snapshot))
        if not may_view or not reaches_deleted(request, version):
            raise PermissionDenied
        return version

    def may_recreate(self, request: HttpRequest, version: Version) -> bool:
        """Return whether the user may add everything that was deleted along."""
        return self.has_add_permission(request) and may(request, "add", *models_deleted(version))

    def _recreate(self, request: HttpRequest, number: int) -> HttpResponse:
        version = self._deleted(request, number)
        if not self.may_recreate(request, version):
            raise PermissionDenied
        try:
            with transaction.atomic():
                obj = self.recreate(request, version)
        except ValidationError as error:
            if getattr(error, "code", "") == "exists":
                messages.info(request, gettext("“%(item)s” is back already.") % {"item": version.label})
                return HttpResponseRedirect(self._address("change", version.object_id))
            return self._ask_to_recreate(request, version, error.messages)
        messages.success(request, gettext("“%(item)s” is back, with all that hung on it.") % {"item": obj})
        return HttpResponseRedirect(self._address("change", obj.pk))

    def recreate(self, request: HttpRequest, version: Version) -> Any:
        """Create a deleted object again, and record that. Raises ValidationError."""
        obj = recreate(version)
        log_addition(request, [obj])
        self.after_restoring(request, obj, set())
        return obj

    def _ask_to_recreate(
        self, request: HttpRequest, version: Version, problems: list[str] | None = None
    ) -> HttpResponse:
        obj = instance_of(version.snapshot)
        kinds = Counter(model_of(item) for item in version.along)
        context = {
            "title": gettext("Bring back %(item)s") % {"item": version.label},
            "version": version,
            "rows": contents(version.snapshot, self.get_shown_names(request, obj), {}),
            "along": [
                (str(kind._meta.verbose_name_plural), count)
                for kind, count in kinds.items()
                if not kind._meta.auto_created
            ],
            "problems": problems or [],
            "form_once": new_token(),
            "may_restore": self.may_recreate(request, version),
            "bin": self._address("bin"),
        }
        return self._page(request, None, "bin_restore", context, status=409 if problems else 200)


def reaches_deleted(request: HttpRequest, version: Version) -> bool:
    """Return whether the account may see something deleted; one limited to an area sees what it deleted itself.

    Whether a deleted row lay in the area can no longer be told.
    """
    return area_of(request) is None or version.user_id == request.user.pk


def bin_page(site: AdminSite, request: HttpRequest, models: list[Any]) -> HttpResponse:
    """Render the list of what was deleted of these models, newest first."""
    page = Paginator(in_bin(models), PER_PAGE).get_page(request.GET.get("p", 1))
    known = {model._meta.label_lower: model for model in models}
    rows = [
        (version, known[version.model]._meta.verbose_name, _restore_address(known[version.model], version))
        for version in page.object_list
        if reaches_deleted(request, version)
        and site.get_model_admin(known[version.model]).has_view_permission(
            request, instance_of(version.snapshot)
        )
    ]
    context = {
        **site.each_context(request),
        "title": gettext("Bin"),
        "opts": models[0]._meta if len(models) == 1 else None,
        "page": page,
        "rows": rows,
    }
    return TemplateResponse(request, "admin/versions/bin.html", context)


def _restore_address(model: Any, version: Version) -> str:
    opts = model._meta
    return reverse(f"admin:{opts.app_label}_{opts.model_name}_bin_restore", args=[version.pk])
