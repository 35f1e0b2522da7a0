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

from pzgent.kernel.citations import Citation
from pzgent.kernel.publishing import FactBasis
from pzgent.kernel.source_places import places_in
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
    mark: str


@register.simple_tag
def source_line(item: Any) -> SafeString:
    """Return the source of a fact, folded; no query if the source was fetched with `select_related`."""
    summary = _words_in(get_language()).source
    return SafeString(f'<details class="source"><summary>{summary}</summary>{source_told(item)}</details>\n')


@register.simple_tag
def source_told(item: Any) -> SafeString:
    """Return the paragraph about the source of a fact, for a part of a page that is folded itself."""
    words, source = _words_in(get_language()), item.source
    if source and source.is_published:
        at = f", <span{words.mark}>{escape(item.source_place)}</span>" if item.source_place else ""
        told = f'<a href="{escape(_address(source, item))}"{words.mark}>{escape(source.title)}</a>{at}'
    else:
        told = f'<span class="not-published">{words.not_published}</span>'
    return SafeString(f"<p>{told}. {_basis_of(words, item)}{_day(words, item)}</p>")


@register.simple_tag
def day_line(item: Any) -> SafeString:
    """Return the sentence about when a fact was last checked, or else changed; "" if it never was."""
    return SafeString(_day(_words_in(get_language()), item))


@register.simple_tag
def cited_fact(fact: Citation) -> SafeString:
    """Return the list item of a fact on the page of its source."""
    mark, title = dutch(fact.title), escape(fact.title)
    told = (
        f'<a href="{escape(fact.address)}"{mark}>{title}</a>'
        if fact.address
        else f"<span{mark}>{title}</span>"
    )
    detail = f": <span{dutch()}>{escape(fact.detail)}</span>" if fact.detail else ""
    return SafeString(f'<li>{told} <span class="kind">{escape(fact.kind)}{detail}</span></li>\n')


def _address(source: Any, item: Any) -> str:
    """Return the path of the source's page, at the first place that the fact names."""
    places = places_in(item.source_place) if source.has_page else ()
    part = f"#{places[0].anchor}" if places else ""
    return f"{source.get_absolute_url()}{part}"


@cache
def _words_in(language: str | None) -> _Words:
    return _Words(
        language,
        gettext("Source"),
        gettext("not in our source"),
        gettext("Kind of fact:"),
        gettext("Checked on %(day)s."),
        gettext("Changed on %(day)s."),
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


def _day(words: _Words, item: Any) -> str:
    if item.verified_on:
        return _on_day(words, words.checked, item.verified_on)
    return _on_day(words, words.changed, item.modified) if getattr(item, "is_edited", False) else ""


def _on_day(words: _Words, sentence: str, moment: datetime.date) -> str:
    day = timezone.localtime(moment).date() if isinstance(moment, datetime.datetime) else moment
    return sentence % {"day": _written(day, words.language)}


@lru_cache(maxsize=MOST_DAYS)
def _written(day: datetime.date, language: str | None) -> str:
    """Return a day in full. The language must be the active one: it is only part of the cache key."""
    return escape(date_format(day, "DATE_FORMAT"))
