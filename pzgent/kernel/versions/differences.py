"""Differences between two snapshots, in the words of the form."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from html import unescape
from typing import Any

from django.contrib.admin.utils import display_for_field
from django.db import models
from django.db.models.fields.files import FileField
from django.utils.html import escape, format_html, strip_tags
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst
from django.utils.translation import gettext

from pzgent.kernel.rich_text import RichTextField
from pzgent.kernel.translations import DUTCH, OTHER_LANGUAGES, Translated
from pzgent.kernel.versions.parts import Part, kept_columns, parts_of
from pzgent.kernel.versions.snapshots import Snapshot, model_of, referred_model

NOTHING = "–"
# Texts with more words are compared line by line.
MOST_WORDS = 3_000
LONG = 60
BLOCK_END = re.compile(r"(?i)</(?:p|li|h[1-6]|tr|blockquote)>|<br\s*/?>")
TRANSLATIONS = "translations"


@dataclass(frozen=True)
class Difference:
    """One line of a comparison: a label, the old and the new words, and a long text with its changes marked."""

    label: str
    old: str
    new: str
    marked: str = ""
    language: str = DUTCH


class Wording:
    """The words for the values of one snapshot."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.names: dict[str, dict[str, str]] = snapshot.get("names", {})

    def value(self, field: models.Field, value: Any) -> str:
        """Return the value of a column as the form shows it."""
        target = referred_model(field)
        if value in (None, "", [], {}):
            return NOTHING
        if target is not None:
            return self.name(target, value)
        if isinstance(field, FileField):
            return gettext("file %(name)s") % {"name": str(value).rpartition("/")[2][:8]}
        if isinstance(field, RichTextField):
            return text_of(str(value))
        if isinstance(field, models.JSONField):
            return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        return str(display_for_field(field.to_python(value), field, NOTHING))

    def name(self, target: type[models.Model], key: Any) -> str:
        """Return the name of something referred to, as it was."""
        return self.names.get(target._meta.label_lower, {}).get(str(key), str(key))

    def row(self, part: Part, row: Snapshot) -> str:
        """Return a part in one line."""
        columns = [
            field for field in kept_columns(part.model) if field.name not in (part.owner, TRANSLATIONS)
        ]
        filled = (
            (field, self.value(field, row["fields"].get(field.name)))
            for field in columns
            if field.name in row["fields"]
        )
        return "; ".join(f"{field.verbose_name}: {words}" for field, words in filled if words != NOTHING)


def text_of(html: str) -> str:
    """Return the text of HTML, with a line per block."""
    return unescape(strip_tags(BLOCK_END.sub("\n", html))).strip()


def differences(
    old: Snapshot, new: Snapshot, shown: Collection[str] | None = None, labels: dict[str, str] | None = None
) -> list[Difference]:
    """Return the differences between two snapshots of one object, in the order of its columns.

    `shown` limits them to fields, relations and parts that the reader may see; `labels` holds the labels of the form.
    """
    return [
        replace(line, marked=mark(line.old, line.new)) if _is_long(line) else line
        for line in _lines(old, new, shown, labels or {})
        if line.old != line.new
    ]


def _is_long(line: Difference) -> bool:
    """Whether a difference reads better as one marked text than as two values side by side."""
    texts = (line.old, line.new)
    return NOTHING not in texts and any("\n" in text or len(text) > LONG for text in texts)


def contents(snapshot: Snapshot, shown: Collection[str] | None, labels: dict[str, str]) -> list[Difference]:
    """Return everything in a snapshot, with its words in `new`."""
    empty: Snapshot = {"model": snapshot["model"], "fields": {}, "many": {}, "parts": {}, "names": {}}
    return [line for line in _lines(empty, snapshot, shown, labels, is_whole=True) if line.new != NOTHING]


def unknown_fields(snapshot: Snapshot) -> tuple[list[str], list[str]]:
    """Return the fields of a snapshot that no longer exist, and the labels of those that did not exist yet."""
    model = model_of(snapshot)
    known = {field.name: str(field.verbose_name) for field in kept_columns(model)}
    gone = sorted(snapshot["fields"].keys() - known.keys())
    return gone, [label for name, label in known.items() if name not in snapshot["fields"]]


def mark(old: str, new: str) -> SafeString:
    """Return a text with what was deleted and inserted marked, word by word."""
    before, after = (re.findall(r"\w+|\s+|[^\w\s]", "" if text == NOTHING else text) for text in (old, new))
    if max(len(before), len(after)) > MOST_WORDS:
        before, after = (text.splitlines(keepends=True) for text in (old, new))
    pieces: list[str] = []
    for kept, deleted, inserted in _runs(before, after):
        pieces.append(escape(kept))
        pieces.append(format_html("<del>{}</del>", deleted) if deleted else "")
        pieces.append(format_html("<ins>{}</ins>", inserted) if inserted else "")
    return mark_safe("".join(pieces))  # noqa: S308  # every piece is escaped above


def _runs(before: list[str], after: list[str]) -> Iterator[tuple[str, str, str]]:
    """Yield runs of text that was kept, and what was deleted and inserted after each.

    Kept spaces between two changes count as changed: whole phrases read better than single words.
    """
    kept = deleted = inserted = ""
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    for kind, start, end, first, last in matcher.get_opcodes():
        old, new = "".join(before[start:end]), "".join(after[first:last])
        if kind != "equal" or ((deleted or inserted) and not new.strip()):
            deleted, inserted = deleted + old, inserted + new
            continue
        if deleted or inserted:
            yield kept, deleted, inserted
            kept = deleted = inserted = ""
        kept += new
    yield kept, deleted, inserted


def _lines(
    old: Snapshot,
    new: Snapshot,
    shown: Collection[str] | None,
    labels: dict[str, str],
    *,
    is_whole: bool = False,
) -> Iterator[Difference]:
    """Yield a line per field, relation, translation and part that both snapshots know."""
    model = model_of(new)
    before, after = Wording(old), Wording(new)

    def is_shown(name: str, group: str) -> bool:
        known = name in new[group] and (is_whole or name in old[group])
        return known and (shown is None or name in shown)

    for field in kept_columns(model):
        if not is_shown(field.name, "fields"):
            continue
        if field.name == TRANSLATIONS and issubclass(model, Translated):
            yield from _translation_lines(model, old, new)
            continue
        label = labels.get(field.name) or capfirst(str(field.verbose_name))
        yield _value_line(label, field, old, new, (before, after))
    for relation in model._meta.many_to_many:
        if is_shown(relation.name, "many"):
            label = labels.get(relation.name) or capfirst(str(relation.verbose_name))
            yield Difference(
                label, *(_many_words(relation, item, words) for item, words in ((old, before), (new, after)))
            )
    for part in parts_of(model):
        if part.key in new["parts"] and (shown is None or part.key in shown):
            yield from _part_lines(part, old, new, (before, after))
    if old.get("after") != new.get("after") and "after" in new and not is_whole:
        yield Difference(gettext("Stands after"), *(_sibling(model, item) for item in (old, new)))


def _value_line(
    label: str, field: models.Field, old: Snapshot, new: Snapshot, words: tuple[Wording, Wording]
) -> Difference:
    values = [item["fields"].get(field.name) for item in (old, new)]
    texts = [wording.value(field, value) for wording, value in zip(words, values, strict=True)]
    if texts[0] == texts[1] and values[0] != values[1]:
        # Only what the words leave out differs, such as the address of a link or a renamed reference.
        texts = [str(value or NOTHING) for value in values] if referred_model(field) is None else texts
    return Difference(label, *texts)


def _translation_lines(model: Any, old: Snapshot, new: Snapshot) -> Iterator[Difference]:
    for code, language in OTHER_LANGUAGES.items():
        for name in model.translated_fields:
            field = model._meta.get_field(name)
            clean: Callable[[str], str] = text_of if isinstance(field, RichTextField) else str
            texts = [
                (item["fields"].get(TRANSLATIONS) or {}).get(code, {}).get(name, {}).get("text", "")
                for item in (old, new)
            ]
            label = f"{capfirst(str(field.verbose_name))} ({language})"
            before, after = (clean(text) or NOTHING for text in texts)
            yield Difference(label, before, after, language=code)


def _many_words(relation: Any, snapshot: Snapshot, words: Wording) -> str:
    keys = snapshot["many"].get(relation.name, ())
    return ", ".join(sorted(words.name(relation.related_model, key) for key in keys)) or NOTHING


def _part_lines(
    part: Part, old: Snapshot, new: Snapshot, words: tuple[Wording, Wording]
) -> Iterator[Difference]:
    before, after = ({row["pk"]: row for row in item["parts"].get(part.key, ())} for item in (old, new))
    name = capfirst(str(part.model._meta.verbose_name))
    for key in [*before, *(key for key in after if key not in before)]:
        texts = [
            wording.row(part, rows[key]) if key in rows else NOTHING
            for wording, rows in zip(words, (before, after), strict=True)
        ]
        if before.get(key) != after.get(key) and texts[0] == texts[1]:
            # A translation differs, or a part of this part.
            texts[1] = " ".join((texts[1], gettext("(translation or part changed)")))
        yield Difference(name, *texts)


def _sibling(model: type[models.Model], snapshot: Snapshot) -> str:
    key = snapshot.get("after")
    row = model._base_manager.filter(pk=key).first() if key else None
    return str(row) if row is not None else NOTHING
