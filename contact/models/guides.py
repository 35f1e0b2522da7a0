"""Step-by-step guides: what somebody does, in order, to get one thing done."""

from collections.abc import Collection
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from contact.models.channels import Channel
from contact.models.topics import Topic
from contact.querysets import GuideQuerySet
from pzgent.kernel import fields
from pzgent.kernel.paths import path_of
from pzgent.kernel.publishing import Publishable, Sourced
from pzgent.kernel.rich_text import RichTextField
from pzgent.kernel.text_lines import lines_of
from pzgent.kernel.translations import Translated


class Guide(Publishable, Sourced, Translated):
    """Ordered steps for one common need."""

    belongs_to = ("topic",)
    translated_fields = ("title", "summary", "prepare", "outcome", "synonyms")

    title = fields.CharField(
        _("title"), max_length=120, help_text=_("As a visitor would say it: “Mijn fiets is gestolen”.")
    )
    topic = models.ForeignKey(
        Topic,
        verbose_name=_("topic"),
        on_delete=models.PROTECT,
        related_name="guides",
        help_text=_("The topic that this belongs to; its page leads to this guide."),
    )
    summary = fields.TextField(
        _("summary"), blank=True, help_text=_("One or two sentences: what it comes down to.")
    )
    action = models.ForeignKey(
        Channel,
        verbose_name=_("main action"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("The button at the top of the page. Empty: that of the topic."),
    )
    prepare = RichTextField(
        _("what to have ready"), blank=True, help_text=_("What somebody needs at hand, as a short list.")
    )
    outcome = RichTextField(
        _("what happens next"), blank=True, help_text=_("What the police does then, and when.")
    )
    synonyms = fields.TextField(
        _("words people use"), blank=True, help_text=_("One per line; the search uses them.")
    )
    position = models.PositiveSmallIntegerField(
        _("order"), default=0, help_text=_("The lowest number comes first in the list of guides.")
    )

    objects = GuideQuerySet.as_manager()

    class Meta(Publishable.Meta):
        verbose_name = _("guide")
        verbose_name_plural = _("guides")
        ordering = ["position", "title"]
        constraints = [*Publishable.Meta.constraints, *Sourced.Meta.constraints]

    def __str__(self) -> str:
        return self.title

    @classmethod
    def in_area(cls, units: Collection[Any]) -> Q:
        """Return the condition for the guides whose topic these units are responsible for."""
        return Q(topic__unit__in=units)

    def get_absolute_url(self) -> str:
        """Return the path of the guide's own page."""
        return path_of("guide-detail", self.slug)

    @property
    def synonym_list(self) -> list[str]:
        """Return the synonyms as a list."""
        return lines_of(self.synonyms)


class GuideStep(Translated):
    """One step of a guide."""

    translated_fields = ("title", "text")

    guide = models.ForeignKey(
        Guide,
        verbose_name=_("guide"),
        on_delete=models.CASCADE,
        related_name="steps",
        help_text=_("The guide that it is a step of."),
    )
    position = models.PositiveSmallIntegerField(
        _("order"), default=0, help_text=_("The lowest number comes first; each number once.")
    )
    title = fields.CharField(
        _("title"), max_length=120, help_text=_("What somebody does, for example “Blokkeer je kaart”.")
    )
    text = RichTextField(_("text"), blank=True, help_text=_("One to three short sentences."))
    channel = models.ForeignKey(
        Channel,
        verbose_name=_("channel"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("The number, form or address of this step; the page shows it as a link."),
    )

    class Meta:
        verbose_name = _("step of a guide")
        verbose_name_plural = _("steps of guides")
        ordering = ["guide", "position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["guide", "position"],
                name="contact_guidestep_position_once",
                violation_error_message=_("Two steps of one guide cannot have the same order number."),
            )
        ]

    def __str__(self) -> str:
        return self.title

    @classmethod
    def in_area(cls, units: Collection[Any]) -> Q:
        """Return the condition for the steps of the guides of these units."""
        return Q(guide__topic__unit__in=units)
