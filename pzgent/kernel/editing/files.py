"""Uploaded files in the admin: staff open them here, drafts included, with the permissions of their owner."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import quote, unquote
from django.contrib.admin.widgets import AdminFileWidget
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_safe

from pzgent.kernel.files import CheckedFileField, StoredFile
from pzgent.kernel.files.serving import STAFF, file_response


@dataclass(frozen=True)
class StoredFileLink:
    """A stored file as shown in the form."""

    url: str
    description: str

    def __str__(self) -> str:
        return self.description


class StoredFileInput(AdminFileWidget):
    """Labels the current file by its owner and size instead of its name on disk."""

    def format_value(self, value: Any) -> Any:
        """Return the current file, if there is one."""
        return StoredFileLink(value.url, value.description) if self.is_initial(value) else None


class FilesAdmin(admin.ModelAdmin):
    """Serves the files of its objects to users with the view permission."""

    def get_urls(self) -> list[URLPattern]:
        """Return the usual URL patterns, and that of the files if the model has any."""
        if not self._file_fields():
            return super().get_urls()
        view = self.admin_site.admin_view(require_safe(self.file_view))
        return [
            path("<path:object_id>/file/<slug:field>/", view, name=self._file_view_name()),
            *super().get_urls(),
        ]

    def file_view(self, request: HttpRequest, object_id: str, field: str) -> HttpResponseBase:
        """Serve a file of one object. Raises PermissionDenied, and Http404 if there is no file."""
        obj = self.get_object(request, unquote(object_id))
        if not self.has_view_permission(request, obj):
            raise PermissionDenied
        file = getattr(obj, field) if obj is not None and field in self._file_fields() else None
        if not isinstance(file, StoredFile) or not file:
            raise Http404
        return file_response(request, file, STAFF)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """Return the object, with its files linked to the admin view that serves them."""
        obj: Any = super().get_object(request, object_id, from_field)
        for name in self._file_fields() if obj is not None else ():
            file = getattr(obj, name)
            file.admin_url = reverse(f"admin:{self._file_view_name()}", args=[quote(obj.pk), name])
        return obj

    def _file_fields(self) -> list[str]:
        return [field.name for field in self.opts.concrete_fields if isinstance(field, CheckedFileField)]

    def _file_view_name(self) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_file"
