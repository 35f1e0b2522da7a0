"""Template tags for the source of a fact: its document, its kind, and when it was published or checked.

Lists show this line for every item, so for speed it is built in Python instead of in a template.
"""

from __future__ import annotations

import datetime
from functools import cache, lru_cache
from html import escape
from typing import Any, NamedTuple

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext

from pzgent.kernel.publishing import FactBasis
from pzgent.templatetags.portal_tags import dutch

register = template.Library()
# Cache size for formatted days; most items of a list share a few days.
MOST_DAYS = 2_000


class _Words(NamedTuple):
    """Interface strings in one language, looked up once per process; they contain nothing to escape."""

    language: str | None
    source: str
    not_published: str
    kind: str
    checked: str
    changed: str
    since: str
    mark: str


@register.simple_tag
def source_line(item: Any) -> SafeString:
    """Return the paragraph about the source of a fact; no query if the source was fetched with `select_related`."""
    words, source = _words_in(get_language()), item.source
    if source and source.is_published:
        at = f", <span{words.mark}>{escape(item.source_place)}</span>" if item.source_place else ""
        told = f'<a href="{escape(source.get_absolute_url())}"{words.mark}>{escape(source.title)}</a>{at}'
    else:
        told = f'<span class="not-published">{words.not_published}</span>'
    since = _on_day(words, words.checked, item.verified_on) if item.verified_on else _since(words, item)
    return SafeString(f'<p class="source">{words.source} {told}. {_basis_of(words, item)}{since}</p>\n')


@register.simple_tag
def changed_line(item: Any) -> SafeString:
    """Return the sentence about when a fact was last changed or first published; "" for items without dates."""
    return SafeString(_since(_words_in(get_language()), item))


@cache
def _words_in(language: str | None) -> _Words:
    return _Words(
        language,
        gettext("Source:"),
        gettext("not published"),
        gettext("Kind of fact:"),
        gettext("Checked on %(day)s."),
        gettext("Changed on %(day)s."),
        gettext("On this site since %(day)s."),
        dutch(),
    )


def _basis_of(words: _Words, item: Any) -> str:
    """Return the kind of fact unless it is printed in the source, and the public note about the source."""
    told = ""
    if item.basis and item.basis != FactBasis.PRINTED:
        kind = escape(item.get_basis_display())
        told = f'<span class="basis">{words.kind} <strong>{kind}</strong>.</span> '
    if note := item.public_note:
        told += f'<span class="source-note"{dutch(note)}>{escape(note)}</span> '
    return told


def _since(words: _Words, item: Any) -> str:
    if getattr(item, "is_edited", False):
        return _on_day(words, words.changed, item.modified)
    created = getattr(item, "created", None)
    return _on_day(words, words.since, created) if created else ""


def _on_day(words: _Words, sentence: str, moment: datetime.date) -> str:
    day = timezone.localtime(moment).date() if isinstance(moment, datetime.datetime) else moment
    return sentence % {"day": _written(day, words.language)}


@lru_cache(maxsize=MOST_DAYS)
def _written(day: datetime.date, language: str | None) -> str:
    """Return a day in full. The language must be the active one: it is only part of the cache key."""
    return escape(date_format(day, "DATE_FORMAT"))
