"""Notices for the crisis banner."""

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from contact.querysets import NoticeQuerySet
from pzgent.kernel import fields
from pzgent.kernel.publishing import Publishable
from pzgent.kernel.rich_text import RichTextField
from pzgent.kernel.translations import DUTCH, Text, Translated


class NoticeLevel(models.TextChoices):
    """How serious a notice is."""

    INFO = "info", _("information")
    SERIOUS = "serious", _("serious")
    DISASTER = "disaster", _("disaster")


class Notice(Publishable, Translated):
    """Message on every page for a limited time. Its translations are fields of one row, to be edited together."""

    translated_fields = ("title",)

    level = fields.CharField(
        _("level"),
        max_length=8,
        choices=NoticeLevel,
        default=NoticeLevel.INFO,
        help_text=_("The more serious, the more it stands out; disaster comes first."),
    )
    title = fields.CharField(
        _("title"),
        max_length=120,
        help_text=_("What is the matter, in a few words. It stands in bold on every page."),
    )
    text_nl = RichTextField(
        _("text in Dutch"), help_text=_("What people have to do now, in one to three short sentences.")
    )
    text_fr = RichTextField(
        _("text in French"), blank=True, help_text=_("Empty: who reads French sees the Dutch text.")
    )
    text_en = RichTextField(
        _("text in English"), blank=True, help_text=_("Empty: who reads English sees the Dutch text.")
    )
    text_de = RichTextField(
        _("text in German"), blank=True, help_text=_("Empty: who reads German sees the Dutch text.")
    )
    starts = models.DateTimeField(
        _("starts"), help_text=_("From this moment it is on every page. A moment in the past means: at once.")
    )
    ends = models.DateTimeField(_("ends"), help_text=_("Required: a notice never stays by accident."))

    objects = NoticeQuerySet.as_manager()

    class Meta(Publishable.Meta):
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        ordering = ["-starts"]
        constraints = [
            *Publishable.Meta.constraints,
            models.CheckConstraint(
                name="contact_notice_ends_after_start",
                condition=Q(ends__gt=models.F("starts")),
                violation_error_message=_("The end must be later than the start."),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def text(self) -> Text:
        """Return the text in the language of the page, or in Dutch if it has none."""
        language = (get_language() or DUTCH)[:2]
        found = getattr(self, f"text_{language}", "")
        return Text(found, language) if found else Text(self.text_nl)
