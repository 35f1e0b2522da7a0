"""Where a fact comes from: its document, what kind of fact it is, and since when it stands here.

Lists show this line for every item, so it is written here and not in a template.
"""

from __future__ import annotations

import datetime
from functools import lru_cache
from typing import Any

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext

from pzgent.kernel.publishing import FactBasis
from pzgent.templatetags.portal_tags import dutch

register = template.Library()
# Most items of a list carry one of a few days.
MOST_DAYS = 2_000


@register.simple_tag
def source_line(item: Any) -> SafeString:
    """The paragraph about the source of a fact; asks nothing more when the source was fetched with it."""
    source = item.source
    if source and source.is_published:
        mark = dutch()
        place = item.source_place
        at = format_html(", <span{}>{}</span>", mark, place) if place else ""
        told = format_html('<a href="{}"{}>{}</a>{}', source.get_absolute_url(), mark, source.title, at)
    else:
        told = format_html('<span class="not-published">{}</span>', SafeString(gettext("not published")))
    parts = (gettext("Source:"), told, _basis_of(item), _checked(item) if item.verified_on else changed_line(item))
    return SafeString('<p class="source">{} {}. {}{}</p>\n'.format(*parts))


@register.simple_tag
def changed_line(item: Any) -> SafeString:
    """Since when a fact is as it is; empty for what has no dates of its own."""
    if getattr(item, "is_edited", False):
        return _on_day(gettext("Changed on %(day)s."), item.modified)
    created = getattr(item, "created", None)
    return _on_day(gettext("On this site since %(day)s."), created) if created else SafeString("")


def _checked(item: Any) -> SafeString:
    return _on_day(gettext("Checked on %(day)s."), item.verified_on)


def _basis_of(item: Any) -> SafeString:
    """The kind of fact where it is not printed in the source, and the note beside the source."""
    told = SafeString("")
    if item.basis and item.basis != FactBasis.PRINTED:
        kind = SafeString(gettext("Kind of fact:"))
        told = format_html('<span class="basis">{} <strong>{}</strong>.</span> ', kind, item.get_basis_display())
    if note := item.public_note:
        told += format_html('<span class="source-note"{}>{}</span> ', dutch(note), note)
    return told


def _on_day(sentence: str, moment: datetime.date) -> SafeString:
    """A sentence of our own, which holds nothing to escape, with a day in it."""
    is_moment = isinstance(moment, datetime.datetime)
    day = timezone.localtime(moment).date() if is_moment else moment
    return SafeString(sentence % {"day": _written(day, get_language())})


@lru_cache(maxsize=MOST_DAYS)
def _written(day: datetime.date, language: str | None) -> SafeString:
    """A day in full, in this language, which is that of the page."""
    return conditional_escape(date_format(day, "DATE_FORMAT"))
