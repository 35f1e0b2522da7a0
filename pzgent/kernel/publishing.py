"""The abstract bases of all editable content: publication, and the source of a fact."""

import calendar
import datetime
import uuid
from typing import Any, ClassVar, Self

from django.apps import apps
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pzgent.kernel import clock, fields
from pzgent.kernel.translations import Text, Translated


class PublicationStatus(models.TextChoices):
    """The editorial status of an item."""

    DRAFT = "draft", _("draft")
    PUBLISHED = "published", _("published")
    WITHDRAWN = "withdrawn", _("withdrawn")


def review_day(label: str, since: datetime.date) -> datetime.date:
    """Return the day on which a fact of a model, correct on the day `since`, must be checked again."""
    months: int = apps.get_model(label).review_months
    year, month = divmod(since.year * 12 + since.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return datetime.date(year, month + 1, min(since.day, last))


class MissingReason(models.TextChoices):
    """Why there is no number where one could stand."""

    NOT_STATED = "not_stated", _("the source does not give it")
    NOT_COUNTED = "not_counted", _("nobody has counted it")
    CONFIDENTIAL = "confidential", _("confidential")
    TOO_SMALL = "too_small", _("too small: it would tell about single people")


class MissingReasonField(fields.CharField):
    """Why a number is missing; empty if that is unknown, or if there is a number."""

    known_as = ""

    def __init__(self, **options: Any) -> None:
        known = {"max_length": 12, "choices": MissingReason, "blank": True, "default": "", "db_default": ""}
        text = _("Only when there is no number. Empty: the site says no more than “not published”.")
        super().__init__(**{**known, "help_text": text, **options})


def reason_only_without(number: str, *others: str, reason: str, name: str) -> models.CheckConstraint:
    """Return the constraint that a reason is one of the choices, and is only set where there is no number."""
    no_number = Q(**{f"{field}__isnull": True for field in (number, *others)})
    return models.CheckConstraint(
        name=name,
        condition=Q(**{reason: ""}) | (no_number & Q(**{f"{reason}__in": MissingReason.values})),
        violation_error_message=_("Say why there is no number only when there is none."),
    )


class FactBasis(models.TextChoices):
    """What kind of fact something is: what the source says, or what this site added to it."""

    PRINTED = "printed", _("printed in the source")
    DERIVED = "derived", _("derived")
    COUNTED = "counted", _("counted by this site")
    PUBLIC_KNOWLEDGE = "public_knowledge", _("public knowledge")


class BasisField(fields.CharField):
    """The kind of a fact; printed in its source unless set otherwise."""

    def __init__(self, **options: Any) -> None:
        known = {
            "verbose_name": _("kind of fact"),
            "max_length": 16,
            "choices": FactBasis,
            "default": FactBasis.PRINTED,
            "db_default": "printed",
            "help_text": _(
                "Choose another kind when the source does not say it itself. The public sees that."
            ),
        }
        super().__init__(**{**known, **options})


def basis_known(owner: str) -> models.CheckConstraint:
    """Return the constraint that the kind of fact is one of the choices; its name starts with `owner`."""
    return models.CheckConstraint(
        name=f"{owner}_basis_known",
        condition=Q(basis__in=FactBasis.values),
        violation_error_message=_("Choose one of the listed kinds of fact."),
    )


def published_at(moment: datetime.datetime | None = None, of: str = "") -> Q:
    """Return the condition under which an item is public at a moment (default: now).

    `of` is the lookup prefix from a row to the item, for example `unit__`; without it the row is the item.
    """
    moment = moment or clock.now()
    started = Q(**{f"{of}publish_from": None}) | Q(**{f"{of}publish_from__lte": moment})
    not_ended = Q(**{f"{of}publish_until": None}) | Q(**{f"{of}publish_until__gt": moment})
    return started & not_ended & Q(**{f"{of}status": PublicationStatus.PUBLISHED})


def retired_at(moment: datetime.datetime | None = None) -> Q:
    """Return the condition for items that were public and no longer are: withdrawn, or past `publish_until`.

    Items whose `publish_from` is after the moment were never public.
    """
    moment = moment or clock.now()
    started = Q(publish_from=None) | Q(publish_from__lte=moment)
    ended = Q(status=PublicationStatus.PUBLISHED, publish_until__lte=moment)
    return started & (ended | Q(status=PublicationStatus.WITHDRAWN))


class Reviewable:
    """Queryset methods for facts; for models that derive from `Sourced`."""

    def due(self: Any, on: datetime.date) -> Any:
        """Return the facts to check again by a day, without withdrawn ones."""
        found = self.filter(review_by__lte=on)
        is_publishable = issubclass(self.model, Publishable)
        return found.exclude(status=PublicationStatus.WITHDRAWN) if is_publishable else found

    def citing(self: Any, document: Any) -> Any:
        """Return the facts that rest on a document."""
        return self.filter(source=document)


class PublishableQuerySet(Reviewable, models.QuerySet):
    """Queryset of publishable items."""

    def published(self, at: datetime.datetime | None = None) -> Self:
        """Return the items that are public at a moment (default: now)."""
        return self.filter(published_at(at))

    def retired(self, at: datetime.datetime | None = None) -> Self:
        """Return the items that were public and no longer are at a moment (default: now)."""
        return self.filter(retired_at(at))

    def with_address(self) -> Self:
        """Return the items that have a place on the site now, to which texts may link."""
        return self.published()

    def with_public_files(self) -> Self:
        """Return the items whose files the public may read now."""
        return self.published()

    def with_known_files(self) -> Self:
        """Return the items for which a 410 may reveal that their file was public before; secret ones are excluded."""
        return self.all()


class Publishable(models.Model):
    """An item with a permanent identity that editors draft, publish and withdraw."""

    # The foreign keys to the items without which the public does not see this one.
    belongs_to: ClassVar[tuple[str, ...]] = ()

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    slug = fields.SlugField(
        _("web address name"),
        max_length=120,
        unique=True,
        help_text=_("The last part of the page's address. Keep it as it is: others link to it."),
    )
    status = fields.CharField(
        _("status"),
        max_length=12,
        choices=PublicationStatus,
        default=PublicationStatus.DRAFT,
        help_text=_("Only what is published is on the site and in the API."),
    )
    publish_from = models.DateTimeField(
        _("publish from"), null=True, blank=True, help_text=_("Empty: as soon as the status is “published”.")
    )
    publish_until = models.DateTimeField(
        _("publish until"), null=True, blank=True, help_text=_("Empty: until somebody withdraws it.")
    )
    editor_note = fields.TextField(
        _("note for editors"),
        blank=True,
        help_text=_("Never shown to the public: doubts, contradictions in the source, agreements."),
    )
    public_since = models.DateTimeField(_("public since"), null=True, editable=False)
    created = models.DateTimeField(_("created"), auto_now_add=True)
    modified = models.DateTimeField(_("modified"), auto_now=True)
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_publication_order",
                condition=Q(publish_from=None)
                | Q(publish_until=None)
                | Q(publish_from__lt=models.F("publish_until")),
                violation_error_message=_("“Publish until” must be later than “publish from”."),
            ),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_status_known",
                condition=Q(status__in=PublicationStatus.values),
                violation_error_message=_("Choose one of the listed statuses."),
            ),
        ]

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save the item and increase its version, so that a stale form can be recognised."""
        self.public_since = self._first_public()
        if not self._state.adding:
            self.version += 1
            if kwargs.get("update_fields") is not None:
                kwargs["update_fields"] = {*kwargs["update_fields"], "version", "modified", "public_since"}
        super().save(*args, **kwargs)

    def _first_public(self) -> datetime.datetime | None:
        """Return the first moment at which the public can see the item; once in the past, it never changes.

        Reads the stored row as long as none is in the past: bulk writers publish without setting the field.
        """
        now = timezone.now()
        if self.public_since is not None and self.public_since <= now:
            return self.public_since
        if not self._state.adding:
            started = Q(publish_from=None) | Q(publish_from__lte=now)
            stored = type(self)._base_manager.filter(started, pk=self.pk, status=PublicationStatus.PUBLISHED)
            row = stored.values_list("public_since", "publish_from", "created").first()
            if row is not None:
                return next(moment for moment in row if moment is not None)
        if self.status != PublicationStatus.PUBLISHED:
            return None
        return max(self.publish_from or now, now)

    @property
    def is_edited(self) -> bool:
        """Whether the item was changed since it was created."""
        return self.version > 1

    @property
    def is_kept(self) -> bool:
        """Whether the item must never be deleted: true for everything but a draft that was never public."""
        was_public = self.public_since is not None and self.public_since <= timezone.now()
        return was_public or self.status != PublicationStatus.DRAFT

    def get_owners(self) -> list["Publishable"]:
        """Return the items that must be public for the public to see this one."""
        owners = (getattr(self, name) for name in self.belongs_to)
        return [owner for owner in owners if owner is not None]

    def get_parts(self) -> "list[models.QuerySet[Any]]":
        """Return the items with a status of their own that belong to this one, as a queryset per model."""
        return [
            relation.related_model._base_manager.filter(**{relation.field.name: self.pk})
            for relation in self._meta.related_objects
            if relation.field.name in getattr(relation.related_model, "belongs_to", ())
        ]

    @property
    def is_published(self) -> bool:
        """Whether the item is public now."""
        now = clock.now()
        return (
            self.status == PublicationStatus.PUBLISHED
            and (self.publish_from is None or self.publish_from <= now)
            and (self.publish_until is None or self.publish_until > now)
        )


class Sourced(models.Model):
    """A fact with its source document, the place in it, and the kind of fact."""

    # Months until it must be checked again. People act on a wrong number or opening hour at once; the content of a plan
    # hardly changes.
    review_months: ClassVar[int] = 12

    source = models.ForeignKey(
        "organisation.Document",
        verbose_name=_("source document"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("The document that states this fact."),
    )
    source_place = fields.CharField(
        _("place in the source"),
        max_length=120,
        blank=True,
        help_text=_("Chapter, table, figure or page, for example “13.5.2” or “tabel 3”."),
    )
    basis = BasisField()
    source_note = fields.CharField(
        _("note beside the source"),
        max_length=400,
        blank=True,
        default="",
        db_default="",
        help_text=_(
            "The public reads it: where the source contradicts itself, or what this site added to what it says."
        ),
    )
    verified_on = models.DateField(
        _("verified on"),
        null=True,
        blank=True,
        help_text=_("The day somebody last checked this against reality."),
    )
    review_by = models.DateField(
        _("review by"), null=True, blank=True, help_text=_("The day on which somebody must check this again.")
    )

    class Meta:
        abstract = True
        constraints = [basis_known("%(app_label)s_%(class)s")]

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save the fact, with a day to check it again."""
        if self.plan_review() and kwargs.get("update_fields") is not None:
            kwargs["update_fields"] = {*kwargs["update_fields"], "review_by"}
        super().save(*args, **kwargs)

    @property
    def public_note(self) -> Text:
        """The note on the source, in the language of the page if it is translated."""
        if isinstance(self, Translated) and "source_note" in self.translated_fields:
            return self.translated.source_note
        return Text(self.source_note)

    def plan_review(self) -> bool:
        """Set the day to check a fact again if it has none; return whether it was set."""
        if self.review_by is not None:
            return False
        self.review_by = self.next_review()
        return True

    def next_review(self) -> datetime.date:
        """Return the day to check it again: counted from the last check, or else from today."""
        checked = models.DateField().to_python(self.verified_on)
        return review_day(self._meta.label_lower, checked or timezone.localdate())
