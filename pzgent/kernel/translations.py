"""Translations of editors' texts: Dutch is authoritative, translations are a courtesy whose age is tracked.

The translations of a row are stored in one JSON column, `{"fr": {"title": {"text": …, "of": …}}}`, where `of` is a
digest of the Dutch text that was translated. To translate another field, add its name to `translated_fields`: that
needs no migration. The fields themselves stay Dutch; only `row.translated.title` follows the language of the page.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.expressions import Value
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from pzgent.kernel import fields
from pzgent.kernel.cleaning import clean_text

DUTCH = "nl"
# The languages that Dutch is translated into, in the order in which editors see them.
OTHER_LANGUAGES = {"fr": _("French"), "en": _("English"), "de": _("German")}
MARK_LENGTH = 12
Stored = dict[str, dict[str, dict[str, str]]]


class Text(str):
    """A text that knows which language it is in."""

    language: str

    def __new__(cls, text: str, language: str = DUTCH) -> Text:
        """Create the text in a language."""
        made = super().__new__(cls, text)
        made.language = language
        return made


def is_foreign_here(text: str) -> bool:
    """Return whether a text is in another language than the page; a plain string counts as part of the page."""
    return bool(text) and isinstance(text, Text) and text.language != (get_language() or DUTCH)[:2]


class TranslatedTexts:
    """The texts of one row in the language of the page: `row.translated.title` is a `Text`."""

    def __init__(self, row: Translated) -> None:
        self._row = row

    def __getattr__(self, name: str) -> Text:
        """Return the text, in Dutch if it has no translation."""
        if name not in self._row.translated_fields:
            raise AttributeError(name)
        return self._row.text_in(name, (get_language() or DUTCH)[:2])


class TranslationsField(fields.JSONField):
    """The translations of a row, each cleaned like the field that it translates."""

    def cleaned(self, value: Any) -> Any:
        """Return the translations with clean texts."""
        value = super().cleaned(value)
        model: Any = self.model
        for texts in value.values() if isinstance(value, dict) else ():
            for name in texts.keys() & set(model.translated_fields):
                texts[name]["text"] = model._meta.get_field(name).cleaned(texts[name]["text"])
        return value


class Translated(models.Model):
    """A model whose texts in `translated_fields` may have translations."""

    translated_fields: ClassVar[tuple[str, ...]] = ()

    translations = TranslationsField(
        _("translations"),
        default=dict,
        # Also as database default: on a live site older code still inserts rows while the column is being added.
        db_default=Value({}, models.JSONField()),
        blank=True,
        editable=False,
    )

    class Meta:
        abstract = True

    @property
    def translated(self) -> TranslatedTexts:
        """The texts in the language of the page."""
        return TranslatedTexts(self)

    def text_in(self, name: str, language: str) -> Text:
        """Return one text in a language, or else in Dutch."""
        found = self.translation_of(name, language) if language != DUTCH else ""
        return Text(found, language) if found else Text(getattr(self, name))

    def translation_of(self, name: str, language: str) -> str:
        """Return the translation alone; empty if there is none."""
        return str(self.translations.get(language, {}).get(name, {}).get("text", ""))

    def translate(self, name: str, language: str, text: str) -> None:
        """Store a translation of the current Dutch text; an empty one is removed."""
        column: Any = self._meta.get_field(name)
        text = column.cleaned(text)
        texts = {**self.translations.get(language, {})}
        texts.pop(name, None)
        if text:
            texts[name] = {"text": text, "of": source_digest(getattr(self, name))}
        kept = {code: found for code, found in self.translations.items() if code != language}
        self.translations = {**kept, **({language: texts} if texts else {})}

    def translate_all(self, texts: Mapping[str, Mapping[str, str]]) -> None:
        """Store these translations, by language and field. Raises ValidationError for a field without translations."""
        for language, values in texts.items():
            for name, text in values.items():
                if language not in OTHER_LANGUAGES or name not in self.translated_fields:
                    raise ValidationError({name: f"has no translation into “{language}”"})
                column: Any = self._meta.get_field(name)
                column.run_validators(column.cleaned(text))
                self.translate(name, language, text)

    def missing_translations(self) -> Iterator[tuple[str, str]]:
        """Yield the texts without a translation, as (language, field)."""
        for language in OTHER_LANGUAGES:
            for name in self.translated_fields:
                if getattr(self, name) and not self.translation_of(name, language):
                    yield language, name

    def old_translations(self) -> Iterator[tuple[str, str]]:
        """Yield the translations whose Dutch text has changed since, as (language, field)."""
        for language in OTHER_LANGUAGES:
            for name in self.translated_fields:
                if self.has_old_translation(name, language):
                    yield language, name

    def has_old_translation(self, name: str, language: str) -> bool:
        """Return whether the Dutch text changed after it was translated."""
        known = self.translations.get(language, {}).get(name)
        return bool(known) and known.get("of") != source_digest(getattr(self, name))


def source_digest(text: str) -> str:
    """Return a short digest by which a Dutch text is recognised later."""
    return hashlib.sha256(" ".join(clean_text(text).split()).encode()).hexdigest()[:MARK_LENGTH]


def merge_translations(current: Stored, loaded: Stored, wanted: Stored) -> Stored:
    """Apply a newer load to the stored translations, except where somebody changed the text in the meantime."""
    merged: Stored = {}
    for language in OTHER_LANGUAGES:
        texts: dict[str, dict[str, str]] = {}
        mine, old, new = (source.get(language, {}) for source in (current, loaded, wanted))
        for name in sorted({*mine, *new}):
            is_untouched = mine.get(name) == old.get(name)
            kept = new.get(name) if is_untouched else mine.get(name)
            if kept:
                texts[name] = kept
        if texts:
            merged[language] = texts
    return merged
