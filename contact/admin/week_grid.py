"""The regular week as a grid: a row per day, periods beside each other, and a day copied to other days."""

import datetime
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contact.models import WeeklySlot
from contact.models.hours import Weekday
from pzgent.kernel.editing import ConstrainedForm, PartFormSet, PartInline

PREFIX = "slots"
DAYS = range(7)
# Periods that a day without hours offers: before and after a pause.
EMPTY_PERIODS = 2
MOST_ROWS = 200
COPY = "copy_day_"
NEXT_DAY, WORKING_WEEK, WHOLE_WEEK = "next", "weekdays", "week"
TARGETS = {
    NEXT_DAY: _("the next day"),
    WORKING_WEEK: _("Monday to Friday"),
    WHOLE_WEEK: _("every day"),
}


class PeriodForm(ConstrainedForm):
    """One period of a day; a new one without times is not saved."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, text in (
            ("opens", _("Give the opening time too, for example 9.00.")),
            ("closes", _("Give the closing time too, for example 17.00.")),
        ):
            if name in self.fields:
                self.fields[name].error_messages["required"] = text
                self.fields[name].help_text = ""  # the grid has one for all

    def has_changed(self) -> bool:
        """Return whether a time was typed; the day of an empty period does not count."""
        if self.instance._state.adding:
            return bool({"opens", "closes"} & set(self.changed_data))
        return super().has_changed()

    def clean(self) -> dict[str, Any]:
        """Refuse a period that ends when it starts, at the cell itself."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        opens: datetime.time | None = cleaned.get("opens")
        if opens is not None and opens == cleaned.get("closes"):
            text = gettext(
                "It opens and closes at the same time. Open the whole day? Write 0.00 to 12.00 and 12.00 to 24.00, "
                "or tick “round the clock”."
            )
            self.add_error("closes", text)
        return cleaned


class WeekFormSet(PartFormSet):
    """The periods of a week that do not overlap; a stored period is deleted by emptying both of its times."""

    def add_fields(self, form: Any, index: int | None) -> None:
        """Add the fields of a period, whose inputs the grid labels with their day."""
        super().add_fields(form, index)
        for field in form.fields.values():
            field.widget.attrs.pop("aria-label", None)

    def clean(self) -> None:
        """Raise ValidationError for contradictory periods."""
        super().clean()
        if not any(self.errors):
            self.instance.check_with(slots=self.typed())

    def _should_delete_form(self, form: forms.ModelForm) -> bool:
        """Return whether a period is to be deleted: both times are empty, or it is marked."""
        if super()._should_delete_form(form):  # type: ignore[misc]  # missing from the stubs
            return True
        is_stored = not form.instance._state.adding
        return is_stored and form.is_bound and not any(form[name].data for name in ("opens", "closes"))

    def typed(self) -> list[WeeklySlot]:
        """Return the periods that remain after saving."""
        return [form.instance for form in self.kept_forms() if not self._should_delete_form(form)]

    def days(self) -> list[dict[str, Any]]:
        """Return the rows of the grid: day, name and forms, in order of the opening times."""
        found: list[list[Any]] = [[] for _day in DAYS]
        for form in self.forms:
            typed = form["weekday"].value()
            # A stored period that was emptied keeps its place, so that it is deleted and not forgotten.
            text = str(typed if typed not in (None, "") else form.instance.weekday)
            if text.isdecimal() and int(text) in DAYS:
                found[int(text)].append(form)
        return [
            {"number": day, "name": Weekday(day).label, "forms": found[day], "copy": f"{COPY}{day}"}
            for day in DAYS
        ]

    @property
    def targets(self) -> list[tuple[str, Any]]:
        """Return the choices for copying a day."""
        return list(TARGETS.items())


class WeekInline(PartInline):
    """The regular week; each day has room for one period more than it has, and at least for two."""

    model = WeeklySlot
    form = PeriodForm
    formset = WeekFormSet
    template = "admin/contact/schedule/week_grid.html"
    fields = ("weekday", "opens", "closes")

    def get_extra(self, request: Any, obj: Any = None, **kwargs: Any) -> int:
        """Return the number of new periods; a copy has those of the hours that it copies."""
        owner: Any = self.admin_site._registry[self.parent_model]
        return len(empty_periods(obj, None if obj else owner.copied(request)))

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """Return the form field; the day of a period follows from its row."""
        if db_field.name == "weekday":
            kwargs["widget"] = forms.HiddenInput()
        elif db_field.name in ("opens", "closes"):
            kwargs["widget"] = forms.TimeInput(
                format="%H:%M", attrs={"autocomplete": "off", "inputmode": "text"}
            )
        return super().formfield_for_dbfield(db_field, request, **kwargs)


def empty_periods(schedule: Any, source: Any = None) -> list[dict[str, Any]]:
    """Return the initial values of the new periods: one for each day, then a second one for days without hours.

    With a source, the periods of new opening hours start with those of the source.
    """
    stored = set() if schedule is None else set(schedule.slots.values_list("weekday", flat=True))
    second = [day for day in DAYS if day not in stored]
    periods: list[dict[str, Any]] = [{"weekday": day} for day in (*DAYS, *second)]
    for slot in source.slots.all() if source else ():
        free = (row for row in periods if row["weekday"] == slot.weekday and "opens" not in row)
        row = next(free, None)
        if row is None:
            row = {"weekday": slot.weekday}
            periods.append(row)
        row.update(opens=slot.opens, closes=slot.closes)
    return periods


def with_copied_days(data: QueryDict) -> QueryDict:
    """Return the submitted form with the days copied that it asks to copy; each is copied as it was typed."""
    asked = {day: data.get(f"{COPY}{day}", "") for day in DAYS}
    if not any(choice in TARGETS for choice in asked.values()):
        return data
    rows = _rows_by_day(data)
    copied: Any = data.copy()
    for day, choice in asked.items():
        copied.pop(f"{COPY}{day}", None)
        periods = [times for times in (_times(data, row) for row in rows[day]) if any(times)]
        for target in _targets(day, choice):
            _write(copied, target, rows[target], periods)
    return copied


def _targets(day: int, choice: str) -> list[int]:
    if choice == NEXT_DAY:
        return [(day + 1) % len(DAYS)]
    last = {WORKING_WEEK: 5, WHOLE_WEEK: 7}.get(choice, 0)
    return [target for target in range(last) if target != day]


def _total(data: QueryDict) -> int:
    text = data.get(f"{PREFIX}-TOTAL_FORMS", "")
    return min(int(text), MOST_ROWS) if text.isdecimal() else 0


def _rows_by_day(data: QueryDict) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {day: [] for day in DAYS}
    for row in range(_total(data)):
        text = data.get(f"{PREFIX}-{row}-weekday", "")
        if text.isdecimal() and int(text) in found and not data.get(f"{PREFIX}-{row}-DELETE"):
            found[int(text)].append(row)
    return found


def _times(data: QueryDict, row: int) -> tuple[str, str]:
    opens, closes = (data.get(f"{PREFIX}-{row}-{name}", "").strip() for name in ("opens", "closes"))
    return opens, closes


def _write(data: Any, day: int, rows: list[int], periods: list[tuple[str, str]]) -> None:
    """Fill the rows of a day with these periods, adding rows where there are too few."""
    while len(rows) < len(periods) and _total(data) < MOST_ROWS:
        new = _total(data)
        data[f"{PREFIX}-TOTAL_FORMS"] = str(new + 1)
        data[f"{PREFIX}-{new}-weekday"] = str(day)
        rows.append(new)
    for number, row in enumerate(rows):
        opens, closes = periods[number] if number < len(periods) else ("", "")
        data[f"{PREFIX}-{row}-opens"], data[f"{PREFIX}-{row}-closes"] = opens, closes
