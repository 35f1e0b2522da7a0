"""Places that visitors can go to, and which place serves which part of the city."""

from collections.abc import Collection
from typing import Any

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

    name = fields.CharField(
        _("name"),
        max_length=160,
        help_text=_("As on the building and in the organogram, for example “Commissariaat Noord”."),
    )
    kind = fields.CharField(
        _("kind"),
        max_length=13,
        choices=LocationKind,
        help_text=_("It decides under which heading the place stands."),
    )
    unit = models.ForeignKey(
        Unit,
        verbose_name=_("unit"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="locations",
        help_text=_("The unit that works there. Its channels are shown on the page of the place."),
    )
    street = fields.CharField(
        _("street and number"),
        max_length=160,
        blank=True,
        help_text=_("For example “Voorbeeldstraat 1”. Empty: not published."),
    )
    postal_code = fields.AddressField(
        _("postcode"), max_length=4, blank=True, validators=[POSTAL_CODE], help_text=_("Four digits.")
    )
    city = fields.CharField(
        _("municipality"),
        max_length=80,
        blank=True,
        help_text=_("The town of the address, for example “Gent”."),
    )
    latitude = models.DecimalField(
        _("latitude"),
        max_digits=9,
        decimal_places=6,
        null=True,
        blank=True,
        validators=[MinValueValidator(-90), MaxValueValidator(90)],
        help_text=_(
            "In degrees, for example 51.05. For the map and the nearest police station; give both coordinates or none."
        ),
    )
    longitude = models.DecimalField(
        _("longitude"),
        max_digits=9,
        decimal_places=6,
        null=True,
        blank=True,
        validators=[MinValueValidator(-180), MaxValueValidator(180)],
        help_text=_("In degrees, for example 3.72."),
    )
    serves = fields.CharField(
        _("serves"), max_length=200, blank=True, help_text=_("The part of the city, in words.")
    )
    accessibility = fields.TextField(
        _("accessibility"),
        blank=True,
        help_text=_("Step-free entrance, lift, hearing loop: only what is known."),
    )
    note = fields.TextField(
        _("note"),
        blank=True,
        help_text=_(
            "What a visitor should know before coming: where the entrance is, where to park. The public reads it."
        ),
    )
    position = models.PositiveSmallIntegerField(
        _("order"), default=0, help_text=_("The lowest number comes first in the list.")
    )

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

    @classmethod
    def in_area(cls, units: Collection[Any]) -> Q:
        """Return the condition for the places of these units."""
        return Q(unit__in=units)

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
    UNKNOWN = "unknown", _("not in our source")


class CareArea(Publishable, Sourced, Translated):
    """Part of the city, and the location that serves it."""

    review_months = 6

    translated_fields = ("name", "note", "source_note")

    name = fields.CharField(
        _("part of the city"),
        max_length=120,
        help_text=_("As residents say it: a borough, a neighbourhood or a municipality."),
    )
    also_called = fields.TextField(
        _("also called"),
        blank=True,
        help_text=_("Other names that people type for it, of neighbourhoods in it too, one per line."),
    )
    postal_code = fields.AddressField(
        _("postcode"),
        max_length=4,
        blank=True,
        validators=[POSTAL_CODE],
        help_text=_("Four digits. Visitors find their police station by it."),
    )
    location = models.ForeignKey(
        Location,
        verbose_name=_("served by"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="care_areas",
        help_text=_("The police station to go to. Empty: the site says “not in our source”."),
    )
    certainty = fields.CharField(
        _("certainty"),
        max_length=7,
        choices=Certainty,
        default=Certainty.UNKNOWN,
        help_text=_("How you know it. The public reads it beside the address."),
    )
    note = fields.TextField(
        _("note"),
        blank=True,
        help_text=_(
            "What a resident should know too, for example where the border runs. The public reads it."
        ),
    )

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
                violation_error_message=_("Choose a location, or set the certainty to “not in our source”."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.postal_code} {self.name}".strip()

    @classmethod
    def in_area(cls, units: Collection[Any]) -> Q:
        """Return the condition for the areas that places of these units serve."""
        return Q(location__unit__in=units)

    @property
    def full_name(self) -> Text:
        """Return the postcode and the name in the language of the page."""
        name = self.translated.name
        return Text(f"{self.postal_code} {name}".strip(), name.language)
