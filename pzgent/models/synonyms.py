"""Synonyms for the search."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from pzgent.kernel import fields
from pzgent.kernel.text_lines import lines_of


class SynonymRing(models.Model):
    """A set of words and phrases that are synonyms to the search."""

    slug = fields.SlugField(
        _("name"), max_length=60, unique=True, help_text=_("A short name, for you alone.")
    )
    words = fields.TextField(
        _("words that mean the same"),
        help_text=_(
            "One word or phrase per line, at least two. Whoever types one of them also finds the others."
        ),
    )
    modified = models.DateTimeField(_("modified"), auto_now=True)

    class Meta:
        verbose_name = _("synonyms")
        verbose_name_plural = _("synonyms")
        ordering = ["slug"]

    def __str__(self) -> str:
        return ", ".join(self.word_list)

    @property
    def word_list(self) -> list[str]:
        """The words and phrases as a list."""
        return lines_of(self.words)

    def clean(self) -> None:
        """Raise ValidationError for fewer than two different words."""
        if len({word.casefold() for word in self.word_list}) < 2:
            raise ValidationError({"words": _("Give at least two words, each on a line of its own.")})
