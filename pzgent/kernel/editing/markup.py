"""Rich text as editors type it: paragraphs, lists, headings, bold, italic and links, without HTML."""

import re
from html import escape
from html.parser import HTMLParser
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from pzgent.kernel.rich_text import clean_html

TAG = re.compile(r"</?[a-z][a-z0-9]*(\s[^<>]*)?>", re.IGNORECASE)
BLOCK_EDGE = re.compile(r"\s*(</?(?:p|ul|ol|li|h3|h4|blockquote)>|<br>)\s*")
LINE_KINDS = (
    ("ul", re.compile(r"^[-*•]\s+(.*)$")),
    ("ol", re.compile(r"^\d+[.)]\s+(.*)$")),
    ("h4", re.compile(r"^####\s+(.*)$")),
    ("h3", re.compile(r"^###\s+(.*)$")),
)
INLINE = (
    (re.compile(r"\[([^\]\[]+)\]\(([^()\s]+)\)"), r'<a href="\2">\1</a>'),
    (re.compile(r"\*\*(\S(?:.*?\S)?)\*\*"), r"<strong>\1</strong>"),
    (re.compile(r"(?<![*\w])\*(\S(?:[^*]*?\S)?)\*(?![*\w])"), r"<em>\1</em>"),
)
OPENING = {"strong": "**", "em": "*", "a": "[", "h3": "### ", "h4": "#### ", "br": "\n"}
CLOSING = {
    "strong": "**",
    "em": "*",
    "p": "\n\n",
    "h3": "\n\n",
    "h4": "\n\n",
    "ul": "\n",
    "ol": "\n",
    "li": "\n",
}


def to_html(text: str) -> str:
    """Convert a typed text to HTML; return a text that already contains HTML tags unchanged."""
    if TAG.search(text):
        return text
    html: list[str] = []
    block = ""
    lines: list[str] = []
    for line in [*text.splitlines(), ""]:
        kind, content = _line_kind(line)
        if kind != block:
            html.append(_block(block, lines))
            block, lines = kind, []
        lines.append(content)
    html.append(_block(block, lines))
    return "".join(html)


def _line_kind(line: str) -> tuple[str, str]:
    """Return the kind of a line (a list item, a heading, part of a paragraph, or nothing), and its content."""
    stripped = line.strip()
    for kind, pattern in LINE_KINDS:
        if match := pattern.match(stripped):
            return kind, match[1]
    return ("p" if stripped else ""), stripped


def _block(kind: str, lines: list[str]) -> str:
    """Return one block of HTML; empty if it has no content."""
    contents = [_inline(line) for line in lines]
    if kind in ("ul", "ol"):
        return f"<{kind}>{''.join(f'<li>{item}</li>' for item in contents)}</{kind}>"
    if kind in ("h3", "h4"):
        return "".join(f"<{kind}>{heading}</{kind}>" for heading in contents)
    return f"<p>{'<br>'.join(contents)}</p>" if kind else ""


def _inline(text: str) -> str:
    """Return a line with its links, bold and italic text as HTML."""
    html = escape(text, quote=False)
    for pattern, replacement in INLINE:
        html = pattern.sub(replacement, html)
    return html


class _TextWriter(HTMLParser):
    """Converts HTML back to the text that produces it."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.lists: list[tuple[str, int]] = []
        self.href = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open a list, or write the list marker or the markup of the tag."""
        if tag in ("ul", "ol"):
            self.lists.append((tag, 0))
        elif tag == "li" and self.lists:
            kind, number = self.lists[-1]
            self.lists[-1] = (kind, number + 1)
            self.parts.append("- " if kind == "ul" else f"{number + 1}. ")
        elif tag == "a":
            self.href = dict(attrs).get("href") or ""
        self.parts.append(OPENING.get(tag, ""))

    def handle_endtag(self, tag: str) -> None:
        """Close a list, or write the markup of the closing tag."""
        if tag in ("ul", "ol") and self.lists:
            self.lists.pop()
        self.parts.append(f"]({self.href})" if tag == "a" else CLOSING.get(tag, ""))

    def handle_data(self, data: str) -> None:
        """Write the text."""
        self.parts.append(re.sub(r"\s+", " ", data))


def normalise(html: str) -> str:
    """Return cleaned HTML without invisible differences, for comparison."""
    return BLOCK_EDGE.sub(r"\1", re.sub(r"\s+", " ", clean_html(html))).strip()


def to_text(html: str) -> str:
    """Return the text that an editor sees for stored HTML; the HTML itself if the text cannot express it."""
    writer = _TextWriter()
    writer.feed(normalise(html))
    text = re.sub(r"\n{3,}", "\n\n", "".join(writer.parts)).strip()
    return text if normalise(to_html(text)) == normalise(html) else html


class MarkupField(forms.CharField):
    """A textarea whose value is HTML and which shows plain text."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs["help_text"] = kwargs.get("help_text") or _(
            "Leave an empty line between paragraphs. Start a line with “- ” for a list or “### ” for a heading. "
            "**Bold**, *italic*, [link text](https://…)."
        )
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> Any:
        """Return what the editor sees."""
        return to_text(value) if isinstance(value, str) and TAG.search(value) else value

    def to_python(self, value: Any) -> str:
        """Return the HTML to store."""
        return to_html(super().to_python(value) or "")

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether the text differs from the stored one."""
        return normalise(self.to_python(data)) != normalise(initial or "")
