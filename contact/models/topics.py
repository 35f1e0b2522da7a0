"""Topics: the reasons for which people contact the police."""

from collections.abc import Collection
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from contact.models.kinds import Audience
from contact.querysets import TopicQuerySet
from organisation.models import Unit
from pzgent.kernel import fields
from pzgent.kernel.paths import path_of
from pzgent.kernel.publishing import Publishable, Sourced
from pzgent.kernel.rich_text import RichTextField
from pzgent.kernel.text_lines import lines_of
from pzgent.kernel.translations import Text, Translated


class Topic(Publishable, Sourced, Translated):
    """Reason to contact the police."""

    translated_fields = ("title", "need", "other_needs", "intro", "prepare", "outcome", "synonyms")

    title = fields.CharField(
        _("title"), max_length=120, help_text=_("Short, as a heading, for example “Aangifte doen”.")
    )
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
    audience = fields.CharField(
        _("audience"),
        max_length=10,
        choices=Audience,
        default=Audience.EVERYONE,
        help_text=_("Choose a group only when the topic is of no use to anybody else."),
    )
    intro = RichTextField(_("introduction"), blank=True, help_text=_("Two to four plain sentences."))
    prepare = RichTextField(
        _("what to have ready"),
        blank=True,
        db_default="",
        help_text=_("What somebody needs at hand, as a short list."),
    )
    outcome = RichTextField(
        _("what happens next"), blank=True, db_default="", help_text=_("What the police does then, and when.")
    )
    synonyms = fields.TextField(
        _("words people use"), blank=True, help_text=_("One per line; the search uses them.")
    )
    sensitive = models.BooleanField(
        _("sensitive"),
        default=False,
        help_text=_("Shows a button with which a visitor can leave the page at once."),
    )
    position = models.PositiveSmallIntegerField(
        _("order"), default=0, help_text=_("The lowest number comes first on the contact page.")
    )
    unit = models.ForeignKey(
        Unit,
        verbose_name=_("responsible unit"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="topics",
        help_text=_("The unit that keeps this topic right; the page names it."),
    )

    objects = TopicQuerySet.as_manager()

    class Meta(Publishable.Meta):
        verbose_name = _("topic")
        verbose_name_plural = _("topics")
        ordering = ["position", "title"]
        constraints = [*Publishable.Meta.constraints, *Sourced.Meta.constraints]

    def __str__(self) -> str:
        return self.title

    @classmethod
    def in_area(cls, units: Collection[Any]) -> Q:
        """Return the condition for the topics that these units are responsible for."""
        return Q(unit__in=units)

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
