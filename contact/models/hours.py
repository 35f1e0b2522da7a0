"""Opening hours: weekly slots, exceptions and school holidays, compiled to one `opening_hours` expression."""

import datetime
from collections.abc import Collection, Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from contact.hours_expression import regular_expression_of
from contact.hours_sentences import hours_in_words, hours_text
from contact.overlaps import check_exceptions, check_holidays, check_slots, check_within
from contact.querysets import ScheduleExceptionQuerySet, ScheduleQuerySet, SchoolHolidayQuerySet
from pzgent.kernel import fields
from pzgent.kernel.publishing import Publishable, PublishableQuerySet, Sourced
from pzgent.kernel.translations import DUTCH, Text, Translated
from pzgent.kernel.wholes import Whole


class Weekday(models.IntegerChoices):
    """Days of the week, Monday first as in ISO 8601."""

    MONDAY = 0, _("Monday")
    TUESDAY = 1, _("Tuesday")
    WEDNESDAY = 2, _("Wednesday")
    THURSDAY = 3, _("Thursday")
    FRIDAY = 4, _("Friday")
    SATURDAY = 5, _("Saturday")
    SUNDAY = 6, _("Sunday")


class Schedule(Whole, Publishable, Sourced, Translated):
    """Opening hours. Channels with the same hours share one schedule."""

    review_months = 6

    translated_fields = ("title", "printed", "source_note")

    title = fields.CharField(
        _("title"),
        max_length=160,
        help_text=_(
            "For whom or where these hours hold, for example “Onthaal Noord”. Channels are chosen by it."
        ),
    )
    printed = fields.CharField(
        _("hours as printed"), max_length=200, blank=True, help_text=_("Word for word as in the source.")
    )
    printed_hours = fields.CharField(
        _("what those words mean"),
        max_length=400,
        blank=True,
        default="",
        db_default="",
        editable=False,
        help_text=_(
            "As an `opening_hours` expression: it tells whether the hours are still those of the source."
        ),
    )
    always_open = models.BooleanField(
        _("round the clock"), default=False, help_text=_("Day and night, every day.")
    )
    closed_on_public_holidays = models.BooleanField(
        _("closed on public holidays"),
        default=False,
        help_text=_("The portal knows the ten Belgian public holidays of each year."),
    )
    school_days_only = models.BooleanField(
        _("school days only"), default=False, help_text=_("Closed in the school holidays too.")
    )

    objects = ScheduleQuerySet.as_manager()

    class Meta(Publishable.Meta):
        verbose_name = _("opening hours")
        verbose_name_plural = _("opening hours")
        ordering = ["title"]
        constraints = [
            *Publishable.Meta.constraints,
            *Sourced.Meta.constraints,
            models.CheckConstraint(
                name="contact_schedule_round_the_clock_has_no_holidays",
                condition=Q(always_open=False) | Q(closed_on_public_holidays=False, school_days_only=False),
                violation_error_message=_("“Round the clock” cannot be combined with holidays."),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @classmethod
    def in_area(cls, units: Collection[Any]) -> Q:
        """Return the condition for opening hours of no channel but those of these units."""
        channels: Any = cls._meta.get_field("channels").related_model
        elsewhere = channels.objects.exclude(channels.in_area(units)).exclude(schedule=None)
        return ~Q(pk__in=elsewhere.order_by().values("schedule"))

    def check_whole(self) -> None:
        """Raise ValidationError for overlapping hours, hours next to “round the clock”, or contradictory exceptions."""
        slots = list(self.slots.all())
        if slots and self.always_open:
            raise ValidationError(
                gettext("“Round the clock” is ticked. Untick it, or tick these hours for deletion.")
            )
        check_slots(slots)
        check_exceptions(_in_order_of_entry(self.exceptions.all()))

    @property
    def summary(self) -> Text:
        """Return today's hours in words, or else the title, in the language of the page."""
        hours = hours_in_words(self)
        return Text(hours, (get_language() or DUTCH)[:2]) if hours else self.translated.title

    @property
    def has_other_hours_than_printed(self) -> bool:
        """True if the hours differ from those that the source prints; exceptions on single days do not count.

        False if the meaning of the printed words is not recorded.
        """
        return bool(self.printed and self.printed_hours) and self.printed_hours != regular_expression_of(self)

    def remember_printed(self) -> None:
        """Record the regular hours stored now as the meaning of the printed words."""
        stored = type(self)._default_manager.get(pk=self.pk)
        self.printed_hours = regular_expression_of(stored) if stored.printed else ""
        type(self)._default_manager.filter(pk=self.pk).update(printed_hours=self.printed_hours)


def _in_order_of_entry(exceptions: Iterable["ScheduleException"]) -> list["ScheduleException"]:
    """Return the exceptions in order of entry, new ones last."""
    return sorted(exceptions, key=lambda item: (item.pk is None, item.pk or 0))


class WeeklySlot(models.Model):
    """One period of the week; it may run past midnight."""

    schedule = models.ForeignKey(
        Schedule, verbose_name=_("opening hours"), on_delete=models.CASCADE, related_name="slots"
    )
    weekday = models.PositiveSmallIntegerField(
        _("day"), choices=Weekday, help_text=_("One line for each time it opens that day.")
    )
    opens = models.TimeField(_("opens"), help_text=_("For example 9.00, 9u or 9:00."))
    closes = models.TimeField(
        _("closes"), help_text=_("Earlier than the opening time means: on the next day. 00:00 is midnight.")
    )

    class Meta:
        verbose_name = _("weekly slot")
        verbose_name_plural = _("weekly slots")
        ordering = ["schedule", "weekday", "opens"]
        constraints = [
            models.UniqueConstraint(
                fields=["schedule", "weekday", "opens"],
                name="contact_weeklyslot_once",
                violation_error_message=_("There is already a slot on that day from that time."),
            ),
            models.CheckConstraint(
                name="contact_weeklyslot_weekday_known",
                condition=Q(weekday__lte=6),
                violation_error_message=_("Choose a day of the week."),
            ),
            models.CheckConstraint(
                name="contact_weeklyslot_not_empty",
                condition=~Q(opens=models.F("closes")),
                violation_error_message=_("The closing time must differ from the opening time."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.opens:%H:%M}-{self.closes:%H:%M}"

    @property
    def hours(self) -> str:
        """Return its hours in words, in the language of the page."""
        return hours_text(self.opens, self.closes)


class ScheduleException(Translated):
    """Different hours, or none, on given days; a later entry overrides an earlier one.

    Different hours for several days apply only to days that are otherwise open, unless the exception says so itself.
    """

    translated_fields = ("reason",)

    schedule = models.ForeignKey(
        Schedule,
        verbose_name=_("opening hours"),
        on_delete=models.CASCADE,
        related_name="exceptions",
        help_text=_("The hours that it changes."),
    )
    first_day = models.DateField(_("first day"), help_text=_("From this day, for example 24 december 2026."))
    last_day = models.DateField(
        _("last day"), help_text=_("This day included. The same as the first for a single day.")
    )
    opens = models.TimeField(_("opens"), null=True, blank=True, help_text=_("Both times empty: closed."))
    closes = models.TimeField(
        _("closes"), null=True, blank=True, help_text=_("Empty together with the opening time: closed.")
    )
    also_when_closed = models.BooleanField(
        _("also on closed days"),
        default=False,
        db_default=False,
        help_text=_(
            "For several days with other hours: also weekends and holidays that are otherwise closed."
        ),
    )
    reason = fields.CharField(
        _("reason"), max_length=120, help_text=_("Shown to the public, for example “training day”.")
    )

    batch = models.UUIDField(
        _("entered together"),
        null=True,
        editable=False,
        db_index=True,
        help_text=_("The same for exceptions that were entered for many opening hours at once."),
    )

    objects = ScheduleExceptionQuerySet.as_manager()

    class Meta:
        verbose_name = _("exception")
        verbose_name_plural = _("exceptions")
        ordering = ["first_day", "pk"]
        constraints = [
            models.CheckConstraint(
                name="contact_scheduleexception_day_order",
                condition=Q(last_day__gte=models.F("first_day")),
                violation_error_message=_("The last day must not be before the first."),
            ),
            models.CheckConstraint(
                name="contact_scheduleexception_both_times_or_none",
                condition=Q(opens=None, closes=None)
                | (~Q(opens=None) & ~Q(closes=None) & ~Q(opens=models.F("closes"))),
                violation_error_message=_("Give both times, or none for a closed day."),
            ),
        ]

    def __str__(self) -> str:
        return f"{date_format(self.first_day)}: {self.reason}"

    @classmethod
    def in_area(cls, units: Collection[Any]) -> Q:
        """Return the condition for exceptions to the opening hours of these units."""
        return Q(schedule__in=Schedule.objects.filter(Schedule.in_area(units)).order_by().values("pk"))

    @property
    def hours(self) -> str:
        """Return its hours in words, or that it is closed, in the language of the page."""
        return hours_text(self.opens, self.closes)

    @property
    def times(self) -> tuple[datetime.time, datetime.time] | None:
        """Return the opening and closing time; None for days on which it does not open."""
        return None if self.opens is None or self.closes is None else (self.opens, self.closes)

    @property
    def is_closed(self) -> bool:
        """True if it has no hours."""
        return self.times is None

    @property
    def is_for_every_day(self) -> bool:
        """True if it also applies to days that are otherwise closed; for a single day always true."""
        return self.is_closed or self.also_when_closed or self.first_day == self.last_day


class SchoolYear(Whole, Publishable, Sourced):
    """School year with all its holidays; outside published school years it is unknown which days are school days."""

    title = fields.CharField(_("title"), max_length=80, help_text=_("For example “Schooljaar 2026-2027”."))
    first_day = models.DateField(_("first day"), help_text=_("1 September."))
    last_day = models.DateField(
        _("known until"), help_text=_("31 August. After the last year the site says that it does not know.")
    )

    objects = PublishableQuerySet.as_manager()

    class Meta(Publishable.Meta):
        verbose_name = _("school year")
        verbose_name_plural = _("school years")
        ordering = ["first_day"]
        constraints = [
            *Publishable.Meta.constraints,
            *Sourced.Meta.constraints,
            models.CheckConstraint(
                name="contact_schoolyear_day_order",
                condition=Q(last_day__gte=models.F("first_day")),
                violation_error_message=_("The last day must not be before the first."),
            ),
            models.UniqueConstraint(
                fields=["first_day"],
                name="contact_schoolyear_once",
                violation_error_message=_("A school year already starts on that day."),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        """Raise ValidationError if the school year overlaps another one."""
        super().clean()
        if self.first_day and self.last_day:
            for other in type(self)._base_manager.exclude(pk=self.pk):
                check_holidays([other, self])

    def check_whole(self) -> None:
        """Raise ValidationError for holidays outside the school year, and for holidays that overlap."""
        holidays = list(self.holidays.all())
        check_within(holidays, self)
        check_holidays(holidays)


class SchoolHoliday(Translated):
    """School holiday of the Flemish Community, from the decree on the organisation of the school year."""

    translated_fields = ("name",)

    school_year = models.ForeignKey(
        SchoolYear,
        verbose_name=_("school year"),
        on_delete=models.CASCADE,
        related_name="holidays",
        null=True,
        help_text=_("The school year in which it falls."),
    )
    name = fields.CharField(_("name"), max_length=80, help_text=_("For example “Herfstvakantie”."))
    first_day = models.DateField(_("first day"), help_text=_("The first day without school."))
    last_day = models.DateField(
        _("last day"), help_text=_("The last day without school, the weekend included.")
    )

    objects = SchoolHolidayQuerySet.as_manager()

    class Meta:
        verbose_name = _("school holiday")
        verbose_name_plural = _("school holidays")
        ordering = ["first_day"]
        constraints = [
            models.CheckConstraint(
                name="contact_schoolholiday_day_order",
                condition=Q(last_day__gte=models.F("first_day")),
                violation_error_message=_("The last day must not be before the first."),
            ),
            models.UniqueConstraint(
                fields=["school_year", "first_day"],
                name="contact_schoolholiday_once_a_year",
                violation_error_message=_("A school holiday already starts on that day."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.first_day.year}"

    def includes(self, day: datetime.date) -> bool:
        """True if the day falls within this holiday."""
        return self.first_day <= day <= self.last_day
