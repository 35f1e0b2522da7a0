"""Import of a spreadsheet in the admin: upload, dry run with progress, report, and writing what was shown."""

from functools import partial
from graphlib import CycleError
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db import DatabaseError, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.text import slugify
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from mptt.exceptions import InvalidMove

from pzgent.kernel.editing.bulk.export_admin import TYPES, ExportAdmin, template_of
from pzgent.kernel.editing.bulk.import_sheet import Sheet
from pzgent.kernel.editing.bulk.importing import (
    KIND,
    OutdatedError,
    apply_import,
    check_again,
    check_portion,
    heading_of,
    prepare_import,
    start_import,
)
from pzgent.kernel.editing.problems import ExplainingForm
from pzgent.kernel.editing.rights import may_import
from pzgent.kernel.files.kinds import MEGABYTE
from pzgent.kernel.jobs import Job, JobLine, JobState, LineState
from pzgent.kernel.sheets import read_sheet
from pzgent.kernel.sheets.reading import LARGEST, MOST_ROWS

LINES_PER_PAGE = 100
SHOWN = (LineState.ERROR, LineState.NEW, LineState.CHANGED, LineState.UNCHANGED)


class UploadForm(ExplainingForm):
    """The file to import."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("An XLSX or CSV file with the headings in the first row."),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
    )

    def clean_file(self) -> Any:
        """Read the file. Raises ValidationError for one that cannot be used."""
        upload = self.cleaned_data["file"]
        if upload.size > LARGEST:
            text = gettext("This file is larger than %(size)d MB. Divide it over several files.")
            raise ValidationError(text % {"size": LARGEST // MEGABYTE})
        self.read = read_sheet(upload.name, upload.read())
        return upload


class ImportAdmin(ExportAdmin):
    """An admin whose list can be filled from a spreadsheet, if it names a sheet in `imported`."""

    imported: ClassVar[str] = ""

    def get_urls(self) -> list[URLPattern]:
        """Return the usual URL patterns, and those of the import."""
        if not self.imported:
            return super().get_urls()
        name = f"{self.opts.app_label}_{self.opts.model_name}_import"
        view = self.admin_site.admin_view
        return [
            path("import/", view(self.import_view), name=name),
            path("import/template.xlsx", view(self.template_view), name=f"{name}_template"),
            path("import/<uuid:job_id>/", view(self.import_job_view), name=f"{name}_job"),
            *super().get_urls(),
        ]

    def get_sheet_links(self, request: HttpRequest) -> list[tuple[str, str]]:
        """Return the links to the downloads, and to the import for whoever may."""
        links = super().get_sheet_links(request)
        if self.imported and self.has_import_permission(request):
            links.append((gettext("Import"), self._bulk_address("import")))
        return links

    def has_import_permission(self, request: HttpRequest) -> bool:
        """Whether the user may import here."""
        return may_import(request, self.model)

    def get_import_sheet(self, request: HttpRequest, options: Any = None) -> Sheet:
        """Return the sheet that is imported. Raises PermissionDenied."""
        sheet = self.sheets[self.imported](self, request, options)
        sheet.require_rights()
        return sheet

    def template_view(self, request: HttpRequest) -> HttpResponse:
        """Return an empty spreadsheet to fill in."""
        sheet = self.get_import_sheet(request)
        name = slugify(sheet.title)
        disposition = f'attachment; filename="{name}.xlsx"'
        headers = {"Content-Disposition": disposition}
        return HttpResponse(template_of(sheet), content_type=TYPES["xlsx"], headers=headers)

    def import_view(self, request: HttpRequest) -> HttpResponse:
        """Show the upload form, or store an uploaded file and start its dry run."""
        sheet = self.get_import_sheet(request)
        form_class = type("SheetForm", (*filter(None, [sheet.options_form]), UploadForm), {})
        form: Any = form_class(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            options = {name: form[name].data for name in form.fields if name != "file"}
            try:
                with transaction.atomic():
                    chosen = self.get_import_sheet(request, options)
                    job = start_import(request, chosen, form.cleaned_data["file"].name, form.read)
                    job.state = JobState.RUNNING
                    job.save(update_fields=["state"])
            except ValidationError as error:
                form.add_error("file", error)
            else:
                return HttpResponseRedirect(self._bulk_address("import_job", job.pk))
        context = {
            "form": form,
            "columns": sheet.columns,
            "template_url": self._bulk_address("import_template"),
            "most_rows": MOST_ROWS,
        }
        return self._job_page(
            request, "import_upload", gettext("Import: %(title)s") % {"title": sheet.title}, context
        )

    def import_job_view(self, request: HttpRequest, job_id: UUID) -> HttpResponse:
        """Check some more rows, show the report, or write what it shows."""
        job = self._own_job(request, job_id)
        sheet = self.get_import_sheet(request, job.context.get("options"))
        if request.method == "POST":
            return self._act_on_job(request, job)
        if job.state == JobState.RUNNING:
            check_portion(sheet, job)
        title = gettext("Import: %(title)s") % {"title": sheet.title}
        if job.state == JobState.RUNNING:
            counts = job.counts()
            done = job.context["total"] - counts[LineState.WAITING]
            context = {"done": done, "total": job.context["total"], "job": job}
            response = self._job_page(request, "job_progress", title, context)
            # Without JavaScript; the next portion starts when this page has been shown.
            # With the address: without it, an address with a fragment, as after a skip link, is not loaded again.
            response["Refresh"] = f"0; url={request.path}"
            return response
        return self._job_page(request, "import_report", title, self._report(request, sheet, job))

    def _act_on_job(self, request: HttpRequest, job: Job) -> HttpResponse:
        if "cancel" in request.POST:
            job.delete()
            messages.info(request, gettext("The file was thrown away; nothing changed."))
            return HttpResponseRedirect(self._bulk_address("changelist"))
        if "apply" in request.POST and self._apply_job(request, job):
            return HttpResponseRedirect(self._bulk_address("changelist"))
        return HttpResponseRedirect(self._bulk_address("import_job", job.pk))

    def _apply_job(self, request: HttpRequest, job: Job) -> bool:
        """Write everything or nothing; return whether it was written, by this request or by an earlier click."""
        make_sheet = partial(self.get_import_sheet, request, job.context.get("options"))
        try:
            ready = prepare_import(make_sheet, job)
            with self.writing(request, None):  # type: ignore[attr-defined]  # of EditingAdmin
                job.refresh_from_db(from_queryset=Job.objects.select_for_update())
                counts = job.counts()
                if job.state != JobState.CHECKED or counts[LineState.ERROR]:
                    return _is_done(request, job)
                apply_import(ready, job, make_sheet)
        except (OutdatedError, ValidationError, InvalidMove, CycleError, DatabaseError) as error:
            job.refresh_from_db()
            if _is_done(request, job):
                return True
            reason = str(error) if isinstance(error, OutdatedError) else ""
            text = gettext("Nothing was written. %(reason)s The file is checked again below.")
            messages.error(request, text % {"reason": reason})
            check_again(job)
            return False
        messages.success(request, _result(counts))
        return True

    def _report(self, request: HttpRequest, sheet: Sheet, job: Job) -> dict[str, Any]:
        """Return the counts, and one page of the rows in the chosen state: errors first."""
        counts = job.context.get("counts") or job.counts()
        asked = request.GET.get("show", "")
        states = [str(state) for state in SHOWN]
        shown = asked if asked in states else next((state for state in states if counts[state]), states[0])
        page = Paginator(job.lines.filter(state=shown), LINES_PER_PAGE).get_page(request.GET.get("page"))
        to_write = counts[LineState.NEW] + counts[LineState.CHANGED]
        is_checked = job.state == JobState.CHECKED
        return {
            "job": job,
            "tabs": [(state, LineState(state).label, counts[state]) for state in states],
            "shown": shown,
            "page": page,
            "rows": [_shown_row(sheet, line) for line in page],
            "may_apply": is_checked and to_write and not counts[LineState.ERROR],
            "is_checked": is_checked,
            "errors": counts[LineState.ERROR],
            "to_write": to_write,
            "upload_url": self._bulk_address("import"),
        }

    def _own_job(self, request: HttpRequest, job_id: UUID) -> Job:
        """Return an import of this model that the user started. Raises Http404 for any other, or an old one."""
        own = Job.objects.filter(user=request.user.pk, model=self.opts.label_lower, kind=KIND, pk=job_id)
        job = own.first()
        if job is None:
            self._require_import(request)
            raise Http404
        return job

    def _require_import(self, request: HttpRequest) -> None:
        if not self.has_import_permission(request):
            raise PermissionDenied

    def _bulk_address(self, page: str, *args: Any) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_{page}", args=args)

    def _job_page(
        self, request: HttpRequest, template: str, title: str, context: dict[str, Any]
    ) -> TemplateResponse:
        """Return a page of the admin about the list."""
        whole = {**self.admin_site.each_context(request), "opts": self.opts, "title": title, **context}
        return TemplateResponse(request, f"admin/bulk/{template}.html", whole)


def _is_done(request: HttpRequest, job: Job) -> bool:
    """Return whether an earlier click wrote the file, and say so."""
    if job.state != JobState.DONE:
        return False
    messages.info(request, gettext("This was done already; the second click changed nothing."))
    return True


def _result(counts: dict[str, int]) -> str:
    total = counts[LineState.NEW] + counts[LineState.CHANGED]
    text = ngettext(
        "%(count)d row was imported: %(new)d new, %(changed)d changed.",
        "%(count)d rows were imported: %(new)d new, %(changed)d changed.",
        total,
    )
    return text % {"count": total, "new": counts[LineState.NEW], "changed": counts[LineState.CHANGED]}


def _shown_row(sheet: Sheet, line: JobLine) -> dict[str, Any]:
    """Return a row of the report: its problems and its changes with the headings of their columns."""
    outcome = line.outcome
    return {
        "number": line.number,
        "label": line.label,
        "problems": [
            (heading_of(sheet, name), line.cells.get(name, ""), text)
            for name, text in outcome.get("problems", ())
        ],
        "changes": [(heading_of(sheet, name), old, new) for name, old, new in outcome.get("changes", ())],
    }
