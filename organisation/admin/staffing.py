"""Admin of staffing: grades, and tables whose lines must add up."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from organisation.admin.staffing_sheet import StaffingLineSheet
from organisation.models import Grade, StaffingLine, StaffingTable
from pzgent.kernel.editing import ROWS, EditingAdmin, EditionAdmin, Fieldsets, PartFormSet, PartInline, Sheet


@admin.register(Grade)
class GradeAdmin(EditingAdmin):
    """Admin of ranks and levels."""

    list_display = ("name", "code", "category", "rank")
    list_filter = ("category",)
    search_fields = ("name", "code")
    fields = (("code", "name"), ("category", "rank"))


class StaffingLineFormSet(PartFormSet):
    """Lines with each grade at most once that add up to the stated totals."""

    def clean(self) -> None:
        """Validate the submitted lines together."""
        super().clean()
        if any(self.errors):
            return
        lines = [form.instance for form in self.kept_forms()]
        self._refuse_repeats(lines)
        self.instance.check_with(lines=lines)

    def _refuse_repeats(self, lines: list[StaffingLine]) -> None:
        """Raise ValidationError if a grade occurs twice for the same unit, or twice for the whole corps."""
        seen: set[tuple[Any, Any]] = set()
        for line in lines:
            key = (line.grade_id, line.unit_id)
            if key in seen:
                text = gettext("The grade “%(grade)s” stands there twice. Keep one line.")
                raise ValidationError(text % {"grade": line.grade}, code="repeated")
            seen.add(key)


class StaffingLineInline(PartInline):
    """Staff numbers, one grade per line."""

    model = StaffingLine
    formset = StaffingLineFormSet
    fields = ("grade", "unit", "count", "count_missing", "measure")
    autocomplete_fields = ("grade", "unit")
    related = ("grade", "unit")


@admin.register(StaffingTable)
class StaffingTableAdmin(EditionAdmin):
    """Admin of the editions of the staffing tables."""

    sheets: ClassVar[Mapping[str, type[Sheet]]] = {ROWS: Sheet, "lines": StaffingLineSheet}
    imported = "lines"
    list_display = (
        "title",
        "kind",
        "valid_from",
        "in_force",
        "total_ops",
        "total_calog",
        "shown",
        "modified",
    )
    list_filter = ("kind",)
    what_fields: ClassVar[list[Any]] = ["title", "slug", "kind", "summary"]
    main_fieldsets: ClassVar[Fieldsets] = [
        (
            _("Totals as the source states them"),
            {
                "fields": [("total_ops", "total_calog", "total"), "totals_missing"],
                "description": _(
                    "The lines below must add up to these totals. Leave empty what is not published."
                ),
            },
        )
    ]
    inlines = (StaffingLineInline,)
