"""Actions on many rows: they ask first, run in portions that never block a colleague for long, and report once."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import model_ngettext
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext

from pzgent.kernel.editing.bulk.import_admin import ImportAdmin
from pzgent.kernel.editing.bulk.importing import KIND
from pzgent.kernel.editing.second_person import works_solo
from pzgent.kernel.jobs import LONGEST_LABEL, Job, JobLine, JobState, LineState
from pzgent.kernel.versions.recording import recorder_of

PORTION_SECONDS = 0.4
MOST_NAMED = 10
LINES_AT_ONCE = 20
VALUE = "value"


@dataclass(frozen=True)
class BulkAction:
    """An action on each selected item.

    `change` sets values on an item and returns the changed fields, none if it is so already; it may raise
    ValidationError. `asks` is the field whose new value the editor gives first.
    """

    question: str | Promise
    result: str | Promise
    change: Callable[[Any, Any], list[str]]
    may: Callable[[HttpRequest, type[Model]], bool]
    asks: str = ""


class BulkActionAdmin(ImportAdmin):
    """An admin with actions on many rows; `bulk_actions` has them by name."""

    bulk_actions: ClassVar[dict[str, BulkAction]] = {}

    def get_urls(self) -> list[URLPattern]:
        """Return the usual URL patterns, and the page of an action."""
        if not self.bulk_actions:
            return super().get_urls()
        view = self.admin_site.admin_view(self.bulk_view)
        name = f"{self.opts.app_label}_{self.opts.model_name}_bulk"
        return [path("bulk/<uuid:job_id>/", view, name=name), *super().get_urls()]

    def get_sheet_links(self, request: HttpRequest) -> list[tuple[str, str]]:
        """Add the link to what the user began here and did not finish."""
        links = super().get_sheet_links(request)
        own = Job.objects.filter(user=request.user.pk, model=self.opts.label_lower)
        for job in own.filter(state__in=(JobState.RUNNING, JobState.CHECKED)).order_by("-created")[:1]:
            page = "import_job" if job.kind == KIND else "bulk"
            links.append((gettext("Go on with what you began"), self._bulk_address(page, job.pk)))
        return links

    def ask(self, request: HttpRequest, queryset: QuerySet, name: str) -> HttpResponse:
        """Store the selection, and redirect to the page that asks for confirmation."""
        self._require_right(request, name)
        job = Job.start(
            request.user.pk,
            self.opts.label_lower,
            name,
            _lines(queryset),
            back=request.GET.urlencode(),
        )
        return HttpResponseRedirect(self._bulk_address("bulk", job.pk))

    def bulk_view(self, request: HttpRequest, job_id: UUID) -> HttpResponse:
        """Ask for confirmation, do some more rows, or report."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        own = Job.objects.filter(user=request.user.pk, model=self.opts.label_lower, pk=job_id)
        job = own.filter(kind__in=self.bulk_actions).first()
        if job is None:
            raise Http404
        self._require_right(request, job.kind)
        form = self._value_form(request, job)
        if request.method == "POST" and job.state in (JobState.ASKED, JobState.RUNNING):
            if "cancel" in request.POST:
                return self._call_off_job(request, job)
            if job.state == JobState.ASKED and not self._start(job, form):
                return self._ask_page(request, job, form)
        if job.state == JobState.ASKED:
            return self._ask_page(request, job, form)
        if job.state == JobState.RUNNING:
            self._do_portion(request, job)
        if job.state == JobState.RUNNING:
            return self._progress_page(request, job)
        self._report_once(request, job)
        return self._back(job)

    def _require_right(self, request: HttpRequest, name: str) -> None:
        may_run = works_solo(request) and self.bulk_actions[name].may(request, self.model)
        if not self.has_change_permission(request) or not may_run:
            raise PermissionDenied

    def _value_form(self, request: HttpRequest, job: Job) -> Any:
        """Return the form with the value to set; None for an action without one."""
        asked = self.bulk_actions[job.kind].asks
        if not asked:
            return None
        field: Any = self.formfield_for_dbfield(self.opts.get_field(asked), request)  # type: ignore[arg-type]  # a column
        field.required = True
        field.widget = getattr(field.widget, "widget", field.widget)
        if isinstance(field, forms.DateField):
            field.widget = forms.TextInput()
        field.widget.is_required = True
        form = type("ValueForm", (forms.Form,), {VALUE: field})
        return form(request.POST if "start" in request.POST else None)

    def _start(self, job: Job, form: Any) -> bool:
        """Start a job that was asked for; return False if its value is missing."""
        if form is not None:
            if not form.is_valid():
                return False
            value = form.cleaned_data[VALUE]
            job.context = {**job.context, VALUE: str(getattr(value, "pk", value))}
        job.state = JobState.RUNNING
        # A second click finds it running, and does no row twice.
        Job.objects.filter(pk=job.pk, state=JobState.ASKED).update(state=job.state, context=job.context)
        return True

    def _do_portion(self, request: HttpRequest, job: Job) -> None:
        """Do waiting rows for a short time, in one transaction; finish the job after the last one."""
        ends = monotonic() + PORTION_SECONDS
        with self.writing(request, None):  # type: ignore[attr-defined]  # of EditingAdmin
            job.refresh_from_db(from_queryset=Job.objects.select_for_update())
            if job.state != JobState.RUNNING:
                return
            while lines := list(job.lines.filter(state=LineState.WAITING)[:LINES_AT_ONCE]):
                if monotonic() > ends:
                    return
                found: Any = self.get_queryset(request).filter(pk__in=[line.object_id for line in lines])
                known = {str(key) for key in found.order_by().values_list("pk", flat=True)}
                for line in lines:
                    self._do_line(request, job, line, is_known=line.object_id in known)
                JobLine.objects.bulk_update(lines, ["state", "outcome"])
            job.finish(JobState.DONE)

    def _do_line(self, request: HttpRequest, job: Job, line: JobLine, is_known: bool) -> None:
        """Change one item with its own save(); note on the line what came of it."""
        action, reason = self.bulk_actions[job.kind], ""
        rows = self.model._base_manager.select_for_update(no_key=True).filter(pk=line.object_id)
        item: Any = rows.first() if is_known else None
        if item is None:
            reason = gettext("It does not exist any more.")
        elif not self.has_change_permission(request, item):
            reason = gettext("You may not change it.")
        else:
            recorder_of(request).remember([item])
            try:
                fields = action.change(item, job.context.get(VALUE))
                check_constraints(item, fields)
                if not fields:
                    line.state = LineState.UNCHANGED
                    return
                with transaction.atomic():
                    item.save(update_fields=fields)
            except ValidationError as error:
                reason = " ".join(error.messages)
            except IntegrityError:
                reason = _reason_of(item)
        if reason:
            line.state, line.outcome = LineState.SKIPPED, {"reason": reason}
            return
        labels = [str(self.opts.get_field(name).verbose_name) for name in fields]  # type: ignore[union-attr]  # columns
        self.log_change(request, item, [{"changed": {"fields": labels}}])
        line.state = LineState.DONE

    def _ask_page(self, request: HttpRequest, job: Job, form: Any) -> HttpResponse:
        total = job.lines.count()
        names = [line.label for line in job.lines.all()[:MOST_NAMED]]
        action = self.bulk_actions[job.kind]
        context = {
            "job": job,
            "form": form,
            "question": action.question % {"count": total, "name": model_ngettext(self.opts, total)},
            "names": names,
            "more": total - len(names),
            "back_url": self._back(job).url,
        }
        return self._job_page(request, "action_ask", gettext("Are you sure?"), context)

    def _progress_page(self, request: HttpRequest, job: Job) -> HttpResponse:
        counts = job.counts()
        total = sum(counts.values())
        context = {"job": job, "done": total - counts[LineState.WAITING], "total": total}
        response = self._job_page(request, "job_progress", gettext("In progress"), context)
        # Without JavaScript; a GET only continues what was confirmed.
        response["Refresh"] = f"0; url={self._bulk_address('bulk', job.pk)}"
        return response

    def _call_off_job(self, request: HttpRequest, job: Job) -> HttpResponse:
        counts = job.counts()
        job.finish(JobState.CALLED_OFF)
        text = gettext("Called off. %(done)d were done, %(waiting)d were not.")
        messages.info(request, text % {"done": counts[LineState.DONE], "waiting": counts[LineState.WAITING]})
        return self._back(job)

    def _report_once(self, request: HttpRequest, job: Job) -> None:
        """Say in one message what changed, and what was skipped and why."""
        counts = job.context["counts"]
        done = counts[LineState.DONE]
        words = {"count": done, "name": model_ngettext(self.opts, done)}
        parts = [str(self.bulk_actions[job.kind].result) % words]
        if counts[LineState.UNCHANGED]:
            text = ngettext(
                "%(count)d was so already.", "%(count)d were so already.", counts[LineState.UNCHANGED]
            )
            parts.append(text % {"count": counts[LineState.UNCHANGED]})
        skipped = list(job.lines.filter(state=LineState.SKIPPED)[:MOST_NAMED])
        parts += [
            gettext("“%(item)s” was not changed. %(reasons)s")
            % {"item": line.label, "reasons": line.outcome["reason"]}
            for line in skipped
        ]
        more = counts[LineState.SKIPPED] - len(skipped)
        if more:
            parts.append(
                ngettext("%(count)d more was skipped.", "%(count)d more were skipped.", more)
                % {"count": more}
            )
        say = messages.success if not skipped else messages.warning if done else messages.error
        say(request, " ".join(parts))

    def _back(self, job: Job) -> HttpResponseRedirect:
        query = job.context.get("back", "")
        return HttpResponseRedirect(self._bulk_address("changelist") + (f"?{query}" if query else ""))


def check_constraints(item: Model, fields: Sequence[str]) -> None:
    """Check the constraints that are about one of these fields. Raises ValidationError.

    Each constraint is a query; those about other fields hold already.
    """
    errors = []
    for rule in item._meta.constraints:
        condition = getattr(rule, "condition", None)
        names = {*getattr(rule, "fields", ()), *(condition.referenced_base_fields if condition else ())}
        if not names.isdisjoint(fields):
            try:
                rule.validate(type(item), item)
            except ValidationError as error:
                errors.append(error)
    if errors:
        raise ValidationError(errors)


def _reason_of(item: Any) -> str:
    """Return why the database refused an item that its own rules accepted before a colleague saved."""
    try:
        item.validate_constraints()
    except ValidationError as error:
        return " ".join(error.messages)
    return gettext("Somebody else saved something in the meantime.")


def _lines(queryset: QuerySet) -> Iterator[JobLine]:
    """Yield a waiting line for each selected item."""
    for number, item in enumerate(queryset.iterator(chunk_size=500), 1):
        yield JobLine(number=number, object_id=str(item.pk), label=str(item)[:LONGEST_LABEL])
