"""The guide for editors, `docs/editing.md`, as a page of the admin; each screen links to its own chapter.

The guide uses a small part of Markdown: headings, paragraphs, lists, tables, code, and emphasis within a line. Anything
else stays text; nothing in it becomes HTML that is not made here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from html import escape
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify

if TYPE_CHECKING:
    from django.http import HttpRequest

PATH = settings.BASE_DIR / "docs" / "editing.md"
GENERAL = "dit-geldt-overal"
WORKING_COPY = "een-tekst-voorbereiden-terwijl-de-oude-op-de-site-blijft"
# The chapter of each model; of the others the chapter about everything.
CHAPTERS = {
    "bundle": "wijzigingen-samen-publiceren",
    "carearea": "welk-commissariaat-bedient-welk-deel-van-de-stad",
    "channel": "een-telefoonnummer-wijzigen",
    "consumer": "wie-de-open-data-gebruikt",
    "accessibilitystatement": "de-toegankelijkheidsverklaring-nazien",
    "corporateplan": "een-nieuw-plan-voorbereiden",
    "document": "een-bestand-of-een-logo-toevoegen",
    "keyfigure": "een-cijfer-met-een-streefwaarde",
    "notice": "een-bericht-op-elke-pagina",
    "organogram": "een-reorganisatie-voorbereiden",
    "placement": "de-werkplaats-van-een-organogram",
    "plan": "een-nieuw-plan-voorbereiden",
    "policy": "beleid-en-acties",
    "policydomain": "beleid-en-acties",
    "project": "een-project-bijwerken",
    "schedule": "een-dag-gesloten-of-andere-uren",
    "scheduleexception": "een-dag-gesloten-of-andere-uren",
    "schoolholiday": "de-schoolvakanties",
    "schoolyear": "de-schoolvakanties",
    "staffingtable": "de-formatie-bijwerken",
    "statement": "een-nieuw-plan-voorbereiden",
    "objective": "een-nieuw-plan-voorbereiden",
    "topic": "een-onderwerp-op-de-contactpagina",
    "unit": "een-eenheid-wijzigen",
    "user": "aanmelden",
    "zone": "de-identiteit-van-de-zone",
}
INLINE = (
    (re.compile(r"`([^`]+)`"), r"<code>\1</code>"),
    (re.compile(r"\*\*(\S(?:.*?\S)?)\*\*"), r"<strong>\1</strong>"),
    (re.compile(r"\*(\S(?:[^*]*?\S)?)\*"), r"<em>\1</em>"),
)
HEADING, NUMBERED, BULLET, ROW, CODE = "#", re.compile(r"\d+\. "), "- ", "|", "    "


def chapter_of(request: HttpRequest) -> str:
    """Return the anchor of the chapter about the screen that a request opens."""
    match = request.resolver_match
    name = (match.url_name or "") if match else ""
    if name.endswith("_working_copy"):
        return WORKING_COPY
    return CHAPTERS.get(name.split("_")[1] if name.count("_") else "", GENERAL)


@cache
def guide() -> tuple[list[tuple[str, str]], SafeString]:
    """Return the chapters, as (anchor, title), and the guide in HTML."""
    text = PATH.read_text(encoding="utf-8")
    chapters = [(slugify(line[3:]), line[3:].strip()) for line in text.splitlines() if line.startswith("## ")]
    blocks = re.split(r"\n{2,}", text.split("\n", 1)[1].strip("\n"))
    return chapters, mark_safe("\n".join(_html_of(block) for block in blocks))  # noqa: S308  # escaped below


def _html_of(block: str) -> str:
    """Return one block of the guide in HTML."""
    lines = block.split("\n")
    first = lines[0]
    if first.startswith(HEADING):
        title = first.lstrip("# ")
        level = len(first) - len(first.lstrip("#"))
        rest = "\n".join(lines[1:])
        heading = f'<h{level} id="{slugify(title)}">{_inline(title)}</h{level}>'
        return heading + (_html_of(rest) if rest else "")
    if first.startswith(CODE):
        return f'<pre tabindex="0">{escape(block)}</pre>'
    if first.startswith(ROW):
        return _table_of(lines)
    if first.startswith(BULLET) or NUMBERED.match(first):
        kind = "ul" if first.startswith(BULLET) else "ol"
        return f"<{kind}>{''.join(f'<li>{item}</li>' for item in _items_of(lines))}</{kind}>"
    place = next((number for number, line in enumerate(lines) if line.startswith(BULLET)), 0)
    if place:
        return _html_of("\n".join(lines[:place])) + _html_of("\n".join(lines[place:]))
    return f"<p>{_inline(' '.join(lines))}</p>"


def _items_of(lines: list[str]) -> Iterator[str]:
    """Yield the items of a list; a line that is indented continues the item above it."""
    item: list[str] = []
    for line in lines:
        mark = BULLET if line.startswith(BULLET) else NUMBERED.match(line)
        if mark and item:
            yield _inline(" ".join(item))
            item = []
        item.append(line[len(mark if isinstance(mark, str) else mark[0]) :] if mark else line.strip())
    yield _inline(" ".join(item))


def _table_of(lines: list[str]) -> str:
    rows = [[_inline(cell.strip()) for cell in line.strip("|").split("|")] for line in lines]
    head = "".join(f'<th scope="col">{cell}</th>' for cell in rows[0])
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows[2:])
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    return f'<div class="part-frame" tabindex="0">{table}</div>'


def _inline(text: str) -> str:
    """Return a line with its emphasis; code is left as it is."""
    parts = re.split(r"(`[^`]+`)", escape(text, quote=False))
    for number, part in enumerate(parts):
        for pattern, replacement in INLINE if not part.startswith("`") else INLINE[:1]:
            part = pattern.sub(replacement, part)
        parts[number] = part
    return "".join(parts)
