"""Admin of opening hours, their exceptions and school years."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contact.availability import get_calendar
from contact.models import (
    Schedule,
    ScheduleException,
    SchoolHoliday,
    SchoolYear,
    WeeklySlot,
)
from contact.opening_hours import held_of
from pzgent.kernel.editing import (
    Fieldsets,
    PartAdmin,
    PartForm,
    PartFormSet,
    PartInline,
    PublishableAdmin,
)

WORKING_DAYS = 5


class WeeklySlotFormSet(PartFormSet):
    """Weekly slots that do not overlap; none are allowed together with “round the clock”."""

    def clean(self) -> None:
        """Raise ValidationError for contradictory slots."""
        super().clean()
        if not any(self.errors):
            self.instance.check_with(slots=[form.instance for form in self.kept_forms()])


class WeeklySlotInline(PartInline):
    """Hours of a regular week; new opening hours start with a row for each working day."""

    model = WeeklySlot
    formset = WeeklySlotFormSet
    fields = ("weekday", "opens", "closes")

    def get_extra(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> int:
        """Return one extra row per working day for new opening hours."""
        return 0 if obj else WORKING_DAYS


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
class ScheduleAdmin(PublishableAdmin):
    """Admin of opening hours."""

    list_display = ("title", "printed", "always_open", "channel_count", "shown", "modified")
    list_filter = ("always_open", "closed_on_public_holidays", "school_days_only")
    search_fields = ("title", "printed", "slug")
    prepopulated_on_add: ClassVar[dict[str, Sequence[str]]] = {"slug": ("title",)}
    main_fieldsets: ClassVar[Fieldsets] = [
        (_("What it is"), {"fields": ["title", "slug", "printed"]}),
        (_("Rules"), {"fields": ["always_open", "closed_on_public_holidays", "school_days_only"]}),
    ]
    inlines = (WeeklySlotInline, ScheduleExceptionInline)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Return the opening hours, annotated with the number of channels that use them."""
        return super().get_queryset(request).annotate(number_of_channels=Count("channels"))

    def get_formset_kwargs(self, request: HttpRequest, obj: Any, inline: Any, prefix: str) -> dict[str, Any]:
        """Propose Monday to Friday for new opening hours; a row without times is not saved."""
        kwargs: dict[str, Any] = super().get_formset_kwargs(request, obj, inline, prefix)
        if isinstance(inline, WeeklySlotInline) and obj._state.adding:
            kwargs["initial"] = [{"weekday": day} for day in range(WORKING_DAYS)]
        return kwargs

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Save the slots too; text of the source that was typed in this form describes these hours.

        Warns of exceptions without effect.
        """
        super().save_related(request, form, formsets, change)
        if "printed" in form.changed_data:
            form.instance.remember_printed()
        warn_of_idle_exceptions(request, form.instance.pk)

    @admin.display(description=_("channels"), ordering="number_of_channels")
    def channel_count(self, obj: Any) -> int:
        """Return the number of channels that use these hours."""
        return int(obj.number_of_channels)


def warn_of_idle_exceptions(request: HttpRequest, schedule_id: Any) -> None:
    """Warn the editor of exceptions with hours that have no effect, because each of their days is otherwise closed."""
    schedule = Schedule.objects.with_parts().get(pk=schedule_id)
    held = {item.exception.pk for item in held_of(schedule, get_calendar([schedule]))}
    for item in schedule.exceptions.all():
        if item.pk not in held and not item.is_for_every_day:
            text = gettext(
                "“%(reason)s” changes nothing: it is closed on each of these days. Tick “also on closed days” if it is "
                "open then."
            )
            messages.warning(request, text % {"reason": item.reason})


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
class ScheduleExceptionAdmin(PartAdmin):
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

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Save, and warn of an exception without effect."""
        super().save_related(request, form, formsets, change)
        warn_of_idle_exceptions(request, form.instance.schedule_id)


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
