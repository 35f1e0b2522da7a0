"""The channels by which people reach the police, each about a topic."""

from collections.abc import Collection
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from contact.models.dated import Dated
from contact.models.hours import Schedule
from contact.models.kinds import LINKED, NUMBERS, ONLINE_ONLY, Audience, ChannelKind, Urgency
from contact.models.places import Location
from contact.models.topics import Topic
from contact.phone import EXAMPLES, STORED, display_phone, normalise_phone
from contact.querysets import ChannelQuerySet
from organisation.models import Unit
from pzgent.kernel import fields
from pzgent.kernel.paths import path_of
from pzgent.kernel.publishing import Sourced
from pzgent.kernel.text_lines import lines_of
from pzgent.kernel.translations import Text, Translated

# Maximum length of a web address on a page.
LONGEST_ADDRESS = 45


LANGUAGES = {
    "nl": _("Dutch"),
    "fr": _("French"),
    "en": _("English"),
    "de": _("German"),
    "vgt": _("Flemish Sign Language"),
}


class Channel(Dated, Sourced, Translated):
    """One way to reach the police about a topic."""

    review_months = 6
    belongs_to = ("topic",)

    translated_fields = ("label", "hours_note", "note", "steps")

    topic = models.ForeignKey(
        Topic,
        verbose_name=_("topic"),
        on_delete=models.PROTECT,
        related_name="channels",
        help_text=_("What somebody wants when using this. The channel is shown on the page of that topic."),
    )
    kind = fields.CharField(
        _("kind"),
        max_length=11,
        choices=ChannelKind,
        help_text=_("It decides which number or address fits, and which icon the site shows."),
    )
    label = fields.CharField(
        _("label"),
        max_length=160,
        help_text=_("What the visitor reads above the number or address, for example “Onthaal Noord”."),
    )
    value = fields.AddressField(
        _("number or address"),
        max_length=500,
        blank=True,
        help_text=_(
            "A phone number, e-mail or web address. Write phone numbers as you like. Empty: not published."
        ),
    )
    same_number_as = models.ForeignKey(
        "self",
        verbose_name=_("same number as"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="with_same_number",
        limit_choices_to=Q(same_number_as=None, kind__in=NUMBERS),
        help_text=_("The number is that of this channel, and changes with it."),
    )
    urgency = fields.CharField(
        _("urgency"),
        max_length=9,
        choices=Urgency,
        default=Urgency.NORMAL,
        help_text=_("Only for danger or haste: what is urgent comes first and stands out."),
    )
    audience = fields.CharField(
        _("audience"),
        max_length=10,
        choices=Audience,
        default=Audience.EVERYONE,
        help_text=_("Choose a group only when nobody else may use it."),
    )
    languages = fields.JSONField(
        _("languages"),
        default=list,
        blank=True,
        help_text=_('Codes of the languages spoken, for example ["nl", "fr"].'),
    )
    unit = models.ForeignKey(
        Unit,
        verbose_name=_("unit"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="channels",
        help_text=_("The unit that answers. Empty: that of the topic."),
    )
    location = models.ForeignKey(
        Location,
        verbose_name=_("location"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="channels",
        help_text=_("Where people have to be; the site shows its address. Empty for a number or a website."),
    )
    schedule = models.ForeignKey(
        Schedule,
        verbose_name=_("opening hours"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="channels",
        help_text=_("Empty: the hours are not published."),
    )
    hours_note = fields.CharField(
        _("remark about the hours"),
        max_length=250,
        blank=True,
        help_text=_(
            "What the hours themselves do not say, for example “only in English after 18.00”. The public reads it."
        ),
    )
    appointment_needed = models.BooleanField(
        _("by appointment only"),
        default=False,
        help_text=_(
            "Tick this when nobody is helped without an appointment. The site then does not say “open”."
        ),
    )
    note = fields.TextField(
        _("note"), blank=True, help_text=_("What somebody should know before using this.")
    )
    steps = fields.TextField(
        _("steps"),
        blank=True,
        db_default="",
        help_text=_("What to do before it works, such as installing an app: one step per line."),
    )
    alternative = models.ForeignKey(
        "self",
        verbose_name=_("way without internet"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="alternative_for",
        help_text=_("Required for what only works online."),
    )
    fallback = models.ForeignKey(
        "self",
        verbose_name=_("when closed"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="fallback_for",
        help_text=_("What to use instead when this is closed."),
    )
    position = models.PositiveSmallIntegerField(
        _("order"), default=0, help_text=_("The lowest number comes first within the topic.")
    )

    objects = ChannelQuerySet.as_manager()

    class Meta(Dated.Meta):
        verbose_name = _("channel")
        verbose_name_plural = _("channels")
        permissions = [("import_channel", "Can import channels")]
        ordering = ["topic__position", "position", "label"]
        constraints = [
            *Dated.Meta.constraints,
            *Sourced.Meta.constraints,
            models.CheckConstraint(
                name="contact_channel_way_without_internet",
                condition=~Q(kind__in=ONLINE_ONLY) | ~Q(alternative=None),
                violation_error_message=_("Name a way without internet for what only works online."),
            ),
            models.CheckConstraint(
                name="contact_channel_not_own_way_out",
                condition=(Q(alternative=None) | ~Q(alternative=models.F("id")))
                & (Q(fallback=None) | ~Q(fallback=models.F("id"))),
                violation_error_message=_("A channel cannot replace itself."),
            ),
            models.CheckConstraint(
                name="contact_channel_not_own_number",
                condition=Q(same_number_as=None) | ~Q(same_number_as=models.F("id")),
                violation_error_message=_("A channel cannot have the number of itself."),
            ),
            models.CheckConstraint(
                name="contact_channel_kind_known",
                condition=Q(kind__in=ChannelKind.values),
                violation_error_message=_("Choose one of the listed kinds."),
            ),
            models.CheckConstraint(
                name="contact_channel_phone_number",
                condition=~Q(kind__in=NUMBERS) | Q(value="") | Q(value__regex=STORED),
                violation_error_message=EXAMPLES,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label}: {self.display}" if self.value else self.label

    @classmethod
    def in_area(cls, units: Collection[Any]) -> Q:
        """Return the condition for the channels of these units; one without a unit is that of its topic."""
        return Q(unit__in=units) | Q(unit=None, topic__unit__in=units)

    def clean(self) -> None:
        """Normalise the value; raise ValidationError if it does not fit the kind."""
        if self.same_number_as_id:
            self._check_same_number()
            return
        self.value = self.value.strip()
        if not self.value:
            return
        try:
            if self.kind in NUMBERS:
                self.value = normalise_phone(self.value)
            elif self.kind == ChannelKind.EMAIL:
                validate_email(self.value)
            elif self.kind in LINKED:
                URLValidator(schemes=["http", "https"])(self.value)
        except ValidationError as error:
            raise ValidationError({"value": error.messages}) from error

    def _check_same_number(self) -> None:
        """Raise ValidationError if the channel cannot share the number of another."""
        if self.kind not in NUMBERS:
            raise ValidationError({"same_number_as": _("Only a phone or text message has a number.")})
        if type(self).objects.filter(same_number_as=self.pk).exists():
            raise ValidationError({"same_number_as": _("Other channels have the number of this one.")})

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save the channel, and copy its number to all channels that share it."""
        if self.same_number_as_id:
            shared = type(self).objects.filter(pk=self.same_number_as_id).values_list("value", flat=True)
            self.value = shared.first() or ""
            if kwargs.get("update_fields") is not None:
                kwargs["update_fields"] = {*kwargs["update_fields"], "value"}
        super().save(*args, **kwargs)
        type(self).objects.share_numbers(self.pk)

    @property
    def display(self) -> str:
        """Return the value as formatted for readers: phone numbers the Belgian way."""
        return display_phone(self.value) if self.kind in NUMBERS else self.value

    def is_at(self, location: Location) -> bool:
        """True if it is at a place, or belongs to the unit that works there."""
        if self.location_id:
            return self.location_id == location.pk
        return self.unit_id is not None and self.unit_id == location.unit_id

    @property
    def is_for_a_call(self) -> bool:
        """True if it is a phone number for non-emergencies."""
        return bool(self.value) and self.kind == ChannelKind.PHONE and self.urgency != Urgency.EMERGENCY

    @property
    def is_on_the_web(self) -> bool:
        """True if its value links to a page on another site."""
        return bool(self.value) and self.kind in LINKED

    @property
    def shown(self) -> str:
        """Return the value as shown on a page: a web address without scheme and `www.`."""
        return _short(self.value) if self.is_on_the_web else self.display

    @property
    def lacking(self) -> str:
        """Return the label of the missing value; empty if none is missing or the kind needs none."""
        if self.value or self.kind == ChannelKind.APP:
            return ""
        if self.kind in (*NUMBERS, ChannelKind.EMAIL):
            return self.get_kind_display()
        if self.kind in LINKED:
            return str(_("web address"))
        is_anywhere = self.kind == ChannelKind.DESK and not self.appointment_needed
        return "" if is_anywhere else str(_("address"))

    @property
    def is_empty(self) -> bool:
        """True if nobody can use it: it lacks a number or address, and steps that say how to get one.

        A desk is found by its place.
        """
        return bool(self.lacking) and self.kind != ChannelKind.DESK and not self.steps

    @property
    def step_list(self) -> list[Text]:
        """Return the steps as a list, in the language of the page."""
        steps = self.translated.steps
        return [Text(line, steps.language) for line in lines_of(steps)]

    @property
    def language_names(self) -> list[str]:
        """Return the names of the languages spoken."""
        return [str(LANGUAGES.get(code, code)) for code in self.languages]

    @property
    def link(self) -> str:
        """Return the `href` of the value; empty if there is nothing to open."""
        if not self.value:
            return ""
        if self.kind == ChannelKind.PHONE:
            return f"tel:{self.value}"
        if self.kind == ChannelKind.SMS:
            return f"sms:{self.value}"
        if self.kind == ChannelKind.EMAIL:
            return f"mailto:{self.value}"
        return self.value if self.kind in LINKED else ""

    def get_absolute_url(self) -> str:
        """Return the path of the channel's section on its topic's page."""
        return f"{path_of('topic-detail', self.topic.slug)}#{self.slug}"


def _short(address: str) -> str:
    """Return a web address without scheme and `www.`, as in politie.be/5415/contact, truncated if it is long."""
    bare = address.split("://", 1)[-1].removeprefix("www.").rstrip("/")
    return bare if len(bare) <= LONGEST_ADDRESS else f"{bare[: LONGEST_ADDRESS - 1]}…"
