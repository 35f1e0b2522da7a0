"""Download of a list, as it is filtered, to a spreadsheet."""

from collections.abc import Mapping
from io import BytesIO
from typing import IO, Any, ClassVar

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from pzgent.kernel.editing.bulk.import_sheet import Sheet
from pzgent.kernel.sheets import csv_chunks, write_xlsx

ROWS = "rows"
TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}


class ExportAdmin(admin.ModelAdmin):
    """An admin whose list can be downloaded as XLSX and CSV."""

    # The sheets to download, by name; `rows` are the objects of the list.
    sheets: ClassVar[Mapping[str, type[Sheet]]] = {ROWS: Sheet}

    def get_urls(self) -> list[URLPattern]:
        """Return the usual URL patterns, and the one of the downloads."""
        view = self.admin_site.admin_view(require_safe(self.export_view))
        name = f"{self.opts.app_label}_{self.opts.model_name}_export"
        return [path("export/<slug:name>.<slug:form>", view, name=name), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Show the list, with the links to its downloads."""
        links = {"sheet_links": self.get_sheet_links(request)}
        return super().changelist_view(request, {**(extra_context or {}), **links})

    def get_sheet_links(self, request: HttpRequest) -> list[tuple[str, str]]:
        """Return the links to the downloads of the list as it is filtered, as (text, address)."""
        if not self.has_view_or_change_permission(request):
            return []
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_export"
        query = f"?{request.GET.urlencode()}" if request.GET else ""
        links = []
        for sheet, kind in self.sheets.items():
            for form in TYPES:
                title = "" if sheet == ROWS else f" ({kind(self, request).title})"
                text = gettext("Download as %(form)s") % {"form": form.upper()}
                links.append((f"{text}{title}", f"{reverse(name, args=[sheet, form])}{query}"))
        return links

    def export_view(self, request: HttpRequest, name: str, form: str) -> HttpResponse | FileResponse:
        """Return the list as a spreadsheet."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        if name not in self.sheets or form not in TYPES:
            raise Http404
        try:
            queryset = self.get_changelist_instance(request).queryset
        except IncorrectLookupParameters:
            return HttpResponseRedirect(f"{self._list_address()}?e=1")
        sheet = self.sheets[name](self, request)
        target = BytesIO()
        write_sheet(target, form, sheet, queryset)
        target.seek(0)
        file_name = f"{slugify(sheet.title)}-{timezone.localdate().isoformat()}.{form}"
        return FileResponse(target, as_attachment=True, filename=file_name, content_type=TYPES[form])

    def _list_address(self) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")


def write_sheet(target: IO[bytes], form: str, sheet: Sheet, queryset: Any) -> None:
    """Write the rows of a queryset in one of the forms."""
    if form == "xlsx":
        write_xlsx(target, sheet.title, sheet.notes, sheet.rows_of(queryset))
        return
    headings = [column.heading for column in sheet.columns]
    for chunk in csv_chunks(headings, sheet.rows_of(queryset)):
        target.write(chunk)


def template_of(sheet: Sheet) -> bytes:
    """Return a workbook to fill in: the headings with their notes and drop-down lists."""
    target = BytesIO()
    write_xlsx(target, sheet.title, sheet.notes)
    return target.getvalue()
