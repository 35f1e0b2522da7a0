"""A page about a unit."""

from django.db import models
from wagtail.fields import RichTextField
from wagtail.models import Page


class UnitPage(Page):
    """Title, text, what it is part of, and its parts."""

    body = RichTextField(blank=True)
    phone = models.CharField(max_length=40, blank=True)
