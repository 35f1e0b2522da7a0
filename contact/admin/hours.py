"""Admin of opening hours, their exceptions and school years."""

from collections.abc import Sequence
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contact.admin.hours_check import check_of, is_check, moment_form, never_saved, typed_schedule
from contact.admin.more_channels import MoreChannelsAdmin
from contact.admin.together import TogetherAdmin
from contact.admin.week_grid import WeekInline, empty_periods, with_copied_days
from contact.admin.year import YearAdmin
from contact.availability import get_calendar
from contact.hours_warnings import warnings_of
from contact.models import (
    Schedule,
    ScheduleException,
    SchoolHoliday,
    SchoolYear,
)
from contact.opening_hours import now_in_brussels
from pzgent.kernel.editing import (
    Fieldsets,
    PartAdmin,
    PartForm,
    PartFormSet,
    PartInline,
    PublishableAdmin,
)

# Query parameter with the opening hours to copy, and the fields that are copied.
COPY_OF = "copy_of"
COPIED = ("always_open", "closed_on_public_holidays", "school_days_only")


class ScheduleExceptionFormSet(PartFormSet):
    """Exceptions that do not contradict each other."""

    def clean(self) -> None:
        """Raise ValidationError for contradictory exceptions."""
        super().clean()
        if not any(self.errors):
            self.instance.check_with(exceptions=[form.instance for form in self.kept_forms()])


class ScheduleExceptionInline(PartInline):
    """Days with different hours, or closed days."""

    model = ScheduleException
    formset = ScheduleExceptionFormSet
    fields = ("first_day", "last_day", "opens", "closes", "also_when_closed", "reason")


@admin.register(Schedule)
class ScheduleAdmin(YearAdmin, MoreChannelsAdmin, PublishableAdmin):
    """Admin of opening hours."""

    list_display = ("title", "printed", "always_open", "channel_count", "shown", "modified")
    list_filter = ("always_open", "closed_on_public_holidays", "school_days_only")
    search_fields = ("title", "printed", "slug")
    prepopulated_on_add: ClassVar[dict[str, Sequence[str]]] = {"slug": ("title",)}
    main_fieldsets: ClassVar[Fieldsets] = [
        (_("What it is"), {"fields": ["title", "slug", "printed"]}),
        (_("Rules"), {"fields": ["always_open", "closed_on_public_holidays", "school_days_only"]}),
    ]
    inlines = (WeekInline, ScheduleExceptionInline)
    change_list_template = "admin/contact/schedule/change_list.html"
    change_form_template = "admin/contact/schedule/change_form.html"

    def get_links(self, obj: Any) -> list[tuple[str, str]]:
        """Return the links to the calendar of these hours, to more channels, and to a copy."""
        key = urlencode({"schedule": obj.pk})
        return [
            (gettext("Calendar of the year"), f"{reverse('admin:contact_schedule_year')}?{key}"),
            (gettext("Give to channels"), reverse("admin:contact_schedule_channels", args=[obj.pk])),
            (
                gettext("Copy as new opening hours"),
                f"{reverse('admin:contact_schedule_add')}?{COPY_OF}={obj.pk}",
            ),
        ]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Return the initial values; a copy starts with the rules of the opening hours that it copies."""
        initial = super().get_changeform_initial_data(request)
        source = self.copied(request)
        return {**initial, **{name: getattr(source, name) for name in COPIED}} if source else initial

    def copied(self, request: HttpRequest) -> Schedule | None:
        """Return the opening hours that a new form starts from; None if there are none or they may not be seen."""
        key = request.GET.get(COPY_OF, "")
        if not key or request.method != "GET":
            return None
        source: Schedule | None = self.get_object(request, key)
        return source if source and self.has_view_permission(request, source) else None

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Return the opening hours, annotated with the number of channels that use them."""
        return super().get_queryset(request).annotate(number_of_channels=Count("channels"))

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Return the form class; one that was sent to check the hours is not saved."""
        form = super().get_form(request, obj, change, **kwargs)
        return never_saved(form) if is_check(request) else form

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Show or save the form, with the days copied that it asks to copy."""
        if request.method == "POST":
            request.POST = with_copied_days(request.POST)  # type: ignore[assignment]  # a QueryDict as before
        return super().changeform_view(request, *args, **kwargs)

    def get_formset_kwargs(self, request: HttpRequest, obj: Any, inline: Any, prefix: str) -> dict[str, Any]:
        """Give each empty period its day; those of a copy start with the hours that it copies."""
        kwargs: dict[str, Any] = super().get_formset_kwargs(request, obj, inline, prefix)
        if isinstance(inline, WeekInline):
            source = self.copied(request) if obj._state.adding else None
            kwargs["initial"] = empty_periods(None if obj._state.adding else obj, source)
        return kwargs

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Any:
        """Render the form with the check of the stored hours, or of those that were typed."""
        context["moment"] = moment_form(request.POST)
        if not context["errors"]:
            context["hours"] = self._check(request, context, kwargs.get("obj"))
        return super().render_change_form(request, context, *args, **kwargs)

    def _check(self, request: HttpRequest, context: dict[str, Any], obj: Any) -> Any:
        if is_check(request):
            week, exceptions = (inline.formset for inline in context["inline_admin_formsets"])
            kept = [form.instance for form in exceptions.kept_forms()]
            schedule = typed_schedule(context["adminform"].form.instance, week.typed(), kept)
            return check_of(schedule, request.POST, is_typed=True)
        return check_of(obj, request.GET) if obj else None

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Save the slots too; text of the source that was typed in this form describes these hours.

        Warns of what is probably not meant.
        """
        super().save_related(request, form, formsets, change)
        if "printed" in form.changed_data:
            form.instance.remember_printed()
        warn(request, form.instance.pk)

    @admin.display(description=_("channels"), ordering="number_of_channels")
    def channel_count(self, obj: Any) -> int:
        """Return the number of channels that use these hours."""
        return int(obj.number_of_channels)


def warn(request: HttpRequest, schedule_id: Any) -> None:
    """Warn the editor of what is allowed in these hours but probably not meant."""
    schedule = Schedule.objects.with_parts().get(pk=schedule_id)
    for text in warnings_of(schedule, get_calendar([schedule]), now_in_brussels().date()):
        messages.warning(request, text)


class ScheduleExceptionForm(PartForm):
    """Exception that does not contradict the others of the same opening hours."""

    def clean(self) -> dict[str, Any]:
        """Raise ValidationError if the exception contradicts another one."""
        cleaned = super().clean()
        schedule = cleaned.get("schedule")
        if schedule and not self.errors:
            for name in ("first_day", "last_day", "opens", "closes", "reason"):
                setattr(self.instance, name, cleaned.get(name))
            whole = schedule.locked()
            others = whole.exceptions.exclude(pk=self.instance.pk)
            whole.check_with(exceptions=[*others, self.instance])
        return cleaned


@admin.register(ScheduleException)
class ScheduleExceptionAdmin(TogetherAdmin, PartAdmin):
    """Admin of the exceptions of all opening hours, by date."""

    form = ScheduleExceptionForm
    owner = "schedule"
    list_display = ("reason", "schedule", "first_day", "last_day", "opens", "closes")
    list_filter = ("schedule",)
    list_select_related = ("schedule",)
    date_hierarchy = "first_day"
    ordering = ("-first_day", "pk")
    search_fields = ("reason", "schedule__title")
    autocomplete_fields = ("schedule",)
    fields = ("schedule", ("first_day", "last_day"), ("opens", "closes"), "also_when_closed", "reason")
    change_list_template = "admin/contact/scheduleexception/change_list.html"

    def get_links(self, obj: Any) -> list[tuple[str, str]]:
        """Add a link to change it for all opening hours for which it was entered."""
        address = reverse("admin:contact_scheduleexception_batch", args=[obj.pk])
        return [*super().get_links(obj), (gettext("Change it for many opening hours"), address)]

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Save, and warn of an exception without effect."""
        super().save_related(request, form, formsets, change)
        warn(request, form.instance.schedule_id)


class SchoolHolidayFormSet(PartFormSet):
    """School holidays that fall within their school year and do not overlap."""

    def clean(self) -> None:
        """Raise ValidationError for holidays that overlap or fall outside the school year."""
        super().clean()
        year = self.instance
        if any(self.errors) or year.first_day is None or year.last_day is None:
            return
        year.check_with(holidays=[form.instance for form in self.kept_forms()])


class SchoolHolidayInline(PartInline):
    """Holidays of a school year."""

    model = SchoolHoliday
    formset = SchoolHolidayFormSet
    fields = ("name", "first_day", "last_day")


@admin.register(SchoolYear)
class SchoolYearAdmin(PublishableAdmin):
    """Admin of the school years with known holidays."""

    list_display = ("title", "first_day", "last_day", "shown", "modified")
    search_fields = ("title", "slug")
    ordering = ("-first_day",)
    prepopulated_on_add: ClassVar[dict[str, Sequence[str]]] = {"slug": ("title",)}
    main_fieldsets: ClassVar[Fieldsets] = [
        (
            _("What it is"),
            {
                "fields": ["title", "slug", ("first_day", "last_day")],
                "description": _(
                    "Publish a school year when all its holidays are here, the bridging days included."
                ),
            },
        ),
    ]
    inlines = (SchoolHolidayInline,)


class SchoolHolidayForm(PartForm):
    """School holiday that falls within its school year and does not overlap another one."""

    def clean(self) -> dict[str, Any]:
        """Raise ValidationError if the holiday overlaps another one or falls outside its school year."""
        cleaned = super().clean()
        year, first, last = (cleaned.get(name) for name in ("school_year", "first_day", "last_day"))
        if year and first and last:
            holiday = SchoolHoliday(name=cleaned.get("name", ""), first_day=first, last_day=last)
            whole = year.locked()
            whole.check_with(holidays=[*whole.holidays.exclude(pk=self.instance.pk), holiday])
        return cleaned


@admin.register(SchoolHoliday)
class SchoolHolidayAdmin(PartAdmin):
    """Admin of the holidays of all school years, by date."""

    form = SchoolHolidayForm
    owner = "school_year"
    list_display = ("name", "first_day", "last_day", "school_year")
    list_select_related = ("school_year",)
    date_hierarchy = "first_day"
    ordering = ("-first_day",)
    search_fields = ("name",)
    autocomplete_fields = ("school_year",)
    fields = ("school_year", "name", ("first_day", "last_day"))
