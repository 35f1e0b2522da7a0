"""The holiday calendar of a year, in the admin."""

from __future__ import annotations

import datetime

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext

from contact.admin.hours_check import check_of
from contact.availability import get_calendar
from contact.shared import school_calendar
from contact.year_calendar import LETTERS, exceptions_of, holidays_of, months_of, rules_text
from pzgent.kernel.publishing import PublicationStatus

FIRST_YEAR, LAST_YEAR = 2000, 2100


class YearAdmin(admin.ModelAdmin):
    """Adds the calendar of a year to the admin of the opening hours."""

    def get_urls(self) -> list[URLPattern]:
        """Return the usual URL patterns, and that of the calendar."""
        view = self.admin_site.admin_view(self.year_view)
        return [path("year/", view, name="contact_schedule_year"), *super().get_urls()]

    def year_view(self, request: HttpRequest) -> HttpResponse:
        """Show the holidays and exceptions of a year, and each day of one schedule."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        year = _year(request.GET.get("year", ""))
        rows = self.get_queryset(request).exclude(status=PublicationStatus.WITHDRAWN)
        schedules = list(rows.with_parts().order_by("title", "pk"))  # type: ignore[attr-defined]  # our queryset
        asked = request.GET.get("schedule", "")
        chosen = next((item for item in schedules if str(item.pk) == asked), None)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": gettext("Holiday calendar of %(year)d") % {"year": year},
            "year": year,
            "years": [year - 1, year + 1],
            "holidays": holidays_of(year, school_calendar()),
            "schedules": [(item, rules_text(item), exceptions_of(item, year)) for item in schedules],
            "chosen": chosen,
            "letters": [(state, letter, text) for state, (letter, text) in LETTERS.items()],
            "numbers": range(1, 32),
        }
        if chosen:
            context["months"] = months_of(chosen, year, get_calendar([chosen]))
            context["hours"] = check_of(chosen, request.GET)
        return TemplateResponse(request, "admin/contact/schedule/year.html", context)


def _year(text: str) -> int:
    """Return the year asked for; this year without a usable one."""
    this_year: datetime.date = timezone.localdate()
    year = int(text) if text.isdecimal() and len(text) == len("2027") else this_year.year
    return min(max(year, FIRST_YEAR), LAST_YEAR)
