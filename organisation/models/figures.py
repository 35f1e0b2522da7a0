"""Key figures and official statements."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from organisation.models.plans import CorporatePlan
from organisation.querysets.figures import StatementQuerySet
from pzgent.kernel import fields
from pzgent.kernel.editions import DatePrecision
from pzgent.kernel.paths import path_of
from pzgent.kernel.publishing import (
    MissingReasonField,
    Publishable,
    PublishableQuerySet,
    Sourced,
    reason_only_without,
)
from pzgent.kernel.translations import Translated


class FigureGroup(models.TextChoices):
    """Under which heading a figure stands."""

    ZONE = "zone", _("The police zone")
    ORGANISATION = "organisation", _("Organisation")
    STAFFING = "staffing", _("Staff")
    CITY = "city", _("The city")
    POPULATION = "population", _("Population")
    VEHICLES = "vehicles", _("Vehicles")
    BICYCLES = "bicycles", _("Bicycles")
    PROJECTS = "projects", _("Projects")
    FINANCE = "finance", _("Finances")
    ECOLOGY = "ecology", _("Environment")


class Qualifier(models.TextChoices):
    """How exact a figure is."""

    EXACT = "exact", _("exactly")
    ABOUT = "about", _("about")
    MORE_THAN = "more_than", _("more than")
    AT_LEAST = "at_least", _("at least")
    LESS_THAN = "less_than", _("less than")


class KeyFigure(Publishable, Sourced):
    """One number stated by the source."""

    group = fields.CharField(
        _("group"),
        max_length=12,
        choices=FigureGroup,
        help_text=_("The heading under which it stands on the page of figures."),
    )
    label = fields.CharField(
        _("label"), max_length=160, help_text=_("What is counted, for example “Politievoertuigen”.")
    )
    value = models.DecimalField(
        _("value"),
        max_digits=16,
        decimal_places=2,
        null=True,
        blank=True,
        help_text=_("Empty when not published."),
    )
    value_missing = MissingReasonField(verbose_name=_("why there is no number"))
    value_max = models.DecimalField(
        _("up to"), max_digits=16, decimal_places=2, null=True, blank=True, help_text=_("Only for a range.")
    )
    qualifier = fields.CharField(
        _("how exact"),
        max_length=10,
        choices=Qualifier,
        default=Qualifier.EXACT,
        help_text=_("As the source says it; the site puts this before the number."),
    )
    unit = fields.CharField(
        _("unit of measure"),
        max_length=60,
        blank=True,
        help_text=_("What stands after the number, for example “km²”. Empty for a plain count."),
    )
    reference_date = models.DateField(
        _("on date"), null=True, blank=True, help_text=_("The day the figure is about.")
    )
    reference_precision = fields.CharField(
        _("precision of the date"),
        max_length=5,
        choices=DatePrecision,
        default=DatePrecision.DAY,
        help_text=_("Choose “year” when the source gives only a year."),
    )
    target = models.DecimalField(
        _("target"),
        max_digits=16,
        decimal_places=2,
        null=True,
        blank=True,
        help_text=_("The number to be reached, in the same unit of measure. Empty when there is none."),
    )
    target_by = models.DateField(
        _("to be reached by"),
        null=True,
        blank=True,
        help_text=_("The day by which the target should be reached."),
    )
    target_precision = fields.CharField(
        _("precision of that date"),
        max_length=5,
        choices=DatePrecision,
        default=DatePrecision.DAY,
        db_default=DatePrecision.DAY,
        help_text=_("Choose “year” when the source gives only a year."),
    )
    note = fields.CharField(
        _("note"),
        max_length=300,
        blank=True,
        help_text=_("What one must know to understand the number. The public reads it."),
    )
    position = models.PositiveSmallIntegerField(
        _("order"), default=0, help_text=_("The lowest number comes first within its group.")
    )
    highlight = models.PositiveSmallIntegerField(
        _("place among the main figures"),
        null=True,
        blank=True,
        help_text=_(
            "For example “3”. The page starts with the ten lowest numbers; without one it is only in the table."
        ),
    )

    objects = PublishableQuerySet.as_manager()

    class Meta(Publishable.Meta):
        verbose_name = _("key figure")
        verbose_name_plural = _("key figures")
        ordering = ["group", "position", "label"]
        constraints = [
            *Publishable.Meta.constraints,
            *Sourced.Meta.constraints,
            models.CheckConstraint(
                name="organisation_keyfigure_range_order",
                condition=Q(value_max=None) | Q(value_max__gt=models.F("value")),
                violation_error_message=_("“Up to” must be greater than the value."),
            ),
            models.CheckConstraint(
                name="organisation_keyfigure_not_negative",
                condition=Q(value=None) | Q(value__gte=0),
                violation_error_message=_("A figure cannot be negative."),
            ),
            models.CheckConstraint(
                name="organisation_keyfigure_target_not_negative",
                condition=Q(target=None) | Q(target__gte=0),
                violation_error_message=_("A target cannot be negative."),
            ),
            models.CheckConstraint(
                name="organisation_keyfigure_date_of_target",
                condition=Q(target_by=None) | Q(target__isnull=False),
                violation_error_message=_("Give the target that is to be reached by that date."),
            ),
            reason_only_without(
                "value",
                "value_max",
                reason="value_missing",
                name="organisation_keyfigure_reason_without_number",
            ),
        ]

    def __str__(self) -> str:
        return self.label

    def get_absolute_url(self) -> str:
        """Return the path of the figure on the page of figures."""
        return f"{path_of('key-figures')}#{self.slug}"


class StatementKind(models.TextChoices):
    """What an official statement is."""

    MISSION = "mission", _("mission")
    VISION = "vision", _("vision")
    VALUE = "value", _("core value")
    SLOGAN = "slogan", _("slogan")
    AMBITION = "ambition", _("ambition")


class Statement(Publishable, Sourced, Translated):
    """Sentence in which the organisation officially states its mission, vision or values."""

    review_months = 24
    belongs_to = ("plan",)

    translated_fields = ("title", "text")

    plan = models.ForeignKey(
        CorporatePlan,
        verbose_name=_("corporate plan"),
        on_delete=models.PROTECT,
        related_name="statements",
        help_text=_("The corporate plan that states it."),
    )
    kind = fields.CharField(
        _("kind"),
        max_length=8,
        choices=StatementKind,
        help_text=_("Mission, vision, core value, slogan or ambition: the heading under which it stands."),
    )
    title = fields.CharField(
        _("title"),
        max_length=160,
        blank=True,
        help_text=_("A core value in one word; may be empty for the rest."),
    )
    text = fields.TextField(_("text"), help_text=_("Word for word as in the source."))
    position = models.PositiveSmallIntegerField(
        _("order"), default=0, help_text=_("The lowest number comes first among those of its kind.")
    )

    objects = StatementQuerySet.as_manager()

    class Meta(Publishable.Meta):
        verbose_name = _("statement")
        verbose_name_plural = _("statements")
        ordering = ["-plan__valid_from", "kind", "position", "slug"]
        constraints = [*Publishable.Meta.constraints, *Sourced.Meta.constraints]

    def __str__(self) -> str:
        return self.title or self.text[:60]

    @property
    def title_apart(self) -> str:
        """Return the title, or an empty string if the text starts with it."""
        return "" if self.text.lower().startswith(self.title.lower()) else self.title

    def get_absolute_url(self) -> str:
        """Return the path of the statement in the strategy of its plan."""
        return f"{self.plan.get_absolute_url()}#{self.slug}"
