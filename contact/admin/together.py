"""The page on which one exception is entered for many opening hours, and changed or removed for all of them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import DELETION
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from contact.hours_at import days_text, times_text
from contact.models import Location, Schedule, ScheduleException
from contact.together import SHARED, ConflictsError, Outcome, conflict_of, save_together
from pzgent.kernel.editing import log_addition, log_change, may
from pzgent.kernel.editing.moments import ClockField, DayField
from pzgent.kernel.editing.problems import Problem, problems_of, with_examples
from pzgent.kernel.editing.rights import log
from pzgent.kernel.fields import LineInput
from pzgent.kernel.once import FIELD, new_token
from pzgent.kernel.publishing import PublicationStatus
from pzgent.kernel.translations import OTHER_LANGUAGES

LOOK, REMOVE, CONFIRMED = "_look", "_remove", "confirmed"
REASON_LENGTH = 120


class TogetherForm(forms.Form):
    """One exception, and the opening hours that it is for: ticked themselves, or by their place."""

    first_day = DayField(label=_("First day"), help_text=_("For example 24/12/2027 or 24 December 2027."))
    last_day = DayField(label=_("Last day"), required=False, help_text=_("Empty: only that one day."))
    opens = ClockField(label=_("Open from"), required=False, help_text=_("Both times empty: closed."))
    closes = ClockField(label=_("Open until"), required=False, help_text=_("For example 12.00."))
    also_when_closed = forms.BooleanField(
        label=_("Also on closed days"),
        required=False,
        help_text=_(
            "For several days with other hours: also weekends and holidays that are otherwise closed."
        ),
    )
    reason = LineInput(
        label=_("Reason"),
        max_length=REASON_LENGTH,
        help_text=_("Shown to the public, for example “training day”."),
    )
    places = forms.ModelMultipleChoiceField(
        Location.objects.none(),
        label=_("All opening hours of a place"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    schedules = forms.ModelMultipleChoiceField(
        Schedule.objects.none(), label=_("Opening hours"), required=False
    )
    stamp = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, rows: list[Schedule], stamp: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows, self.current_stamp = rows, stamp
        self.initial["stamp"] = stamp
        for language, spoken in OTHER_LANGUAGES.items():
            self.fields[f"reason_{language}"] = LineInput(
                label=gettext("Reason (%(language)s)") % {"language": spoken},
                required=False,
                max_length=REASON_LENGTH,
                widget=forms.TextInput(attrs={"lang": language}),
            )
        keys = [row.pk for row in rows]
        self.fields["schedules"].queryset = Schedule.objects.filter(pk__in=keys)  # type: ignore[attr-defined]  # of a choice
        self.fields["places"].queryset = Location.objects.with_hours(keys)  # type: ignore[attr-defined]  # of a choice
        for field in self.fields.values():
            with_examples(field)

    def clean(self) -> dict[str, Any]:
        """Complete the last day and the choice by place; refuse a form without opening hours, or an outdated one."""
        cleaned = super().clean() or self.cleaned_data
        cleaned["last_day"] = cleaned.get("last_day") or cleaned.get("first_day")
        chosen = {row.pk for row in cleaned.get("schedules") or ()}
        places = {place.pk for place in cleaned.get("places") or ()}
        cleaned["chosen"] = [
            row
            for row in self.rows
            if row.pk in chosen or any(channel.location_id in places for channel in row.channels.all())
        ]
        if not cleaned["chosen"]:
            self.add_error("schedules", gettext("Tick the opening hours that this is for, at least one."))
        if self.current_stamp != cleaned.get("stamp"):
            text = gettext(
                "Somebody changed this in the meantime. Look below at what stands there now, then save again."
            )
            self.add_error(None, text)
            data: Any = self.data.copy()  # type: ignore[attr-defined]  # a QueryDict
            data["stamp"] = self.current_stamp
            self.data = data
        return cleaned

    def wanted(self) -> ScheduleException:
        """Return the exception as typed, without opening hours. Raises ValidationError."""
        cleaned = self.cleaned_data
        made = ScheduleException(**{name: cleaned[name] for name in SHARED if name in cleaned})
        for language in OTHER_LANGUAGES:
            made.translate("reason", language, cleaned.get(f"reason_{language}", ""))
        made.clean_fields(exclude=["schedule"])
        made.validate_constraints(exclude={"schedule"})
        return made


@dataclass(frozen=True)
class Row:
    """Opening hours in the list: who uses them, what stands on these days already, and what contradicts."""

    schedule: Schedule
    is_chosen: bool
    used_by: str
    places: str
    place_keys: str
    already: list[str]
    conflict: str


class TogetherAdmin(admin.ModelAdmin):
    """Adds the page for many opening hours to the admin of the exceptions."""

    def get_urls(self) -> list[URLPattern]:
        """Return the usual URL patterns, and those of the page for many opening hours."""
        view, name = self.admin_site.admin_view(self.together_view), "contact_scheduleexception"
        return [
            path("together/", view, name=f"{name}_together"),
            path("<path:object_id>/together/", view, name=f"{name}_batch"),
            *super().get_urls(),
        ]

    def together_view(self, request: HttpRequest, object_id: str | None = None) -> HttpResponse:
        """Show or save the exception for many opening hours."""
        stored = self.get_object(request, object_id) if object_id else None
        if object_id and stored is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)  # type: ignore[attr-defined]  # missing from the stubs
        kind = "change" if stored else "add"
        if not may(request, kind, ScheduleException):
            raise PermissionDenied
        if request.method != "POST" or LOOK in request.POST:
            return self._show(request, stored)
        with transaction.atomic():
            _lock_all()
            return self.once(request, lambda: self._act(request, stored))  # type: ignore[attr-defined]  # of EditingAdmin

    def _act(self, request: HttpRequest, stored: ScheduleException | None) -> HttpResponse:
        if stored and REMOVE in request.POST:
            return self._remove(request, stored)
        entered = _entered_with(stored)
        form = self._form(request, entered)
        if not form.is_valid():
            return self._show(request, stored, form)
        before = {item.schedule_id for item in entered}
        after = {row.pk for row in form.cleaned_data["chosen"]}
        needed = [action for action, keys in (("add", after - before), ("delete", before - after)) if keys]
        if not all(may(request, action, ScheduleException) for action in needed):
            raise PermissionDenied
        try:
            outcome = save_together(form.wanted(), form.cleaned_data["chosen"], entered)
        except ConflictsError as error:
            titles = {row.pk: row.title for row in form.rows}
            for key, text in error.messages.items():
                form.add_error(None, f"{titles[key]}: {text}")
            return self._show(request, stored, form)
        except ValidationError as error:
            form.add_error(None, error.messages)
            return self._show(request, stored, form)
        return self._done(request, outcome)

    def _remove(self, request: HttpRequest, stored: ScheduleException) -> HttpResponse:
        """Ask for confirmation, or remove the exceptions that were entered together."""
        if not may(request, "delete", ScheduleException):
            raise PermissionDenied
        entered = _entered_with(stored)
        if CONFIRMED not in request.POST:
            context = {**self._context(request), "title": gettext("Remove for all"), "entered": entered}
            context["form_once"] = new_token()
            return TemplateResponse(request, "admin/contact/scheduleexception/remove_together.html", context)
        outcome = Outcome(removed=entered)
        self._record(request, outcome)
        ScheduleException.objects.filter(pk__in=[item.pk for item in entered]).delete()
        _tell(request, outcome)
        return HttpResponseRedirect(reverse("admin:contact_scheduleexception_changelist"))

    def _done(self, request: HttpRequest, outcome: Outcome) -> HttpResponse:
        self._record(request, outcome)
        _tell(request, outcome)
        kept = next(iter([*outcome.changed, *outcome.added]), None)
        if kept is None:
            return HttpResponseRedirect(reverse("admin:contact_scheduleexception_changelist"))
        return HttpResponseRedirect(reverse("admin:contact_scheduleexception_batch", args=[kept.pk]))

    def _record(self, request: HttpRequest, outcome: Outcome) -> None:
        """Log each exception in its own history, and count a change of each of the opening hours."""
        log_addition(request, outcome.added)
        log_change(request, outcome.changed, gettext("entered together"))
        log(request, outcome.removed, DELETION, "")
        self._count_change(request, outcome.schedules)  # type: ignore[attr-defined]  # of PartAdmin

    def _form(self, request: HttpRequest, entered: list[ScheduleException]) -> TogetherForm:
        rows = self._schedules(request)
        options: dict[str, Any] = {"rows": rows, "stamp": _stamp_of(entered)}
        if request.method == "POST":
            return TogetherForm(request.POST, **options)
        return TogetherForm(initial=_initial_of(entered), **options)

    def _schedules(self, request: HttpRequest) -> list[Schedule]:
        """Return the opening hours that the editor may change, those withdrawn left out."""
        owner = self.admin_site._registry[Schedule]
        rows = owner.get_queryset(request).exclude(status=PublicationStatus.WITHDRAWN).order_by("title", "pk")
        found = rows.with_channels().prefetch_related("exceptions")  # type: ignore[attr-defined]  # our queryset
        return [row for row in found if owner.has_change_permission(request, row)]

    def _show(
        self, request: HttpRequest, stored: ScheduleException | None, form: TogetherForm | None = None
    ) -> HttpResponse:
        entered = _entered_with(stored)
        form = form or self._form(request, entered)
        problems: list[Problem] = []
        if request.method == "POST":
            problems = problems_of(form, ())
        context = {
            **self._context(request),
            "title": gettext("Closed or other hours, for many at once"),
            "form": form,
            "places": form["places"],
            "texts": [form[name] for name in ("reason", *(f"reason_{code}" for code in OTHER_LANGUAGES))],
            "rows": _rows(form, entered),
            "problems": problems,
            "is_checked": request.method == "POST" and not problems,
            "stored": stored,
            "form_once": request.POST.get(FIELD) or new_token(),
            "may_remove": stored is not None and may(request, "delete", ScheduleException),
        }
        return TemplateResponse(request, "admin/contact/scheduleexception/together.html", context)

    def _context(self, request: HttpRequest) -> dict[str, Any]:
        return {**self.admin_site.each_context(request), "opts": self.opts}


def _lock_all() -> None:
    """Lock all opening hours, in one order: what follows is compared with what is stored."""
    list(Schedule._base_manager.select_for_update(no_key=True).order_by("pk").values_list("pk"))


def _entered_with(stored: ScheduleException | None) -> list[ScheduleException]:
    if stored is None:
        return []
    return list(ScheduleException.objects.entered_with(stored).select_related("schedule"))


def _stamp_of(entered: list[ScheduleException]) -> str:
    """Return a digest of the opening hours to which the exceptions belong; it changes with each of their versions."""
    versions = sorted((item.pk, item.schedule.version) for item in entered)
    return hashlib.sha256(repr(versions).encode()).hexdigest()[:20]


def _initial_of(entered: list[ScheduleException]) -> dict[str, Any]:
    if not entered:
        return {}
    first = entered[0]
    translations = {f"reason_{code}": first.translation_of("reason", code) for code in OTHER_LANGUAGES}
    values = {name: getattr(first, name) for name in SHARED if name not in ("translations", "batch")}
    return {**values, **translations, "schedules": [item.schedule_id for item in entered]}


def _rows(form: TogetherForm, entered: list[ScheduleException]) -> list[Row]:
    """Return the list of opening hours; what stands there already is known as soon as there are days."""
    known = {item.schedule_id: item for item in entered}
    wanted = _typed(form) or (entered[0] if entered else None)
    chosen = {str(row.pk) for row in getattr(form, "cleaned_data", {}).get("chosen", ())}
    chosen |= {str(key) for key in form["schedules"].value() or ()}
    found = []
    for schedule in form.rows:
        channels = list(schedule.channels.all())
        is_chosen = str(schedule.pk) in chosen
        own = known.get(schedule.pk)
        found.append(
            Row(
                schedule,
                is_chosen,
                ", ".join(sorted({channel.label for channel in channels})),
                ", ".join(sorted({str(channel.location) for channel in channels if channel.location})),
                " ".join(sorted({str(channel.location_id) for channel in channels if channel.location_id})),
                _already(schedule, wanted) if wanted else [],
                conflict_of(schedule, wanted, own) if wanted and is_chosen else "",
            )
        )
    return found


def _typed(form: TogetherForm) -> ScheduleException | None:
    """Return the exception as typed if its days and times are right, even if other fields are not."""
    cleaned = getattr(form, "cleaned_data", {})
    first, last = cleaned.get("first_day"), cleaned.get("last_day")
    if not first or not last or last < first:
        return None
    made = ScheduleException(**{name: cleaned.get(name) for name in SHARED[:4]})
    made.also_when_closed, made.reason = bool(cleaned.get("also_when_closed")), cleaned.get("reason", "")
    return made


def _already(schedule: Schedule, wanted: ScheduleException) -> list[str]:
    return [
        f"{item.reason}: {days_text(item.first_day, item.last_day)}, {times_text(item.times)}"
        for item in schedule.exceptions.all()
        if item.first_day <= wanted.last_day and wanted.first_day <= item.last_day
    ]


def _tell(request: HttpRequest, outcome: Outcome) -> None:
    """Tell for how many opening hours something was done."""
    added, changed, removed = len(outcome.added), len(outcome.changed), len(outcome.removed)
    texts = [
        (added, ngettext("Added to %(count)d schedule.", "Added to %(count)d schedules.", added)),
        (changed, ngettext("Changed in %(count)d schedule.", "Changed in %(count)d schedules.", changed)),
        (removed, ngettext("Removed from %(count)d schedule.", "Removed from %(count)d schedules.", removed)),
    ]
    for count, text in texts:
        if count:
            messages.success(request, text % {"count": count})
