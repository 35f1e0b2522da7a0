"""Staffing tables: numbers per grade, as decided, targeted or counted."""

from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from organisation.models.structure import Unit
from organisation.querysets.staffing import StaffingTableQuerySet
from pzgent.kernel import fields
from pzgent.kernel.editions import Edition
from pzgent.kernel.paths import path_of
from pzgent.kernel.publishing import MissingReasonField, reason_only_without
from pzgent.kernel.wholes import Whole


class StaffCategory(models.TextChoices):
    """The two staff frameworks of the integrated police."""

    OPS = "OPS", _("operational staff")
    CALOG = "CALOG", _("administrative and logistic staff")


class Grade(models.Model):
    """Rank or level in which people are employed."""

    code = fields.CharField(
        _("code"),
        max_length=10,
        unique=True,
        help_text=_("The abbreviation that the police uses, for example “INP”."),
    )
    name = fields.CharField(_("name"), max_length=100, help_text=_("In full, as the public reads it."))
    category = fields.CharField(
        _("category"),
        max_length=5,
        choices=StaffCategory,
        help_text=_("It decides in which half of the table the grade stands."),
    )
    rank = models.PositiveSmallIntegerField(_("rank order"), help_text=_("1 is the highest in its category."))

    class Meta:
        verbose_name = _("grade")
        verbose_name_plural = _("grades")
        ordering = ["-category", "rank"]
        constraints = [
            models.UniqueConstraint(
                fields=["category", "rank"],
                name="organisation_grade_rank_once",
                violation_error_message=_("Another grade of this category has that rank."),
            ),
            models.CheckConstraint(
                name="organisation_grade_category_known",
                condition=Q(category__in=StaffCategory.values),
                violation_error_message=_("Choose one of the listed categories."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.code})"


class StaffingKind(models.TextChoices):
    """What the numbers of a table mean."""

    FORMATION = "formation", _("formation")
    TARGET = "target", _("target")
    ACTUAL = "actual", _("actual staff")
    NORM = "norm", _("minimum norm")


class StaffingTable(Whole, Edition):
    """One edition of the staff numbers, with the totals stated by the source."""

    series_fields = ("kind",)

    kind = fields.CharField(
        _("kind"),
        max_length=10,
        choices=StaffingKind,
        help_text=_("What the numbers mean. Each kind has its own succession of tables."),
    )
    summary = fields.TextField(
        _("summary"), blank=True, help_text=_("One or two plain sentences above the table, for the public.")
    )
    total_ops = models.DecimalField(
        _("stated total OPS"),
        max_digits=9,
        decimal_places=2,
        null=True,
        blank=True,
        help_text=_("As the source states it, not as you add it up. Empty: not published."),
    )
    total_calog = models.DecimalField(
        _("stated total CALOG"),
        max_digits=9,
        decimal_places=2,
        null=True,
        blank=True,
        help_text=_("As the source states it, not as you add it up. Empty: not published."),
    )
    total = models.DecimalField(
        _("stated total"),
        max_digits=9,
        decimal_places=2,
        null=True,
        blank=True,
        help_text=_("Only when the source gives one number for everybody."),
    )
    totals_missing = MissingReasonField(verbose_name=_("why there are no totals"))

    objects = StaffingTableQuerySet.as_manager()

    class Meta(Edition.Meta):
        verbose_name = _("staffing table")
        verbose_name_plural = _("staffing tables")
        permissions = [("import_staffingtable", "Can import staffing lines")]
        constraints = [
            *Edition.Meta.constraints,
            models.CheckConstraint(
                name="organisation_staffingtable_totals_not_negative",
                condition=(Q(total_ops=None) | Q(total_ops__gte=0))
                & (Q(total_calog=None) | Q(total_calog__gte=0))
                & (Q(total=None) | Q(total__gte=0)),
                violation_error_message=_("A total cannot be negative."),
            ),
            reason_only_without(
                "total",
                "total_ops",
                "total_calog",
                reason="totals_missing",
                name="organisation_staffingtable_reason_without_totals",
            ),
            models.UniqueConstraint(
                fields=["kind", "valid_from"],
                condition=Q(status="published"),
                name="organisation_staffingtable_one_per_kind_and_day",
                violation_error_message=_("Another published table of this kind starts on the same day."),
            ),
        ]

    def get_absolute_url(self) -> str:
        """Return the path of the table on the staffing page."""
        return f"{path_of('staffing')}#{self.slug}"

    def stated_total(self, category: str) -> Decimal | None:
        """Return the total stated by the source for a category, or None."""
        return {StaffCategory.OPS: self.total_ops, StaffCategory.CALOG: self.total_calog}[
            StaffCategory(category)
        ]

    @property
    def grand_total(self) -> Decimal | None:
        """Return the grand total: the stated one, or the sum of both categories; None if not published."""
        if self.total is not None:
            return self.total
        if self.total_ops is None or self.total_calog is None:
            return None
        return self.total_ops + self.total_calog

    @property
    def has_totals(self) -> bool:
        """True if the source states a total, of a category or of all staff."""
        return any(total is not None for total in (self.total_ops, self.total_calog, self.total))

    def check_whole(self) -> None:
        """Raise ValidationError if complete lines do not add up to a stated total."""
        lines = list(self.lines.all())
        models.prefetch_related_objects(lines, "grade")
        for category in StaffCategory:
            counts = [line.count for line in lines if line.grade.category == category]
            stated = self.stated_total(category)
            known = [count for count in counts if count is not None]
            if stated is None or not counts or len(known) < len(counts):
                continue
            if sum(known) != stated:
                raise ValidationError(
                    _("The lines of %(category)s add up to %(sum)s, but the stated total is %(stated)s."),
                    params={"category": category, "sum": sum(known), "stated": stated},
                )


class Measure(models.TextChoices):
    """What is counted."""

    POSTS = "posts", _("posts")
    FTE = "fte", _("full-time equivalents")
    HEADCOUNT = "headcount", _("people")


class StaffingLine(models.Model):
    """Number for one grade, for the whole corps or for one unit."""

    table = models.ForeignKey(
        StaffingTable, verbose_name=_("staffing table"), on_delete=models.CASCADE, related_name="lines"
    )
    grade = models.ForeignKey(
        Grade,
        verbose_name=_("grade"),
        on_delete=models.PROTECT,
        related_name="lines",
        help_text=_("The grade that is counted; once in each table, or once for each unit."),
    )
    unit = models.ForeignKey(
        Unit,
        verbose_name=_("unit"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="staffing_lines",
        help_text=_("Empty: the number is for the whole force."),
    )
    count = models.DecimalField(
        _("number"),
        max_digits=9,
        decimal_places=2,
        null=True,
        blank=True,
        help_text=_("Empty: not published."),
    )
    count_missing = MissingReasonField(verbose_name=_("why there is no number"))
    measure = fields.CharField(
        _("measure"),
        max_length=9,
        choices=Measure,
        default=Measure.POSTS,
        help_text=_("What is counted: posts, full-time equivalents or people."),
    )

    class Meta:
        verbose_name = _("staffing line")
        verbose_name_plural = _("staffing lines")
        ordering = ["table", "-grade__category", "grade__rank"]
        constraints = [
            models.UniqueConstraint(
                fields=["table", "grade", "unit"],
                name="organisation_staffingline_grade_once_per_unit",
                violation_error_message=_("This table already has a line for that grade and unit."),
            ),
            models.UniqueConstraint(
                fields=["table", "grade"],
                condition=Q(unit=None),
                name="organisation_staffingline_grade_once",
                violation_error_message=_("This table already has a line for that grade."),
            ),
            models.CheckConstraint(
                name="organisation_staffingline_not_negative",
                condition=Q(count=None) | Q(count__gte=0),
                violation_error_message=_("A number of staff cannot be negative."),
            ),
            reason_only_without(
                "count", reason="count_missing", name="organisation_staffingline_reason_without_number"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.grade}: {self.count if self.count is not None else '–'}"
