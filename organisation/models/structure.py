"""Units and their structure: organograms, placements and successions of ended units."""

import uuid
from collections.abc import Collection
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Case, Q, When
from django.utils.translation import gettext_lazy as _

from organisation.querysets.organograms import OrganogramQuerySet
from organisation.querysets.placements import PlacementQuerySet
from organisation.querysets.units import UnitQuerySet
from pzgent.kernel import fields
from pzgent.kernel.editions import Edition
from pzgent.kernel.files import IMAGES, CheckedFileField
from pzgent.kernel.paths import path_of
from pzgent.kernel.publishing import PublicationStatus, Publishable, Sourced
from pzgent.kernel.rich_text import RichTextField
from pzgent.kernel.text_lines import lines_of
from pzgent.kernel.trees import TreeNode


class Organogram(Edition):
    """One version of the whole structure; its placements form one tree with one root."""

    summary = fields.TextField(
        _("summary"), blank=True, help_text=_("What this version is and what changed.")
    )

    objects = OrganogramQuerySet.as_manager()

    class Meta(Edition.Meta):
        verbose_name = _("organogram")
        verbose_name_plural = _("organograms")
        constraints = [
            *Edition.Meta.constraints,
            models.UniqueConstraint(
                fields=["valid_from"],
                condition=Q(status="published"),
                name="organisation_organogram_one_per_day",
                violation_error_message=_("Another published organogram starts on the same day."),
            ),
        ]

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save the edition; publishing or withdrawing it may change the current names of units."""
        super().save(*args, **kwargs)
        Unit.objects.filter(placements__organogram=self).sync_names()

    def get_absolute_url(self) -> str:
        """Return the path of the structure on the first day of this edition."""
        return f"{path_of('organogram')}?datum={self.valid_from.isoformat()}"

    def get_parts(self) -> list[models.QuerySet[Any]]:
        """Return the units placed in it."""
        return [Unit.objects.filter(placements__organogram=self)]


class UnitKind(models.TextChoices):
    """The kinds of unit that the corporate plan uses."""

    KORPS = "korps", _("police force")
    FUNCTIE = "functie", _("function")
    COMITE = "comité", _("committee")
    DIRECTIE = "directie", _("directorate")
    DIENST = "dienst", _("service")
    AFDELING = "afdeling", _("department")
    BUREAU = "bureau", _("office")
    TEAM = "team", _("team")
    CEL = "cel", _("cell")
    PELOTON = "peloton", _("platoon")
    COMMISSARIAAT = "commissariaat", _("police station")
    ANTENNE = "antenne", _("branch office")
    POLITIEPUNT = "politiepunt", _("police point")
    SECRETARIAAT = "secretariaat", _("secretariat")
    GROEP = "groep", _("group")


class PublicationLevel(models.TextChoices):
    """How much of a unit the public sees."""

    PUBLIC = "public", _("public: own page")
    LISTED = "listed", _("listed: only in the organogram")
    WITHHELD = "withheld", _("withheld: nowhere, nor anything below it")


def abbreviation_apart(name: str, abbreviation: str) -> str:
    """Return the abbreviation, or an empty string if the name contains it as a word."""
    return "" if abbreviation in name.split() else abbreviation


def full_name(name: str, abbreviation: str) -> str:
    """Return the name, followed by the abbreviation unless the name contains it: “Wijkdienst (WD)”, “Team PLUK”."""
    apart = abbreviation_apart(name, abbreviation)
    return f"{name} ({apart})" if apart else name


class Unit(Publishable, Sourced):
    """Part of the organisation, with a permanent identity regardless of its name and placement.

    `name` and `abbreviation` are those of the newest published organogram. They are synchronised with the placement
    there in both directions: a change of either is written to the other.
    """

    name = fields.CharField(
        _("name"), max_length=160, help_text=_("The name today. Older organograms keep the name they had.")
    )
    abbreviation = fields.CharField(
        _("abbreviation"),
        max_length=30,
        blank=True,
        help_text=_("As staff write it, for example “WD”. The search finds the unit by it."),
    )
    publication_level = fields.CharField(
        _("shown to the public"),
        max_length=8,
        choices=PublicationLevel,
        default=PublicationLevel.PUBLIC,
        help_text=_("How much of the unit the public sees. “Withheld” hides everything below it too."),
    )
    summary = fields.TextField(
        _("summary"), blank=True, help_text=_("What it does, in one to three plain sentences.")
    )
    description = RichTextField(_("description"), blank=True)
    tasks = fields.TextField(_("tasks"), blank=True, help_text=_("One task per line."))
    logo = CheckedFileField(
        _("logo"),
        accepts=IMAGES,
        longest_side=1_200,
        blank=True,
        help_text=_("PNG, JPEG or WebP. A larger picture is made smaller."),
    )
    logo_alt = fields.CharField(
        _("logo in words"),
        max_length=200,
        blank=True,
        help_text=_("What the logo shows, for who cannot see it."),
    )

    objects = UnitQuerySet.as_manager()

    class Meta(Publishable.Meta):
        verbose_name = _("unit")
        verbose_name_plural = _("units")
        permissions = [("import_unit", "Can import units")]
        ordering = ["name", "slug"]
        constraints = [
            *Publishable.Meta.constraints,
            *Sourced.Meta.constraints,
            models.CheckConstraint(
                name="organisation_unit_has_name",
                condition=~Q(name=""),
                violation_error_message=_("A unit needs a name."),
            ),
            models.CheckConstraint(
                name="organisation_unit_logo_in_words",
                condition=Q(logo="") | ~Q(logo_alt=""),
                violation_error_message=_("Say in words what the logo shows."),
            ),
        ]
        indexes = [models.Index(fields=["status", "publication_level"], name="organisation_unit_visible")]

    def __str__(self) -> str:
        return full_name(self.name, self.abbreviation)

    @property
    def abbreviation_apart(self) -> str:
        """Return the abbreviation, or an empty string if the name contains it."""
        return abbreviation_apart(self.name, self.abbreviation)

    def clean(self) -> None:
        """Raise ValidationError for a former slug of another unit: old links to that unit would lead here."""
        if FormerSlug.objects.filter(slug=self.slug).exclude(unit=self).exists():
            raise ValidationError({"slug": _("Another unit had this address name before; choose a new one.")})

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save the unit, record its former slug, and rename its newest placement."""
        before = None if self._state.adding else Unit.objects.filter(pk=self.pk).first()
        super().save(*args, **kwargs)
        if before is None:
            return
        if before.slug != self.slug:
            FormerSlug.objects.get_or_create(slug=before.slug, defaults={"unit": self})
        if (before.name, before.abbreviation) != (self.name, self.abbreviation):
            Placement.objects.newest_of(self).update(name=self.name, abbreviation=self.abbreviation)

    @classmethod
    def in_area(cls, units: Collection[Any]) -> Q:
        """Return the condition for these units."""
        return Q(pk__in=units)

    def get_absolute_url(self) -> str:
        """Return the path of the unit's own page."""
        return path_of("unit-detail", self.slug)

    def get_owners(self) -> list[Publishable]:
        """Return an organogram with the unit, a published one if there is any, and the units above it there."""
        is_draft = Case(When(organogram__status=PublicationStatus.PUBLISHED, then=0), default=1)
        places = self.placements.select_related("organogram").order_by(is_draft, "-organogram__valid_from")
        place = places.first()
        if place is None:
            return []
        return [place.organogram, *(above.unit for above in place.get_ancestors().select_related("unit"))]

    @property
    def has_page(self) -> bool:
        """True if it has its own page now; its placement in the tree can still hide that page."""
        return self.is_published and self.publication_level == PublicationLevel.PUBLIC

    @property
    def hides_places(self) -> bool:
        """True if the public sees neither its placements nor anything below them; see `visible_unit`."""
        return not self.is_published or self.publication_level == PublicationLevel.WITHHELD

    @property
    def task_list(self) -> list[str]:
        """Return the tasks as a list."""
        return lines_of(self.tasks)


class FormerSlug(models.Model):
    """Former slug of a unit; it redirects permanently and is never reused."""

    unit = models.ForeignKey(
        Unit, verbose_name=_("unit"), on_delete=models.CASCADE, related_name="former_slugs"
    )
    slug = fields.SlugField(
        _("former web address name"), max_length=120, unique=True, help_text=_("It leads to the unit.")
    )

    class Meta:
        verbose_name = _("former address name")
        verbose_name_plural = _("former address names")
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.slug


class Placement(TreeNode):
    """Position of a unit in one organogram, with the name and kind it has there."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organogram = models.ForeignKey(
        Organogram,
        verbose_name=_("organogram"),
        on_delete=models.CASCADE,
        related_name="placements",
        help_text=_("The organogram in which the unit has this place."),
    )
    unit = models.ForeignKey(
        Unit,
        verbose_name=_("unit"),
        on_delete=models.PROTECT,
        related_name="placements",
        help_text=_("The unit that stands here; once in each organogram."),
    )
    name = fields.CharField(
        _("name in this organogram"),
        max_length=160,
        help_text=_("The name in this organogram alone; other organograms keep theirs."),
    )
    abbreviation = fields.CharField(
        _("abbreviation in this organogram"),
        max_length=30,
        blank=True,
        help_text=_("As staff write it, for example “WD”."),
    )
    kind = fields.CharField(
        _("kind"), max_length=14, choices=UnitKind, help_text=_("The sort of unit, as the source calls it.")
    )

    objects = PlacementQuerySet.as_manager()

    class Meta:
        verbose_name = _("placement")
        verbose_name_plural = _("placements")
        # Without this empty list django-mptt omits its (tree_id, lft) index from the migration.
        indexes: ClassVar[list[models.Index]] = []
        constraints = [
            models.UniqueConstraint(
                fields=["organogram", "unit"],
                name="organisation_placement_unit_once",
                violation_error_message=_("This unit already has a place in that organogram."),
            ),
            models.UniqueConstraint(
                fields=["organogram"],
                condition=Q(parent=None),
                name="organisation_placement_one_root",
                violation_error_message=_(
                    "An organogram has exactly one top unit; choose what this is part of."
                ),
            ),
            models.CheckConstraint(
                name="organisation_placement_not_own_parent",
                condition=Q(parent=None) | ~Q(parent=models.F("id")),
                violation_error_message=_("A unit cannot be part of itself."),
            ),
            models.CheckConstraint(
                name="organisation_placement_kind_known",
                condition=Q(kind__in=UnitKind.values),
                violation_error_message=_("Choose one of the listed kinds."),
            ),
            models.CheckConstraint(
                name="organisation_placement_has_name",
                condition=~Q(name=""),
                violation_error_message=_("A unit needs a name in each organogram."),
            ),
        ]

    def __str__(self) -> str:
        return full_name(self.name, self.abbreviation)

    @classmethod
    def in_area(cls, units: Collection[Any]) -> Q:
        """Return the condition for the placements of these units."""
        return Q(unit__in=units)

    @property
    def kind_apart(self) -> str:
        """Return the label of the kind, or an empty string if the name starts with it."""
        kind = str(self.get_kind_display())
        return "" if self.name.lower().startswith(kind.lower()) else kind

    @property
    def tree_key(self) -> str:
        """Return the key of the tree: one tree per organogram."""
        return str(self.organogram_id)

    def clean(self) -> None:
        """Raise ValidationError for a parent in another organogram."""
        if self.parent is not None and self.parent.organogram_id != self.organogram_id:
            raise ValidationError({"parent": _("Choose a unit of the same organogram.")})

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save the placement; its first name defaults to the unit's, and the unit follows its newest name."""
        if self._state.adding and not self.name:
            self.name, self.abbreviation = self.unit.name, self.unit.abbreviation
        self.clean()
        super().save(*args, **kwargs)
        Unit.objects.filter(pk=self.unit_id).sync_names()

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Delete the placement; the unit takes the name of its newest remaining placement."""
        result = super().delete(*args, **kwargs)
        Unit.objects.filter(pk=self.unit_id).sync_names()
        return result


class SuccessionKind(models.TextChoices):
    """What happened to a unit."""

    RENAMED = "renamed", _("renamed")
    MERGED = "merged", _("merged")
    SPLIT = "split", _("split")
    REPLACED = "replaced", _("replaced")
    ABOLISHED = "abolished", _("abolished")


class Succession(models.Model):
    """Succession of a unit when an organogram took effect."""

    from_unit = models.ForeignKey(
        Unit,
        verbose_name=_("unit that changed"),
        on_delete=models.PROTECT,
        related_name="successions",
        help_text=_("The unit as it was before."),
    )
    to_unit = models.ForeignKey(
        Unit,
        verbose_name=_("successor"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="predecessions",
        help_text=_("Empty only when the unit was abolished."),
    )
    kind = fields.CharField(
        _("what happened"),
        max_length=9,
        choices=SuccessionKind,
        help_text=_("For a merger or a split, one line for each unit."),
    )
    organogram = models.ForeignKey(
        Organogram,
        verbose_name=_("in organogram"),
        on_delete=models.CASCADE,
        related_name="successions",
        help_text=_("The organogram with which the change took effect."),
    )
    note = fields.TextField(
        _("note"),
        blank=True,
        help_text=_("Why, in plain words. The public reads it in the history of the unit."),
    )

    class Meta:
        verbose_name = _("succession")
        verbose_name_plural = _("successions")
        ordering = ["organogram", "from_unit", "pk"]
        constraints = [
            models.CheckConstraint(
                name="organisation_succession_successor_unless_abolished",
                condition=(Q(kind="abolished") & Q(to_unit=None)) | (~Q(kind="abolished") & ~Q(to_unit=None)),
                violation_error_message=_("Name the successor, unless the unit was abolished."),
            ),
            models.CheckConstraint(
                name="organisation_succession_not_itself",
                condition=Q(to_unit=None) | Q(kind="renamed") | ~Q(from_unit=models.F("to_unit")),
                violation_error_message=_("A unit cannot succeed itself."),
            ),
            models.UniqueConstraint(
                fields=["from_unit", "to_unit", "organogram"],
                name="organisation_succession_once",
                violation_error_message=_("This succession is already recorded."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.from_unit} → {self.to_unit}" if self.to_unit else f"{self.from_unit} ×"
