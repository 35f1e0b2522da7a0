"""Places that visitors can go to, and which place serves which part of the city."""

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from contact.models.dated import Dated
from contact.querysets import CareAreaQuerySet, LocationQuerySet
from organisation.models import Unit
from pzgent.kernel import fields
from pzgent.kernel.paths import path_of
from pzgent.kernel.publishing import Publishable, Sourced
from pzgent.kernel.translations import Text, Translated

POSTAL_CODE = RegexValidator(r"^[1-9][0-9]{3}$", _("A Belgian postcode has four digits."))


class LocationKind(models.TextChoices):
    """What sort of place it is."""

    HEADQUARTERS = "headquarters", _("headquarters")
    COMMISSARIAAT = "commissariaat", _("police station")
    ANTENNE = "antenne", _("branch office")
    POLITIEPUNT = "politiepunt", _("police point")


# Statements about the desks of police stations need not apply to these.
WITHOUT_DESK = (LocationKind.ANTENNE, LocationKind.POLITIEPUNT)


class Location(Dated, Sourced, Translated):
    """Place of the police; with address and coordinates only if they are known."""

    review_months = 6

    translated_fields = ("name", "serves", "accessibility", "note", "source_note")

    name = fields.CharField(_("name"), max_length=160)
    kind = fields.CharField(_("kind"), max_length=13, choices=LocationKind)
    unit = models.ForeignKey(
        Unit,
        verbose_name=_("unit"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="locations",
    )
    street = fields.CharField(_("street and number"), max_length=160, blank=True)
    postal_code = fields.AddressField(_("postcode"), max_length=4, blank=True, validators=[POSTAL_CODE])
    city = fields.CharField(_("municipality"), max_length=80, blank=True)
    latitude = models.DecimalField(
        _("latitude"),
        max_digits=9,
        decimal_places=6,
        null=True,
        blank=True,
        validators=[MinValueValidator(-90), MaxValueValidator(90)],
    )
    longitude = models.DecimalField(
        _("longitude"),
        max_digits=9,
        decimal_places=6,
        null=True,
        blank=True,
        validators=[MinValueValidator(-180), MaxValueValidator(180)],
    )
    serves = fields.CharField(
        _("serves"), max_length=200, blank=True, help_text=_("The part of the city, in words.")
    )
    accessibility = fields.TextField(
        _("accessibility"),
        blank=True,
        help_text=_("Step-free entrance, lift, hearing loop: only what is known."),
    )
    note = fields.TextField(_("note"), blank=True)
    position = models.PositiveSmallIntegerField(_("order"), default=0)

    objects = LocationQuerySet.as_manager()

    class Meta(Dated.Meta):
        verbose_name = _("location")
        verbose_name_plural = _("locations")
        ordering = ["position", "name"]
        constraints = [
            *Dated.Meta.constraints,
            *Sourced.Meta.constraints,
            models.CheckConstraint(
                name="contact_location_coordinates_together",
                condition=Q(latitude=None, longitude=None) | (~Q(latitude=None) & ~Q(longitude=None)),
                violation_error_message=_("Give both coordinates, or none."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Return the path of the location's own page."""
        return path_of("station", self.slug)

    @property
    def address(self) -> str:
        """Return the address on one line; empty if it is not known."""
        town = f"{self.postal_code} {self.city}".strip()
        return ", ".join(part for part in (self.street, town) if part)


class Certainty(models.TextChoices):
    """How sure it is that a location serves an area."""

    NAMED = "named", _("named in the source")
    DERIVED = "derived", _("follows from the postcode")
    UNKNOWN = "unknown", _("not published")


class CareArea(Publishable, Sourced, Translated):
    """Part of the city, and the location that serves it."""

    review_months = 6

    translated_fields = ("name", "note", "source_note")

    name = fields.CharField(_("part of the city"), max_length=120)
    also_called = fields.TextField(
        _("also called"),
        blank=True,
        help_text=_("Other names that people type for it, of neighbourhoods in it too, one per line."),
    )
    postal_code = fields.AddressField(_("postcode"), max_length=4, blank=True, validators=[POSTAL_CODE])
    location = models.ForeignKey(
        Location,
        verbose_name=_("served by"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="care_areas",
    )
    certainty = fields.CharField(_("certainty"), max_length=7, choices=Certainty, default=Certainty.UNKNOWN)
    note = fields.TextField(_("note"), blank=True)

    objects = CareAreaQuerySet.as_manager()

    class Meta(Publishable.Meta):
        verbose_name = _("care area")
        verbose_name_plural = _("care areas")
        ordering = ["postal_code", "name"]
        constraints = [
            *Publishable.Meta.constraints,
            *Sourced.Meta.constraints,
            models.CheckConstraint(
                name="contact_carearea_location_unless_unknown",
                condition=Q(certainty="unknown", location=None)
                | (~Q(certainty="unknown") & ~Q(location=None)),
                violation_error_message=_("Choose a location, or set the certainty to “not published”."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.postal_code} {self.name}".strip()

    @property
    def full_name(self) -> Text:
        """Return the postcode and the name in the language of the page."""
        name = self.translated.name
        return Text(f"{self.postal_code} {name}".strip(), name.language)
