"""Topics, and the channels that serve them."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from contact.models.dated import Dated
from contact.models.hours import Schedule
from contact.models.places import Location
from contact.phone import EXAMPLES, STORED, display_phone, normalise_phone
from contact.querysets import ChannelQuerySet, TopicQuerySet
from organisation.models import Unit
from pzgent.kernel import fields
from pzgent.kernel.paths import path_of
from pzgent.kernel.publishing import Publishable, Sourced
from pzgent.kernel.text_lines import lines_of
from pzgent.kernel.translations import Text, Translated


class Audience(models.TextChoices):
    """For whom a topic or channel is."""

    EVERYONE = "everyone", _("everyone")
    VICTIMS = "victims", _("victims")
    SCHOOLS = "schools", _("schools")
    STUDENTS = "students", _("students")
    SENIORS = "seniors", _("seniors")
    LGBT = "lgbt", _("LGBT people")
    PRESS = "press", _("press")
    JOBSEEKERS = "jobseekers", _("people who look for a job")
    COMPANIES = "companies", _("companies")
    DEAF = "deaf", _("deaf people, people hard of hearing or with a speech impairment")


class Topic(Publishable, Sourced, Translated):
    """Reason to contact the police."""

    translated_fields = ("title", "need", "other_needs", "intro", "synonyms")

    title = fields.CharField(_("title"), max_length=120)
    need = fields.CharField(
        _("need"),
        max_length=200,
        blank=True,
        help_text=_("As a visitor would say it: “Ik wil aangifte doen”."),
    )
    other_needs = fields.TextField(
        _("other needs it answers"),
        blank=True,
        help_text=_("One sentence per line, as a visitor would say it. The contact page lists them."),
    )
    audience = fields.CharField(_("audience"), max_length=10, choices=Audience, default=Audience.EVERYONE)
    intro = fields.TextField(_("introduction"), blank=True, help_text=_("Two to four plain sentences."))
    synonyms = fields.TextField(
        _("words people use"), blank=True, help_text=_("One per line; the search uses them.")
    )
    sensitive = models.BooleanField(
        _("sensitive"),
        default=False,
        help_text=_("Shows a button with which a visitor can leave the page at once."),
    )
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    unit = models.ForeignKey(
        Unit,
        verbose_name=_("responsible unit"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="topics",
    )

    objects = TopicQuerySet.as_manager()

    class Meta(Publishable.Meta):
        verbose_name = _("topic")
        verbose_name_plural = _("topics")
        ordering = ["position", "title"]
        constraints = [*Publishable.Meta.constraints, *Sourced.Meta.constraints]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """Return the path of the topic's own page."""
        return path_of("topic-detail", self.slug)

    def shows_channel(self, slug: str) -> bool:
        """True if the public sees a channel with this slug under the topic. One query."""
        return self.channels.published().filter(slug=slug).exists()

    @property
    def synonym_list(self) -> list[str]:
        """Return the synonyms as a list."""
        return lines_of(self.synonyms)

    @property
    def other_need_list(self) -> list[Text]:
        """Return the other needs as a list, in the language of the page."""
        needs = self.translated.other_needs
        return [Text(line, needs.language) for line in lines_of(needs)]

    @property
    def call(self) -> Text:
        """Return the need in a visitor's words, or else the title, in the language of the page."""
        return self.translated.need if self.need else self.translated.title


class ChannelKind(models.TextChoices):
    """By what means people reach somebody."""

    PHONE = "phone", _("phone")
    EMAIL = "email", _("e-mail")
    WEB_FORM = "web_form", _("online form")
    WEB = "web", _("web page")
    APPOINTMENT = "appointment", _("online appointment")
    DESK = "desk", _("desk")
    APP = "app", _("app")
    SMS = "sms", _("text message")
    SOCIAL = "social", _("social media")
    POST = "post", _("post")


NUMBERS = (ChannelKind.PHONE, ChannelKind.SMS)
ONLINE_ONLY = (ChannelKind.WEB_FORM, ChannelKind.APPOINTMENT, ChannelKind.APP, ChannelKind.SOCIAL)
LINKED = (*ONLINE_ONLY, ChannelKind.WEB)
# Maximum length of a web address on a page.
LONGEST_ADDRESS = 45


class Urgency(models.TextChoices):
    """How urgent the matter is that a channel is for."""

    EMERGENCY = "emergency", _("emergency")
    URGENT = "urgent", _("urgent")
    NORMAL = "normal", _("not urgent")


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

    translated_fields = ("label", "hours_note", "note")

    topic = models.ForeignKey(
        Topic, verbose_name=_("topic"), on_delete=models.PROTECT, related_name="channels"
    )
    kind = fields.CharField(_("kind"), max_length=11, choices=ChannelKind)
    label = fields.CharField(_("label"), max_length=160)
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
    urgency = fields.CharField(_("urgency"), max_length=9, choices=Urgency, default=Urgency.NORMAL)
    audience = fields.CharField(_("audience"), max_length=10, choices=Audience, default=Audience.EVERYONE)
    languages = fields.JSONField(
        _("languages"),
        default=list,
        blank=True,
        help_text=_('Codes of the languages spoken, for example ["nl", "fr"].'),
    )
    unit = models.ForeignKey(
        Unit, verbose_name=_("unit"), on_delete=models.PROTECT, null=True, blank=True, related_name="channels"
    )
    location = models.ForeignKey(
        Location,
        verbose_name=_("location"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="channels",
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
    hours_note = fields.CharField(_("remark about the hours"), max_length=250, blank=True)
    appointment_needed = models.BooleanField(_("by appointment only"), default=False)
    note = fields.TextField(
        _("note"), blank=True, help_text=_("What somebody should know before using this.")
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
    position = models.PositiveSmallIntegerField(_("order"), default=0)

    objects = ChannelQuerySet.as_manager()

    class Meta(Dated.Meta):
        verbose_name = _("channel")
        verbose_name_plural = _("channels")
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
