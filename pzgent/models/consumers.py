"""Consumers of the open data."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from pzgent.kernel import fields
from pzgent.kernel.publishing import Publishable, PublishableQuerySet


class Consumer(Publishable):
    """A person or organisation that told us that it uses the open data, and that agreed to be named."""

    name = fields.CharField(
        _("name"),
        max_length=160,
        help_text=_("Of the organisation or the app. Name a person only when that person asked for it."),
    )
    url = fields.URLField(
        _("web address"),
        blank=True,
        help_text=_("Where people see what was made with the data. Empty: not published."),
    )
    purpose = fields.CharField(
        _("what for"),
        max_length=300,
        help_text=_("In one or two plain sentences: what they do with the data."),
    )
    since = models.DateField(
        _("since"),
        null=True,
        blank=True,
        help_text=_("The day since which they use them. Empty: not published."),
    )

    objects = PublishableQuerySet.as_manager()

    class Meta(Publishable.Meta):
        verbose_name = _("user of the open data")
        verbose_name_plural = _("users of the open data")
        ordering = ["name", "slug"]
        constraints = [
            *Publishable.Meta.constraints,
            models.UniqueConstraint(
                Lower("name"),
                name="pzgent_consumer_named_once",
                violation_error_message=_("Somebody with this name is in the list already."),
            ),
            models.CheckConstraint(
                name="pzgent_consumer_says_what_for",
                condition=~Q(name="") & ~Q(purpose=""),
                violation_error_message=_("Give a name, and say what they use the data for."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Return the address of the entry in the list on the open data page."""
        return f"{reverse('open-data')}#user-{self.slug}"
