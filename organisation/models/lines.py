"""Functional lines of an organogram: units that are led or steered by, or report to, a unit other than their parent."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from organisation.models.structure import Organogram, Placement, Unit
from organisation.querysets.lines import FunctionalLineQuerySet
from pzgent.kernel import fields
from pzgent.kernel.publishing import Sourced


class LineKind(models.TextChoices):
    """What binds a unit to one that it is not part of."""

    STEERED = "steered", _("is also steered by")
    REPORTS = "reports", _("also reports to")
    LED = "led", _("is led by")


class FunctionalLine(Sourced):
    """Second line above a unit in one organogram: functional, not hierarchical; or the line to the post that leads it.

    It refers to two units and one organogram, so that both ends are always in the same organogram; it is shown if
    both units have a placement there. Lines may cross, and two units may steer each other, but a unit never steers
    itself.
    """

    organogram = models.ForeignKey(
        Organogram, verbose_name=_("organogram"), on_delete=models.CASCADE, related_name="lines"
    )
    unit = models.ForeignKey(
        Unit,
        verbose_name=_("unit"),
        on_delete=models.PROTECT,
        related_name="lines_up",
        help_text=_("The unit that has a second line above it."),
    )
    above = models.ForeignKey(
        Unit,
        verbose_name=_("also under"),
        on_delete=models.PROTECT,
        related_name="lines_down",
        help_text=_("A unit or post of the same organogram, beside the one that it is part of."),
    )
    kind = fields.CharField(
        _("kind of line"),
        max_length=7,
        choices=LineKind,
        default=LineKind.STEERED,
        help_text=_("What the other does: steer it, receive its reports, or lead it (a post)."),
    )
    note = fields.CharField(
        _("note"), max_length=300, blank=True, help_text=_("For what exactly, in one plain sentence.")
    )

    objects = FunctionalLineQuerySet.as_manager()

    class Meta:
        verbose_name = _("line beside the tree")
        verbose_name_plural = _("lines beside the tree")
        ordering = ["organogram", "unit__name", "above__name", "pk"]
        constraints = [
            *Sourced.Meta.constraints,
            models.UniqueConstraint(
                fields=["organogram", "unit", "above"],
                name="organisation_functionalline_once",
                violation_error_message=_("There is a line between these two units already."),
            ),
            models.CheckConstraint(
                name="organisation_functionalline_not_itself",
                condition=~Q(unit=models.F("above")),
                violation_error_message=_("A unit cannot stand under itself."),
            ),
            models.CheckConstraint(
                name="organisation_functionalline_kind_known",
                condition=Q(kind__in=LineKind.values),
                violation_error_message=_("Choose one of the listed kinds."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit} {self.get_kind_display()} {self.above}"

    def clean(self) -> None:
        """Raise ValidationError for a unit without a placement in an organogram that has placements.

        Such a line would be invisible.
        """
        places = Placement.objects.filter(organogram=self.organogram_id)
        if not places.exists():
            return
        for end in ("unit", "above"):
            key = getattr(self, f"{end}_id")
            if key and not places.filter(unit=key).exists():
                raise ValidationError({end: _("This unit has no place in that organogram.")})
