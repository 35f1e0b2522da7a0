"""Corporate plans, in which the organisation sets its values and objectives."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from organisation.models.documents import Document
from organisation.querysets.plans import CorporatePlanQuerySet
from pzgent.kernel import fields
from pzgent.kernel.editions import Edition
from pzgent.kernel.paths import path_of


class CorporatePlan(Edition):
    """One edition of the corporate plan, to which statements and objectives belong."""

    summary = fields.TextField(_("summary"), blank=True, help_text=_("One or two plain sentences."))
    document = models.ForeignKey(
        Document,
        verbose_name=_("document"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="corporate_plans",
        help_text=_("The file of the plan itself, which visitors can open."),
    )

    objects = CorporatePlanQuerySet.as_manager()

    class Meta(Edition.Meta):
        verbose_name = _("corporate plan")
        verbose_name_plural = _("corporate plans")
        constraints = [
            *Edition.Meta.constraints,
            models.UniqueConstraint(
                fields=["valid_from"],
                condition=models.Q(status="published"),
                name="organisation_corporateplan_one_edition_per_day",
                violation_error_message=_("Another published corporate plan starts on the same day."),
            ),
        ]

    def get_absolute_url(self) -> str:
        """Return the path of the strategy of this plan, even if another plan is in force."""
        return path_of("strategy-detail", self.slug)
