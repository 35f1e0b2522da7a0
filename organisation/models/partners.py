"""Bodies outside the police zone that units work with."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from organisation.models.structure import Unit
from organisation.querysets.partners import PartnerQuerySet
from pzgent.kernel import fields
from pzgent.kernel.paths import path_of
from pzgent.kernel.publishing import Publishable, Sourced


class PartnerKind(models.TextChoices):
    """Kinds of bodies outside the police."""

    CITY = "city", _("city services")
    JUSTICE = "justice", _("justice")
    POLICE = "police", _("other police services")
    GOVERNMENT = "government", _("other authorities")
    CARE = "care", _("care and education")
    SOCIETY = "society", _("associations, companies and media")


class Partner(Publishable, Sourced):
    """Outside body, or group of bodies, that units of the police work with."""

    name = fields.CharField(
        _("name"), max_length=160, help_text=_("As the source calls it, for example “Dienst Burgerzaken”.")
    )
    kind = fields.CharField(
        _("kind"),
        max_length=10,
        choices=PartnerKind,
        help_text=_("It decides under which heading the partner stands."),
    )
    summary = fields.TextField(
        _("summary"),
        blank=True,
        help_text=_("What it does together with the police, in one or two plain sentences."),
    )
    url = fields.URLField(
        _("web address"),
        max_length=500,
        blank=True,
        help_text=_("Its own public website, for example “https://www.comitep.be”. Empty: not known."),
    )
    units = models.ManyToManyField(
        Unit,
        blank=True,
        related_name="partners",
        verbose_name=_("units"),
        help_text=_("The units that work with it, if the source names them. Their pages name the partner."),
    )

    objects = PartnerQuerySet.as_manager()

    class Meta(Publishable.Meta):
        verbose_name = _("partner")
        verbose_name_plural = _("partners")
        ordering = ["name", "slug"]
        constraints = [
            *Publishable.Meta.constraints,
            *Sourced.Meta.constraints,
            models.CheckConstraint(
                name="organisation_partner_has_name",
                condition=~Q(name=""),
                violation_error_message=_("A partner needs a name."),
            ),
            models.CheckConstraint(
                name="organisation_partner_kind_known",
                condition=Q(kind__in=PartnerKind.values),
                violation_error_message=_("Choose one of the listed kinds."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Return the path of the partner's entry in the list of partners."""
        return f"{path_of('partners')}#{self.slug}"
