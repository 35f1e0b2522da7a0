"""Limit of an account to the units that it is responsible for."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from organisation.models.structure import Unit
from organisation.querysets.responsibilities import ResponsibilityQuerySet


class Responsibility(models.Model):
    """A unit that an account is limited to, with everything below it; an account without any is not limited."""

    account = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("account"),
        on_delete=models.CASCADE,
        related_name="responsibilities",
    )
    unit = models.ForeignKey(
        Unit,
        verbose_name=_("unit"),
        on_delete=models.PROTECT,
        related_name="responsible_accounts",
        help_text=_("The account reaches only this unit and everything below it. No unit at all: no limit."),
    )

    objects = ResponsibilityQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        verbose_name = _("responsible for")
        verbose_name_plural = _("responsible for (no unit: everything)")
        ordering = ("account", "unit__name")
        constraints = [
            models.UniqueConstraint(
                fields=["account", "unit"],
                name="organisation_responsibility_once",
                violation_error_message=_("This unit stands there twice. Keep one line."),
            )
        ]

    def __str__(self) -> str:
        return str(self.unit)
